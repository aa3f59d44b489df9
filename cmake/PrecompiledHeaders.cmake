# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# Half of the time of a compilation goes into reading the same foreign headers. In the trees that
# are built whole (release, asan, tsan) they are read once. The trees dev, gcc and coverage go
# without, so that a file that forgets an include of its own does not compile there; headers are
# compiled alone by both compilers in each run of the tests (lint).

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

set(ANNALS_HTTP_HEADERS ${ANNALS_COMMON_HEADERS} <boost/asio.hpp> <boost/beast.hpp>)
set(ANNALS_RPC_HEADERS ${ANNALS_COMMON_HEADERS}
    <google/protobuf/arena.h> <google/protobuf/message.h> <google/protobuf/util/json_util.h>
    <grpcpp/generic/async_generic_service.h> <grpcpp/generic/generic_stub.h> <grpcpp/grpcpp.h>)
set(ANNALS_CLI_HEADERS ${ANNALS_COMMON_HEADERS} <CLI/CLI.hpp>)

annals_carry_headers(annals_headers_test ${ANNALS_TEST_HEADERS})
target_link_libraries(annals_headers_test PRIVATE GTest::gtest GTest::gmock)
annals_quick_to_build(annals_headers_test)

# plain, and with what fuzzers look for
foreach(suffix IN ITEMS "" _watched)
    if(suffix AND NOT ANNALS_FUZZ)
        continue()
    endif()
    annals_carry_headers(annals_headers${suffix} ${ANNALS_COMMON_HEADERS})
    annals_carry_headers(annals_headers_quick${suffix} ${ANNALS_COMMON_HEADERS})
    annals_quick_to_build(annals_headers_quick${suffix})
    annals_carry_headers(annals_headers_http${suffix} ${ANNALS_HTTP_HEADERS})
    target_link_libraries(annals_headers_http${suffix} PRIVATE Boost::headers)
    target_compile_definitions(annals_headers_http${suffix} PRIVATE BOOST_ASIO_NO_DEPRECATED)
    if(NOT ANNALS_BELOW_DOORS)
        annals_carry_headers(annals_headers_cli${suffix} ${ANNALS_CLI_HEADERS})
        target_link_libraries(annals_headers_cli${suffix} PRIVATE CLI11::CLI11)
        annals_carry_headers(annals_headers_rpc${suffix} ${ANNALS_RPC_HEADERS})
        target_link_libraries(annals_headers_rpc${suffix} PRIVATE
            gRPC::grpc++ protobuf::libprotobuf)
    endif()
    foreach(kind IN ITEMS "" _quick _cli _http _rpc)
        set(carrier annals_headers${kind}${suffix})
        if(suffix AND TARGET ${carrier})
            target_compile_options(${carrier} PRIVATE -fsanitize=fuzzer-no-link)
        endif()
        if(ANNALS_SANITIZE AND kind MATCHES "cli|http|rpc" AND TARGET ${carrier})
            annals_quick_to_build(${carrier})
        endif()
    endforeach()
endforeach()

# annals_precompiled_headers(target [kind] [watched]): kind is test, quick for what is not optimised
# (Optimization.cmake), or cli, http or rpc for modules most of whose files read those headers;
# watched is for what fuzzers look into
function(annals_precompiled_headers target)
    list(JOIN ARGN _ kind)
    if(kind)
        string(PREPEND kind _)
    endif()
    target_precompile_headers(${target} REUSE_FROM annals_headers${kind})
endfunction()
