# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# Every third-party library once, as an imported target. tools/setup/install_packages.sh reads the
# Debian packages from the comments of the form "apt: name" on a line of their own; keep that form.
# A new library needs a line here and nowhere else.

find_package(PkgConfig REQUIRED)
# apt: pkgconf

# annals_library(target LIBRARIES a b HEADER h): an imported target for a package without a CMake
# config, or with one that drags in more than its shared library needs.
function(annals_library target)
    cmake_parse_arguments(arg "" "HEADER;PACKAGE" "LIBRARIES" ${ARGN})
    string(MAKE_C_IDENTIFIER "ANNALS_LIB_${target}" var)
    set(files "")
    foreach(library IN LISTS arg_LIBRARIES)
        find_library(${var}_${library} NAMES ${library})
        mark_as_advanced(${var}_${library})
        if(NOT ${var}_${library})
            message(FATAL_ERROR "lib${library} was not found. "
                "Install it: apt-get install ${arg_PACKAGE} (make build does so).")
        endif()
        list(APPEND files ${${var}_${library}})
    endforeach()
    find_path(${var}_INCLUDE NAMES ${arg_HEADER})
    mark_as_advanced(${var}_INCLUDE)
    if(NOT ${var}_INCLUDE)
        message(FATAL_ERROR "The header ${arg_HEADER} was not found. "
            "Install it: apt-get install ${arg_PACKAGE} (make build does so).")
    endif()
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    target_include_directories(${target} SYSTEM INTERFACE ${${var}_INCLUDE})
    target_link_libraries(${target} INTERFACE ${files})
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# --- below the doors ----------------------------------------------------------------------------

# tl::expected, behind annals::Result
# apt: libexpected-dev
find_package(tl-expected CONFIG REQUIRED)

# crc32c with the processor's own instruction: crc32_iscsi
# apt: libisal-dev
annals_library(isal::isal LIBRARIES isal HEADER isa-l/crc.h PACKAGE libisal-dev)

# apt: libzstd-dev
annals_library(zstd::zstd LIBRARIES zstd HEADER zstd.h PACKAGE libzstd-dev)

# apt: libxxhash-dev
annals_library(xxHash::xxhash LIBRARIES xxhash HEADER xxhash.h PACKAGE libxxhash-dev)

# the shared library; the package's own CMake config asks for the static one's friends too
# apt: librocksdb-dev
annals_library(RocksDB::rocksdb LIBRARIES rocksdb HEADER rocksdb/db.h PACKAGE librocksdb-dev)

# SHA-256, TLS, passwords
# apt: libssl-dev
find_package(OpenSSL REQUIRED)

# Asio, Beast. The unversioned package is 1.74, whose coroutine headers do not compile alone.
# apt: libboost1.81-dev
find_package(boost_headers 1.81.0 EXACT CONFIG REQUIRED)
target_link_libraries(Boost::headers INTERFACE Threads::Threads)
target_compile_definitions(Boost::headers INTERFACE BOOST_ASIO_NO_DEPRECATED)

# apt: nlohmann-json3-dev
find_package(nlohmann_json CONFIG REQUIRED)

# JSON of events: fast, checks UTF-8, keeps the bytes of values
# apt: libsimdjson-dev
find_package(simdjson CONFIG REQUIRED)

# gzip and deflate of HTTP answers
# apt: zlib1g-dev
find_package(ZLIB REQUIRED)

# XES: XML as it comes, without a tree
# apt: libexpat1-dev
find_package(EXPAT REQUIRED)

# apt: libspdlog-dev
find_package(spdlog CONFIG REQUIRED)

# The package's CMake config asks for libcurl and civetweb, which the core does without.
# apt: prometheus-cpp-dev
annals_library(prometheus-cpp::core
    LIBRARIES prometheus-cpp-core HEADER prometheus/registry.h PACKAGE prometheus-cpp-dev)

# apt: libcli11-dev
find_package(CLI11 CONFIG REQUIRED)

# apt: libtomlplusplus-dev
find_package(tomlplusplus CONFIG REQUIRED)

# regular expressions with a bounded effort
# apt: libpcre2-dev
annals_library(pcre2::pcre2 LIBRARIES pcre2-8 HEADER pcre2.h PACKAGE libpcre2-dev)
target_compile_definitions(pcre2::pcre2 INTERFACE PCRE2_CODE_UNIT_WIDTH=8)

# --- the doors ----------------------------------------------------------------------------------

if(NOT ANNALS_BELOW_DOORS)
    # apt: libprotobuf-dev
    # apt: protobuf-compiler
    find_package(Protobuf REQUIRED)
    # apt: libgrpc++-dev
    # apt: protobuf-compiler-grpc
    # apt: libabsl-dev
    # apt: libc-ares-dev
    # apt: libre2-dev
    # apt: zlib1g-dev
    find_package(gRPC CONFIG REQUIRED)
    find_program(ANNALS_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
endif()

# --- tests and benchmarks -----------------------------------------------------------------------

if(ANNALS_TESTS)
    # apt: libgtest-dev
    # apt: libgmock-dev
    find_package(GTest CONFIG REQUIRED)
    # apt: librapidcheck-dev
    find_package(rapidcheck CONFIG REQUIRED)
endif()
if(ANNALS_TESTS AND NOT ANNALS_BELOW_DOORS)
    # the list of scenarios that all clients pass is YAML
    # apt: libyaml-cpp-dev
    find_package(yaml-cpp CONFIG REQUIRED)
endif()
if(ANNALS_BENCHMARKS)
    # apt: libbenchmark-dev
    find_package(benchmark CONFIG REQUIRED)
endif()
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
