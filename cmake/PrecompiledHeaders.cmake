# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# In the trees of the sanitizers, which optimise little, half of the time goes into reading the
# same foreign headers. There they are read once. The release tree goes without, so that a file
# that forgets an include of its own does not compile there.

if(NOT ANNALS_PRECOMPILED_HEADERS)
    function(annals_precompiled_headers)
    endfunction()
    return()
endif()

# what ccache needs to see through a precompiled header (its manual, "Precompiled headers")
set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ccache)
# CMake writes the header that is precompiled, and its time must not count; who uses threads and
# who does not can share a header only when both say so
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang$<SEMICOLON>-fno-pch-timestamp> -pthread)

set(ANNALS_COMMON_HEADERS
    <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstddef> <cstdint>
    <deque> <functional> <limits> <map> <memory> <mutex> <optional> <set> <span> <string>
    <string_view> <thread> <unordered_map> <utility> <variant> <vector>
    <boost/container/small_vector.hpp> <boost/unordered/unordered_flat_map.hpp>
    <nlohmann/json.hpp> <tl/expected.hpp>)
set(ANNALS_TEST_HEADERS ${ANNALS_COMMON_HEADERS}
    <filesystem> <fstream> <future> <random> <sstream>
    <gtest/gtest.h> <gmock/gmock.h>)

# targets that carry one precompiled header each: compiler flags must be those of the users
function(annals_carry_headers carrier)
    set(empty ${PROJECT_BINARY_DIR}/${carrier}.cpp)
    file(CONFIGURE OUTPUT ${empty} CONTENT "// carries precompiled headers\n")
    add_library(${carrier} OBJECT EXCLUDE_FROM_ALL ${empty})
    target_compile_features(${carrier} PRIVATE cxx_std_20)
    target_precompile_headers(${carrier} PRIVATE ${ARGN})
endfunction()

annals_carry_headers(annals_headers ${ANNALS_COMMON_HEADERS})
annals_carry_headers(annals_headers_test ${ANNALS_TEST_HEADERS})
target_link_libraries(annals_headers_test PRIVATE GTest::gtest GTest::gmock)
annals_carry_headers(annals_headers_watched ${ANNALS_COMMON_HEADERS})
target_compile_options(annals_headers_watched PRIVATE -fsanitize=fuzzer-no-link)

# annals_precompiled_headers(target [kind]): kind is test, or watched for what fuzzers look into
function(annals_precompiled_headers target)
    list(JOIN ARGN _ kind)
    if(kind)
        string(PREPEND kind _)
    endif()
    target_precompile_headers(${target} REUSE_FROM annals_headers${kind})
endfunction()
