// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/api/scavenge.hpp"
#include "annals/base/result.hpp"

namespace annals::api_wire {

/// annals.v1.StartScavengeRequest.
void encode_start_scavenge_request(std::string& out, const api::StartScavengeRequest& request);
Result<api::StartScavengeRequest> decode_start_scavenge_request(std::string_view bytes);

/// annals.v1.ControlScavengeRequest. invalid_argument: the command is none of the three.
void encode_control_scavenge_request(std::string& out, api::ScavengeCommand command);
Result<api::ScavengeCommand> decode_control_scavenge_request(std::string_view bytes);

/// annals.v1.ScavengeStatus. A state that is not known is `never`.
void encode_scavenge_status(std::string& out, const api::ScavengeStatus& status);
Result<api::ScavengeStatus> decode_scavenge_status(std::string_view bytes);

}  // namespace annals::api_wire
