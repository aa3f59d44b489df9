# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# Everything that a preset may choose, in one place.

option(ANNALS_TESTS "build the tests" ON)
option(ANNALS_BENCHMARKS "build the benchmarks" ON)
option(ANNALS_FUZZ "build the fuzz targets (clang only)" OFF)
option(ANNALS_COVERAGE "instrument for source coverage (clang only)" OFF)
option(ANNALS_WARNINGS_AS_ERRORS "a warning in our own code stops the build" ON)
option(ANNALS_ASSERTIONS "check the standard library's preconditions" OFF)
option(ANNALS_PRECOMPILED_HEADERS "read foreign headers once per tree (clang only)" OFF)
option(ANNALS_COMPILED_TOGETHER "compile several files of a target at once" OFF)
option(ANNALS_BELOW_DOORS "leave out what needs gRPC, which is not built for ThreadSanitizer" OFF)
set(ANNALS_SANITIZE "" CACHE STRING "sanitizers, separated by commas: address,undefined or thread")
set(ANNALS_ONLY "" CACHE STRING "build these modules and what they depend on; empty: everything")

# What ANNALS_BELOW_DOORS leaves out: the doors, and everything that contains one.
set(ANNALS_DOOR_MODULES
    api_wire
    entity_wire
    grpc_kit
    grpc_door
    http_door
    http_client
    dialect_eskit
    dialect_kurrent
    entity_door
    client
    sdk
    node
    cli
    local_store
)
set(ANNALS_DOOR_DIRECTORIES proto apps samples tests bench fuzz)
