# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# annals_error_catalogue(target): generates annals/base/error_code.hpp and its body from
# tools/errors/errors.toml and adds them to the module. Runs at configure time, so that editors and
# clang-tidy find the header before the first build; a change of the catalogue configures again.

function(annals_error_catalogue target)
    set(script ${PROJECT_SOURCE_DIR}/tools/errors/generate.py)
    set(catalogue ${PROJECT_SOURCE_DIR}/tools/errors/errors.toml)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/generated)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${script} ${catalogue})
    execute_process(
        COMMAND ${Python3_EXECUTABLE} ${script} --catalogue ${catalogue} --cpp ${out}
        COMMAND_ERROR_IS_FATAL ANY
    )
    target_sources(annals_${target}
        PUBLIC FILE_SET generated TYPE HEADERS BASE_DIRS ${out}/include
            FILES ${out}/include/annals/base/error_code.hpp
        PRIVATE ${out}/src/error_code.cpp
    )
endfunction()
