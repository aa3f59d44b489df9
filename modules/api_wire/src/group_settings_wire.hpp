// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/result.hpp"

namespace annals::api_wire {

/// annals.v1.GroupSettings; numbers that are missing are 0.
void encode_group_settings(std::string& out, const api::GroupSettings& settings);
Status decode_group_settings(std::string_view bytes, api::GroupSettings& settings);

}  // namespace annals::api_wire
