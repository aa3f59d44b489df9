# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# cmake -DAR=ar -DOUT=libannals.a -DPARTS=a.a;b.a -P merge_archives.cmake: one archive of many.
# Members of one name in different parts stay apart.
set(script "create ${OUT}\n")
foreach(part IN LISTS PARTS)
    string(APPEND script "addlib ${part}\n")
endforeach()
string(APPEND script "save\nend\n")
file(REMOVE ${OUT})
file(WRITE ${OUT}.mri "${script}")
execute_process(COMMAND ${AR} -M INPUT_FILE ${OUT}.mri COMMAND_ERROR_IS_FATAL ANY)
