// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "generic_call.hpp"

namespace annals::grpc_door {

inline constexpr std::string_view kReflectionNames[] = {
    "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"
};

/// Bytes of the ServerReflectionResponse to a ServerReflectionRequest, from the descriptors linked
/// into this program. Both versions of the protocol have the same messages.
std::string reflect(std::string_view request, const std::vector<std::string>& services);

/// Logic of ServerReflectionInfo. The names must outlive the call.
std::unique_ptr<CallLogic> make_reflection_logic(
    GenericCall& call, const std::vector<std::string>& services
);

}  // namespace annals::grpc_door
