# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# What `cmake --install` gives to C++ programs (docs/adr/0017): the headers of modules/sdk and the
# words of modules/base that they include, one static library of all parcels behind them, a CMake
# package and annals.pc.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The static libraries of ours that a target is linked of, itself included.
function(annals_static_parts target out)
    set(waiting ${target})
    set(found "")
    while(waiting)
        list(POP_FRONT waiting next)
        string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" next "${next}")
        if(NOT TARGET "${next}")
            continue()
        endif()
        get_target_property(real ${next} ALIASED_TARGET)
        if(real)
            set(next ${real})
        endif()
        if(next IN_LIST found OR NOT next MATCHES "^annals_")
            continue()
        endif()
        list(APPEND found ${next})
        get_target_property(linked ${next} INTERFACE_LINK_LIBRARIES)
        if(linked)
            list(APPEND waiting ${linked})
        endif()
    endwhile()
    set(parts "")
    foreach(one IN LISTS found)
        get_target_property(type ${one} TYPE)
        if(type STREQUAL "STATIC_LIBRARY")
            list(APPEND parts ${one})
        endif()
    endforeach()
    set(${out} ${parts} PARENT_SCOPE)
endfunction()

annals_static_parts(annals_sdk parts)
set(archive ${PROJECT_BINARY_DIR}/lib/libannals.a)
set(files "")
foreach(part IN LISTS parts)
    list(APPEND files $<TARGET_FILE:${part}>)
endforeach()
add_custom_command(
    OUTPUT ${archive}
    COMMAND ${CMAKE_COMMAND} -DAR=${CMAKE_AR} -DOUT=${archive} "-DPARTS=${files}"
        -P ${PROJECT_SOURCE_DIR}/cmake/merge_archives.cmake
    DEPENDS ${parts} ${files} ${PROJECT_SOURCE_DIR}/cmake/merge_archives.cmake
    COMMENT "Merging libannals.a"
    VERBATIM
)
add_custom_target(annals_sdk_archive ALL DEPENDS ${archive})

# The shared libraries of Debian packages that the parcels are linked with (Dependencies.cmake).
set(ANNALS_SDK_LIBRARIES
    grpc++ grpc gpr protobuf absl_synchronization rocksdb zstd xxhash isal crypto simdjson
    spdlog fmt prometheus-cpp-core pcre2-8 tomlplusplus)
list(TRANSFORM ANNALS_SDK_LIBRARIES PREPEND "-l" OUTPUT_VARIABLE flags)
list(JOIN flags " " ANNALS_SDK_FLAGS)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/annals)
configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/annals-config.cmake.in ${PROJECT_BINARY_DIR}/annals-config.cmake
    INSTALL_DESTINATION ${package}
    PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/annals-config-version.cmake COMPATIBILITY SameMinorVersion)
# annals.pc finds its prefix from where it lies: lib/pkgconfig, lib/x86_64-linux-gnu/pkgconfig
file(RELATIVE_PATH ANNALS_PC_TO_PREFIX /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(
    ${PROJECT_SOURCE_DIR}/cmake/annals.pc.in ${PROJECT_BINARY_DIR}/annals.pc @ONLY)

install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(
    FILES ${PROJECT_BINARY_DIR}/annals-config.cmake
        ${PROJECT_BINARY_DIR}/annals-config-version.cmake
    DESTINATION ${package})
install(FILES ${PROJECT_BINARY_DIR}/annals.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(DIRECTORY modules/sdk/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
set(base ${PROJECT_SOURCE_DIR}/modules/base/include/annals/base)
set(ANNALS_SDK_BASE_HEADERS
    ${base}/clock.hpp ${base}/error.hpp ${base}/named_type.hpp ${base}/uuid.hpp
    ${PROJECT_BINARY_DIR}/modules/base/generated/include/annals/base/error_code.hpp)
install(FILES ${ANNALS_SDK_BASE_HEADERS} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/annals/base)
