# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# What files of one target have in common (headers, templates of Asio and Beast) is compiled once
# for several of them in the trees that are built whole (release, asan, tsan): that takes a third of
# the time. The trees dev, gcc and coverage compile each file alone, so that a file that leans on
# its neighbour's includes or names does not compile there.

if(NOT ANNALS_COMPILED_TOGETHER)
    function(annals_compiled_together)
    endfunction()
    return()
endif()

# Mutations (tests/mutation) compile one file anew, which therefore has an object of its own.
set(ANNALS_MUTATED_SOURCES)
if(ANNALS_TESTS AND NOT ANNALS_SANITIZE)
    file(GLOB lists CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/mutation/*.py)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${lists})
    foreach(list IN LISTS lists)
        file(STRINGS ${list} lines REGEX "\"(modules|samples)/[a-z_/0-9]+\\.cpp\"")
        foreach(line IN LISTS lines)
            string(REGEX MATCH "(modules|samples)/[a-z_/0-9]+\\.cpp" source "${line}")
            list(APPEND ANNALS_MUTATED_SOURCES ${PROJECT_SOURCE_DIR}/${source})
        endforeach()
    endforeach()
    list(REMOVE_DUPLICATES ANNALS_MUTATED_SOURCES)
endif()

# annals_compiled_together(target): its files eight at a time, but for those that mutations change
function(annals_compiled_together target)
    get_target_property(sources ${target} SOURCES)
    list(LENGTH sources count)
    if(count LESS 2)
        return()
    endif()
    foreach(source IN LISTS sources)
        if(source IN_LIST ANNALS_MUTATED_SOURCES)
            set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
        endif()
    endforeach()
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
endfunction()
