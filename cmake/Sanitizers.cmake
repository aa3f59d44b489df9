# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# Instrumentation changes the whole program, so it is set once for every target of this tree.

# No machine paths in binaries, and the same compiler cache entries in every checkout.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -fno-omit-frame-pointer)

if(ANNALS_ASSERTIONS)
    add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

if(ANNALS_SANITIZE)
    add_compile_options(-fsanitize=${ANNALS_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${ANNALS_SANITIZE} -fno-sanitize-recover=all)
endif()

# Only modules with fuzz targets are watched for coverage (AnnalsModule.cmake). Fuzz targets and
# tests under AddressSanitizer share one tree, so that everything is compiled once for both.
if(ANNALS_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        message(FATAL_ERROR "Fuzz targets need clang. Use the preset asan, or set ANNALS_FUZZ=OFF.")
    endif()
endif()

if(ANNALS_COVERAGE)
    add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
    add_link_options(-fprofile-instr-generate)
endif()
