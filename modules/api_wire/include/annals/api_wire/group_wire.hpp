// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/api/group_history.hpp"
#include "annals/base/result.hpp"

namespace annals::api_wire {

/// A request of annals.v1.ConsumerGroups with the namespace that it names.
template <typename Request>
struct GroupCall {
    std::string_view name_space;
    Request request;
};

/// annals.v1.GroupStatus.
void encode_group_status(std::string& out, const api::GroupStatus& status);
Result<api::GroupStatus> decode_group_status(std::string_view bytes);
/// annals.v1.ListGroupsResponse.
void encode_group_list(std::string& out, const api::GroupList& list);
Result<api::GroupList> decode_group_list(std::string_view bytes);

void encode_create_group_request(
    std::string& out, std::string_view name_space, const api::CreateGroupRequest& request
);
Result<GroupCall<api::CreateGroupRequest>> decode_create_group_request(std::string_view bytes);
void encode_update_group_request(
    std::string& out, std::string_view name_space, const api::UpdateGroupRequest& request
);
Result<GroupCall<api::UpdateGroupRequest>> decode_update_group_request(std::string_view bytes);
void encode_list_groups_request(
    std::string& out, std::string_view name_space, const api::ListGroupsRequest& request
);
Result<GroupCall<api::ListGroupsRequest>> decode_list_groups_request(std::string_view bytes);
/// Refuses a command that is none.
void encode_control_group_request(
    std::string& out, std::string_view name_space, const api::ControlGroupRequest& request
);
Result<GroupCall<api::ControlGroupRequest>> decode_control_group_request(std::string_view bytes);

/// annals.v1.GetGroupRequest and annals.v1.GetParkedRequest.
struct NamedGroup {
    std::string group;
    Position at;
};
void encode_named_group_request(
    std::string& out, std::string_view name_space, std::string_view group, Position at
);
Result<GroupCall<NamedGroup>> decode_named_group_request(std::string_view bytes);

void encode_group_history_request(
    std::string& out, std::string_view name_space, const api::GroupHistoryRequest& request
);
Result<GroupCall<api::GroupHistoryRequest>> decode_group_history_request(std::string_view bytes);
/// annals.v1.GroupHistory. Deeds that are not known are passed over.
void encode_group_history(std::string& out, const api::GroupHistory& history);
Result<api::GroupHistory> decode_group_history(std::string_view bytes);

void encode_list_parked_request(
    std::string& out, std::string_view name_space, const api::ListParkedRequest& request
);
Result<GroupCall<api::ListParkedRequest>> decode_list_parked_request(std::string_view bytes);
void encode_parked_list(std::string& out, const api::ParkedList& list);
Result<api::ParkedList> decode_parked_list(std::string_view bytes);
void encode_parked_details(std::string& out, const api::ParkedDetails& details);
Result<api::ParkedDetails> decode_parked_details(std::string_view bytes);
/// Refuses an action that is none.
void encode_change_parked_request(
    std::string& out, std::string_view name_space, const api::ChangeParkedRequest& request
);
Result<GroupCall<api::ChangeParkedRequest>> decode_change_parked_request(std::string_view bytes);
void encode_change_parked_response(std::string& out, std::uint64_t changed);
Result<std::uint64_t> decode_change_parked_response(std::string_view bytes);
void encode_edit_parked_request(
    std::string& out, std::string_view name_space, const api::EditParkedRequest& request
);
Result<GroupCall<api::EditParkedRequest>> decode_edit_parked_request(std::string_view bytes);

/// annals.v1.GroupMemberMessage: one of the two.
struct GroupMemberMessage {
    std::optional<GroupCall<api::JoinGroupRequest>> join;
    std::optional<std::vector<api::Settlement>> settle;
};
void encode_join_message(
    std::string& out, std::string_view name_space, const api::JoinGroupRequest& request
);
void encode_settle_message(std::string& out, const std::vector<api::Settlement>& settled);
/// limit_exceeded beyond api::kGroupSettlementsMax settlements.
Result<GroupMemberMessage> decode_member_message(std::string_view bytes);

/// annals.v1.GroupWork.
struct GroupWork {
    api::GroupDeliveries deliveries;
    std::optional<std::uint64_t> joined;
    std::optional<std::vector<api::RefusedSettlement>> settled;
};
/// The bytes of the deliveries' events followed by these.
void encode_work_tail(std::string& out, const api::GroupDeliveries& deliveries);
void encode_joined(std::string& out, std::uint64_t member);
void encode_settled(std::string& out, const std::vector<api::RefusedSettlement>& refused);
Result<GroupWork> decode_group_work(std::string_view bytes);

}  // namespace annals::api_wire
