# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# annals_sample(name [PROGRAM program] [DEPENDS ...])
#
# A sample is a program of somebody else: of annals it sees the installed client (annals::annals),
# and nothing more. Makes, by suffix, as annals_module() does:
#
#     sample_<name>             src/*.cpp without the twins, and include/
#     <program>                 main.cpp
#     sample_<name>_test        src/*_test.cpp       label unit
#     sample_<name>_x_fuzz      src/x_fuzz.cpp       preset asan, target fuzzers
function(annals_sample name)
    cmake_parse_arguments(arg "" "PROGRAM" "DEPENDS" ${ARGN})
    set(here ${CMAKE_CURRENT_SOURCE_DIR})
    file(GLOB sources CONFIGURE_DEPENDS ${here}/src/*.cpp)
    set(tests ${sources})
    set(fuzzers ${sources})
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")
    list(FILTER sources EXCLUDE REGEX "_(test|fuzz)\\.cpp$")

    set(library sample_${name})
    add_library(${library} STATIC ${sources})
    annals_warnings(${library})
    annals_compiled_together(${library})
    target_include_directories(${library} PRIVATE ${here}/src)
    if(EXISTS ${here}/include)
        target_include_directories(${library} PUBLIC ${here}/include)
    endif()
    target_link_libraries(${library} PUBLIC annals::annals ${arg_DEPENDS})
    if(ANNALS_SANITIZE)
        annals_quick_to_build(${library})
    endif()
    if(ANNALS_FUZZ AND fuzzers)
        target_compile_options(${library} PRIVATE -fsanitize=fuzzer-no-link)
    endif()

    if(arg_PROGRAM)
        add_executable(${arg_PROGRAM} ${here}/main.cpp)
        annals_warnings(${arg_PROGRAM})
        target_include_directories(${arg_PROGRAM} PRIVATE ${here}/src)
        target_link_libraries(${arg_PROGRAM} PRIVATE ${library})
        if(ANNALS_SANITIZE)
            annals_quick_to_build(${arg_PROGRAM})
        endif()
    endif()
    if(tests)
        annals_test(${library}_test SOURCES ${tests} DEPENDS)
        if(TARGET ${library}_test)
            target_include_directories(${library}_test PRIVATE ${here}/src)
            target_link_libraries(${library}_test PRIVATE ${library})
        endif()
    endif()
    foreach(fuzzer IN LISTS fuzzers)
        get_filename_component(stem ${fuzzer} NAME_WE)
        annals_fuzz(${library}_${stem} SOURCES ${fuzzer})
        if(TARGET ${library}_${stem})
            target_include_directories(${library}_${stem} PRIVATE ${here}/src)
            target_link_libraries(${library}_${stem} PRIVATE ${library})
        endif()
    endforeach()
endfunction()
