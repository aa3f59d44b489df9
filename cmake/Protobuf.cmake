# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# annals_proto_library(name PROTO_ROOT dir FILES a/b.proto ... [DEPENDS other ...] [GRPC])
#
# Makes annals::<name>_proto from .proto files named relative to PROTO_ROOT, which is also how C++
# includes them ("a/b.pb.h", with GRPC "a/b.grpc.pb.h" too). Generated into the build tree, compiled
# without our warnings. The serialised descriptors of all files and their imports are the file named
# by the target's property ANNALS_DESCRIPTOR_SET. DEPENDS names other proto libraries (without
# _proto) whose files are imported.

function(annals_proto_library name)
    cmake_parse_arguments(arg "GRPC" "PROTO_ROOT" "FILES;DEPENDS" ${ARGN})
    if(arg_UNPARSED_ARGUMENTS OR NOT arg_PROTO_ROOT OR NOT arg_FILES)
        message(FATAL_ERROR "annals_proto_library(${name}) needs PROTO_ROOT and FILES; "
            "not understood: ${arg_UNPARSED_ARGUMENTS}")
    endif()
    set(target annals_${name}_proto)
    get_filename_component(root ${arg_PROTO_ROOT} ABSOLUTE)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/generated/${name})
    file(MAKE_DIRECTORY ${out})

    set(roots ${root})
    foreach(other IN LISTS arg_DEPENDS)
        get_target_property(other_roots annals_${other}_proto ANNALS_PROTO_ROOTS)
        list(APPEND roots ${other_roots})
    endforeach()
    list(REMOVE_DUPLICATES roots)
    list(TRANSFORM roots PREPEND "-I" OUTPUT_VARIABLE include_flags)

    set(generated "")
    set(inputs "")
    foreach(file IN LISTS arg_FILES)
        string(REGEX REPLACE "\\.proto$" "" stem ${file})
        set(outputs ${out}/${stem}.pb.cc ${out}/${stem}.pb.h)
        set(grpc_flags "")
        if(arg_GRPC)
            list(APPEND outputs ${out}/${stem}.grpc.pb.cc ${out}/${stem}.grpc.pb.h)
            set(grpc_flags --grpc_out=${out} --plugin=protoc-gen-grpc=${ANNALS_GRPC_CPP_PLUGIN})
        endif()
        add_custom_command(
            OUTPUT ${outputs}
            COMMAND protobuf::protoc ${include_flags} --cpp_out=${out} ${grpc_flags} ${root}/${file}
            DEPENDS ${root}/${file}
            COMMENT "protoc ${file}"
            VERBATIM
        )
        list(APPEND generated ${outputs})
        list(APPEND inputs ${root}/${file})
    endforeach()

    set(descriptor ${out}/${name}.binpb)
    add_custom_command(
        OUTPUT ${descriptor}
        COMMAND protobuf::protoc ${include_flags} --include_imports
            --descriptor_set_out=${descriptor} ${inputs}
        DEPENDS ${inputs}
        COMMENT "protoc descriptors of ${name}"
        VERBATIM
    )
    add_custom_target(${target}_descriptor DEPENDS ${descriptor})

    add_library(${target} STATIC EXCLUDE_FROM_ALL ${generated})
    add_library(annals::${name}_proto ALIAS ${target})
    add_dependencies(${target} ${target}_descriptor)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_compile_options(${target} PRIVATE -w)
    if(ANNALS_SANITIZE)
        annals_quick_to_build(${target})
    endif()
    target_include_directories(${target} SYSTEM PUBLIC ${out})
    target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
    if(arg_GRPC)
        target_link_libraries(${target} PUBLIC gRPC::grpc++)
    endif()
    foreach(other IN LISTS arg_DEPENDS)
        target_link_libraries(${target} PUBLIC annals_${other}_proto)
    endforeach()
    set_target_properties(${target} PROPERTIES
        ANNALS_PROTO_ROOTS "${roots}"
        ANNALS_DESCRIPTOR_SET ${descriptor}
    )
endfunction()
