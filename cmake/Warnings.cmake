# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# Warnings for our own code; foreign headers and generated code are compiled without them.

set(ANNALS_WARNING_FLAGS
    -Wall
    -Wextra
    -Wshadow
    -Wconversion
    -Wnon-virtual-dtor
    -Wold-style-cast
)
if(ANNALS_WARNINGS_AS_ERRORS)
    list(APPEND ANNALS_WARNING_FLAGS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 gives these for correct code when it inlines across containers and coroutine frames;
    # and it finds a shadow where a constructor's parameter is called like a member function.
    list(APPEND ANNALS_WARNING_FLAGS
        -Wno-maybe-uninitialized
        -Wno-restrict
        -Wno-array-bounds
        -Wno-stringop-overflow
        -Wno-stringop-overread
        -Wno-free-nonheap-object
        -Wno-dangling-reference
        -Wno-shadow
        -Wno-missing-field-initializers
    )
endif()

function(annals_warnings target)
    target_compile_options(${target} PRIVATE ${ANNALS_WARNING_FLAGS})
endfunction()
