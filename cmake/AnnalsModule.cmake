# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# annals_module(name
#     [DEPENDS ...]            what public headers include: modules by bare name, or a::b targets
#     [PRIVATE_DEPENDS ...]    what only src/ includes
#     [TEST_DEPENDS ...]       what only the tests and benchmarks include (x_testing for x's fakes)
#     [TESTING_DEPENDS ...]    what only this module's own testing/ includes
#     [HEADERS http|rpc])      foreign headers that most of src/ reads (PrecompiledHeaders.cmake)
#
# makes, by suffix in src/ (recursively, new files need no edit of CMake files):
#
#     annals::name             src/*.cpp without the twins; header-only modules work too
#     annals_name_test         src/*_test.cpp        one ctest per TEST, label unit, run in the
#                                                    module's folder (so testdata/ is found)
#     annals_name_bench        src/*_bench.cpp
#     annals_name_x_fuzz       src/x_fuzz.cpp        one program each, preset asan, target fuzzers
#     annals::name_testing     testing/include/ and testing/*.cpp: fakes for others' tests
#
# and lets the target all_verify_interface_header_sets compile every public header alone.

include(GoogleTest)

# bare module names -> annals::name, loading the module when it was not met yet
function(annals_resolve_dependencies out)
    set(result "")
    foreach(name IN LISTS ARGN)
        if(name MATCHES "::")
            list(APPEND result ${name})
        else()
            string(REGEX REPLACE "_(testing|proto)$" "" module ${name})
            annals_load_module(${module})
            list(APPEND result annals::${name})
        endif()
    endforeach()
    set(${out} ${result} PARENT_SCOPE)
endfunction()

# Adds modules/<name> once, whoever asks first.
function(annals_load_module name)
    get_property(loaded GLOBAL PROPERTY ANNALS_LOADED_MODULES)
    if(name IN_LIST loaded OR NOT EXISTS ${PROJECT_SOURCE_DIR}/modules/${name}/CMakeLists.txt)
        return()
    endif()
    set_property(GLOBAL APPEND PROPERTY ANNALS_LOADED_MODULES ${name})
    add_subdirectory(${PROJECT_SOURCE_DIR}/modules/${name} ${PROJECT_BINARY_DIR}/modules/${name})
endfunction()

function(annals_add_modules)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/modules)
    if(ANNALS_ONLY)
        string(REPLACE "," ";" names "${ANNALS_ONLY}")
    else()
        file(GLOB names RELATIVE ${PROJECT_SOURCE_DIR}/modules CONFIGURE_DEPENDS
            ${PROJECT_SOURCE_DIR}/modules/*/CMakeLists.txt)
        list(TRANSFORM names REPLACE "/CMakeLists.txt$" "")
    endif()
    foreach(name IN LISTS names)
        if(NOT EXISTS ${PROJECT_SOURCE_DIR}/modules/${name}/CMakeLists.txt)
            message(FATAL_ERROR
                "There is no module ${name}: modules/${name}/CMakeLists.txt is missing.")
        endif()
        if(NOT (ANNALS_BELOW_DOORS AND name IN_LIST ANNALS_DOOR_MODULES))
            annals_load_module(${name})
        endif()
    endforeach()
endfunction()

# Adds folders (globs relative to the top) that have a CMakeLists.txt.
function(annals_add_directories)
    foreach(pattern IN LISTS ARGN)
        string(REGEX REPLACE "/.*" "" top ${pattern})
        if(ANNALS_BELOW_DOORS AND top IN_LIST ANNALS_DOOR_DIRECTORIES)
            continue()
        endif()
        file(GLOB found RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS
            ${PROJECT_SOURCE_DIR}/${pattern}/CMakeLists.txt)
        foreach(file IN LISTS found)
            get_filename_component(directory ${file} DIRECTORY)
            add_subdirectory(${directory})
        endforeach()
    endforeach()
endfunction()

# annals_test(target SOURCES ... [DEPENDS ...] [LABEL unit] [WORKING_DIRECTORY dir])
function(annals_test target)
    cmake_parse_arguments(arg "" "LABEL;WORKING_DIRECTORY" "SOURCES;DEPENDS" ${ARGN})
    if(NOT ANNALS_TESTS)
        return()
    endif()
    if(NOT arg_LABEL)
        set(arg_LABEL unit)
    endif()
    if(NOT arg_WORKING_DIRECTORY)
        set(arg_WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    endif()
    annals_resolve_dependencies(depends ${arg_DEPENDS})
    add_executable(${target} ${arg_SOURCES})
    annals_warnings(${target})
    annals_quick_to_build(${target})
    annals_precompiled_headers(${target} test)
    annals_compiled_together(${target})
    target_link_libraries(${target} PRIVATE
        ${depends} GTest::gmock_main GTest::gmock GTest::gtest rapidcheck rapidcheck_gtest)
    gtest_discover_tests(${target}
        DISCOVERY_MODE PRE_TEST
        DISCOVERY_TIMEOUT 60
        WORKING_DIRECTORY ${arg_WORKING_DIRECTORY}
        PROPERTIES LABELS ${arg_LABEL} TIMEOUT 300
    )
endfunction()

# annals_contract(target SOURCES ... [DEPENDS ...]): tests of a port, compiled once; the test of
# each body links them
function(annals_contract target)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
    if(NOT ANNALS_TESTS)
        return()
    endif()
    annals_resolve_dependencies(depends ${arg_DEPENDS})
    # objects, not an archive: a linker leaves out members that nobody names, and tests are such
    add_library(${target} OBJECT ${arg_SOURCES})
    annals_warnings(${target})
    annals_quick_to_build(${target})
    annals_precompiled_headers(${target} test)
    annals_compiled_together(${target})
    target_include_directories(${target} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${target} PUBLIC ${depends} GTest::gmock GTest::gtest)
endfunction()

# annals_app(name [DEPENDS ...]): the program <name> from the .cpp files of its folder
function(annals_app name)
    cmake_parse_arguments(arg "" "" "DEPENDS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp)
    annals_resolve_dependencies(depends ${arg_DEPENDS})
    add_executable(${name} ${sources})
    annals_warnings(${name})
    target_link_libraries(${name} PRIVATE ${depends})
endfunction()

# annals_bench(target SOURCES ... [DEPENDS ...])
function(annals_bench target)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
    if(NOT ANNALS_BENCHMARKS)
        return()
    endif()
    annals_resolve_dependencies(depends ${arg_DEPENDS})
    add_executable(${target} ${arg_SOURCES})
    annals_warnings(${target})
    target_link_libraries(${target} PRIVATE
        ${depends} benchmark::benchmark_main benchmark::benchmark)
    set_property(GLOBAL APPEND PROPERTY ANNALS_BENCH_TARGETS ${target})
endfunction()

# annals_fuzz(target SOURCES ... [DEPENDS ...]); build all of them with the target fuzzers
function(annals_fuzz target)
    cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
    if(NOT ANNALS_FUZZ)
        return()
    endif()
    annals_resolve_dependencies(depends ${arg_DEPENDS})
    add_executable(${target} EXCLUDE_FROM_ALL ${arg_SOURCES})
    annals_warnings(${target})
    target_link_libraries(${target} PRIVATE ${depends})
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set_target_properties(${target} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzzers)
    if(NOT TARGET fuzzers)
        add_custom_target(fuzzers)
    endif()
    add_dependencies(fuzzers ${target})
endfunction()

# Public headers of the target: base is the include directory.
function(annals_public_headers target scope base)
    file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${base}/*.hpp)
    if(headers)
        target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS ${base} FILES ${headers})
        set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
        set_property(GLOBAL APPEND PROPERTY ANNALS_HEADERS ${headers})
        set_property(GLOBAL APPEND PROPERTY ANNALS_HEADER_TARGETS ${target})
    endif()
    if(EXISTS ${base})
        target_include_directories(${target} ${scope} ${base})
    endif()
endfunction()

function(annals_module name)
    cmake_parse_arguments(arg "" "HEADERS" "DEPENDS;PRIVATE_DEPENDS;TEST_DEPENDS;TESTING_DEPENDS"
        ${ARGN})
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "annals_module(${name}): not understood: ${arg_UNPARSED_ARGUMENTS}. "
            "Known: DEPENDS, PRIVATE_DEPENDS, TEST_DEPENDS, TESTING_DEPENDS, HEADERS.")
    endif()
    annals_resolve_dependencies(depends ${arg_DEPENDS})
    annals_resolve_dependencies(private_depends ${arg_PRIVATE_DEPENDS})
    annals_resolve_dependencies(testing_depends ${arg_TESTING_DEPENDS})

    set(here ${CMAKE_CURRENT_SOURCE_DIR})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${here}/src/*.cpp)
    set(tests ${sources})
    set(benches ${sources})
    set(fuzzers ${sources})
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
    list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cpp$")

    set(target annals_${name})
    if(sources)
        set(scope PUBLIC)
        add_library(${target} STATIC ${sources})
        annals_warnings(${target})
        target_include_directories(${target} PRIVATE ${here}/src)
        target_link_libraries(${target} PUBLIC ${depends} PRIVATE ${private_depends})
        set(headers ${arg_HEADERS})
        if(ANNALS_SANITIZE AND name IN_LIST ANNALS_DOOR_MODULES)
            annals_quick_to_build(${target})
            if(NOT headers)
                set(headers quick)
            endif()
        endif()
        if(ANNALS_FUZZ AND fuzzers)
            target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
            list(APPEND headers watched)
        endif()
        annals_precompiled_headers(${target} ${headers})
        annals_compiled_together(${target})
    else()
        set(scope INTERFACE)
        add_library(${target} INTERFACE)
        target_link_libraries(${target} INTERFACE ${depends} ${private_depends})
    endif()
    add_library(annals::${name} ALIAS ${target})
    target_compile_features(${target} ${scope} cxx_std_20)
    annals_public_headers(${target} ${scope} ${here}/include)

    set(own annals::${name})
    file(GLOB testing_sources CONFIGURE_DEPENDS ${here}/testing/*.cpp)
    if(testing_sources OR EXISTS ${here}/testing/include)
        set(testing annals_${name}_testing)
        if(testing_sources)
            set(testing_scope PUBLIC)
            add_library(${testing} STATIC EXCLUDE_FROM_ALL ${testing_sources})
            annals_warnings(${testing})
            annals_precompiled_headers(${testing})
        else()
            set(testing_scope INTERFACE)
            add_library(${testing} INTERFACE)
        endif()
        add_library(annals::${name}_testing ALIAS ${testing})
        target_link_libraries(${testing} ${testing_scope} annals::${name} ${testing_depends})
        annals_public_headers(${testing} ${testing_scope} ${here}/testing/include)
        list(APPEND own annals::${name}_testing)
    endif()

    # Resolved only now: others' fakes may need this module.
    set(twin_depends ${own} ${private_depends} ${arg_TEST_DEPENDS})
    if(tests)
        annals_test(${target}_test SOURCES ${tests} DEPENDS ${twin_depends})
    endif()
    if(benches)
        annals_bench(${target}_bench SOURCES ${benches} DEPENDS ${twin_depends})
    endif()
    foreach(fuzzer IN LISTS fuzzers)
        get_filename_component(stem ${fuzzer} NAME_WE)
        annals_fuzz(${target}_${stem} SOURCES ${fuzzer} DEPENDS ${twin_depends})
    endforeach()
    foreach(twin IN ITEMS ${target}_test ${target}_bench)
        if(TARGET ${twin})
            target_include_directories(${twin} PRIVATE ${here}/src)
        endif()
    endforeach()
    foreach(fuzzer IN LISTS fuzzers)
        get_filename_component(stem ${fuzzer} NAME_WE)
        if(TARGET ${target}_${stem})
            target_include_directories(${target}_${stem} PRIVATE ${here}/src)
        endif()
    endforeach()
endfunction()

# All public headers in few files, for a quick look of another compiler: target all_headers.
function(annals_add_all_headers)
    get_property(headers GLOBAL PROPERTY ANNALS_HEADERS)
    get_property(targets GLOBAL PROPERTY ANNALS_HEADER_TARGETS)
    set(parts 4)
    set(place 0)
    foreach(header IN LISTS headers)
        math(EXPR part "${place} % ${parts}")
        string(APPEND text_${part} "#include \"${header}\"\n")
        math(EXPR place "${place} + 1")
    endforeach()
    set(sources)
    math(EXPR last "${parts} - 1")
    foreach(part RANGE ${last})
        set(source ${PROJECT_BINARY_DIR}/all_headers_${part}.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "${text_${part}}" @ONLY)
        list(APPEND sources ${source})
    endforeach()
    add_library(all_headers OBJECT EXCLUDE_FROM_ALL ${sources})
    annals_warnings(all_headers)
    target_link_libraries(all_headers PRIVATE ${targets})
endfunction()

# Repository hygiene as ordinary tests, label lint.
function(annals_add_lint_tests)
    if(NOT ANNALS_TESTS OR ANNALS_SANITIZE)
        return()
    endif()
    set(tools ${PROJECT_SOURCE_DIR}/tools)
    annals_lint_test(tidy ${Python3_EXECUTABLE} ${tools}/tidy/tidy.py)
    annals_lint_test(tidy_self_test ${Python3_EXECUTABLE} ${tools}/tidy/tidy_test.py)
    annals_lint_test(format ${tools}/tidy/format.sh --check)
    annals_lint_test(errors_self_test ${Python3_EXECUTABLE} ${tools}/errors/generate_test.py)
    annals_lint_test(dashboards ${Python3_EXECUTABLE} ${tools}/dashboards/generate.py --check)
    annals_lint_test(cpp_reference
        ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/clients/cpp/reference.py --check)
    annals_lint_test(errors_page ${Python3_EXECUTABLE} ${tools}/errors/generate.py --check)
    annals_lint_test(headers_compile_alone ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR}
        --target all_verify_interface_header_sets)
    set_tests_properties(lint.headers_compile_alone PROPERTIES TIMEOUT 1800 RUN_SERIAL ON)
    if(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
        # the other compiler, as far as a quick test can look: that headers need no others was seen
        annals_lint_test(gcc_configures ${CMAKE_COMMAND} --preset gcc --log-level=WARNING)
        annals_lint_test(gcc_headers_compile ${CMAKE_COMMAND} --build --preset gcc
            --target all_headers)
        set_tests_properties(lint.gcc_configures PROPERTIES FIXTURES_SETUP gcc_configured)
        set_tests_properties(lint.gcc_headers_compile PROPERTIES
            FIXTURES_REQUIRED gcc_configured TIMEOUT 1800 RUN_SERIAL ON
            ENVIRONMENT "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR};CCACHE_NOHASHDIR=1")
    endif()
endfunction()

function(annals_lint_test name)
    add_test(NAME lint.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT 60)
endfunction()
