# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# Where compilation time goes. Tests beside an optimised program are not optimised themselves: that
# would be a third of what compiling them costs, and they spend their time in the modules. Under
# sanitizers what lies below the doors is (its tests take a fifth of the time with -O1), while
# doors, clients and tools are not: they are many files, and wait for others.

# annals_quick_to_build(target): without optimisation, in the trees that are built whole
function(annals_quick_to_build target)
    if(ANNALS_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
        target_compile_options(${target} PRIVATE -O0)
    endif()
endfunction()
