// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/group_history.hpp"
#include "annals/base/result.hpp"

namespace annals::http_client {

// Each takes the content of a success; internal when it is not as the door writes it.
Result<api::GroupStatus> group_status_of(const std::string& body);
Result<api::GroupList> group_list_of(const std::string& body);
/// Deeds that are not known are passed over.
Result<api::GroupHistory> group_history_of(const std::string& body);
Result<api::ParkedList> parked_list_of(const std::string& body);
Result<api::ParkedDetails> parked_details_of(const std::string& body);
Result<std::uint64_t> changed_count_of(const std::string& body);
Result<std::vector<api::RefusedSettlement>> refused_of(const std::string& body);

struct JoinedMember {
    std::uint64_t id = 0;
    std::uint32_t silence_ms = 0;  ///< not heard of for so long, it is gone
};
Result<JoinedMember> joined_of(const std::string& body);

}  // namespace annals::http_client
