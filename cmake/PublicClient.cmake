# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# annals::annals inside this tree: the C++ client as `cmake --install` gives it (InstallSdk.cmake),
# under the name that its CMake package gives. Its include folder holds links to the headers that
# are installed, and to no other: what is built on it sees of annals what its users see.

set(view ${PROJECT_BINARY_DIR}/public_client/include)
file(REMOVE_RECURSE ${view})
file(MAKE_DIRECTORY ${view}/annals/base)
set(client ${PROJECT_SOURCE_DIR}/modules/sdk/include/annals)
file(GLOB entries CONFIGURE_DEPENDS ${client}/*)
foreach(entry IN LISTS entries)
    get_filename_component(name ${entry} NAME)
    file(CREATE_LINK ${entry} ${view}/annals/${name} SYMBOLIC)
endforeach()
foreach(header IN LISTS ANNALS_SDK_BASE_HEADERS)
    get_filename_component(name ${header} NAME)
    file(CREATE_LINK ${header} ${view}/annals/base/${name} SYMBOLIC)
endforeach()

add_library(annals_public_client INTERFACE)
add_library(annals::annals ALIAS annals_public_client)
target_compile_features(annals_public_client INTERFACE cxx_std_20)
target_include_directories(annals_public_client INTERFACE ${view})
# linked, not included; the order of building comes with it, and so do generated headers
target_link_libraries(annals_public_client INTERFACE
    $<LINK_ONLY:annals_sdk> Threads::Threads)
