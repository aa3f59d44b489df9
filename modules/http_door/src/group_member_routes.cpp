// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_member_routes.hpp"

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "annals/json_events/event_json.hpp"

#include "group_call.hpp"
#include "group_json.hpp"
#include "json_body.hpp"
#include "member_poll.hpp"
#include "parameters.hpp"

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;
using api::ConsumerGroups;

constexpr std::uint32_t kWaitMsMax = 60'000;
constexpr std::uint32_t kEventsDefault = 100;
constexpr std::uint64_t kEventsMax = 512;
/// As many settlements as one call may have, with reasons.
constexpr std::size_t kSettleBytesMax = 8u << 20u;

Result<MemberName> member_of(const StoreCall& call) {
    MemberName name{std::string(call.name_space), call.parameters[0], 0};
    ANNALS_TRY(name.id, number_in_path("member", call.parameters[1]));
    return name;
}

Result<Response> join(ConsumerGroups& groups, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    ANNALS_TRY(JsonBody body, JsonBody::parse(request, R"({"member": "<host and process>"})"));
    api::JoinGroupRequest wanted;
    wanted.group = *call.parameters;
    wanted.is_polling = true;
    ANNALS_TRY(wanted.member, body.text("member"));
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    ANNALS_TRY(const std::uint64_t in_flight_max, body.number("in_flight_max", kMax));
    wanted.in_flight_max = static_cast<std::uint32_t>(in_flight_max);
    ANNALS_CHECK(body.end());
    const api::CallContext context = context_of(call);
    ANNALS_TRY(const api::GroupStatus status, groups.get(context, wanted.group));
    ANNALS_TRY(auto membership, groups.join(context, wanted));
    const api::GroupSettings& settings = status.settings;
    const auto member = std::make_shared<HeldMember>(
        std::move(membership), settings.member_silence_ms
    );
    ANNALS_CHECK(
        call.desk.members.add({std::string(call.name_space), wanted.group, member->id()}, member)
    );
    Json json;
    json["member"] = member->id();
    json["ack_deadline_ms"] = settings.ack_deadline_ms;
    json["member_silence_ms"] = settings.member_silence_ms;
    Response response = json_response(201, text_of(json));
    std::string url = base_path(call) + "/groups/";
    json_events::append_percent_encoded(url, wanted.group);
    response.headers.push_back({"Location", url + "/members/" + std::to_string(member->id())});
    return response;
}

/// On the lane's thread.
Status start_fetch(const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    ANNALS_TRY(const auto wait, parameters.milliseconds("wait", kWaitMsMax));
    ANNALS_TRY(const auto limit, parameters.number("limit", kEventsMax));
    ANNALS_CHECK(parameters.end());
    if (limit == 0u) return bad_parameter("limit", "0", "1 to " + std::to_string(kEventsMax));
    if (!request.body.empty()) return bad_parameter("body", request.body, "empty");
    MemberPoll::Wish wish;
    wish.events_max = static_cast<std::uint32_t>(limit.value_or(kEventsDefault));
    wish.wait_ms = wait.value_or(0);
    // A server that stops has no members any more, and it is not they who are gone.
    ANNALS_TRY(const StoreLease open, call.desk.gate.enter());
    ANNALS_TRY(MemberName name, member_of(call));
    ANNALS_TRY(auto member, call.desk.members.find(name));
    MemberPoll::start(call, std::move(name), std::move(member), wish);
    return ok();
}

Result<Response> settle(ConsumerGroups& /*groups*/, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    ANNALS_TRY(const MemberName name, member_of(call));
    ANNALS_TRY(
        JsonBody body,
        JsonBody::parse(
            request,
            R"({"acks": [1], "settle": [{"delivery": 2, "what": "retry"}]})",
            true,
            kSettleBytesMax
        )
    );
    ANNALS_TRY(const auto settled, settlements_in(body));
    ANNALS_CHECK(body.end());
    ANNALS_TRY(const auto member, call.desk.members.find(name));
    const auto refused = member->settle(settled);
    if (refused) return json_response(200, refused_json(*refused, trace_id_of(request)));
    if (refused.error().code() == ErrorCode::kMemberGone) call.desk.members.remove(name);
    return refused.error();
}

Result<Response> leave(ConsumerGroups& /*groups*/, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    if (!request.body.empty()) return bad_parameter("body", request.body, "empty");
    ANNALS_TRY(const MemberName name, member_of(call));
    ANNALS_CHECK(call.desk.members.find(name));
    call.desk.members.remove(name);
    Response response;
    response.status = 204;
    return response;
}

}  // namespace

void add_group_member_routes(Router& router, Desk& desk) {
    add_group_route(router, desk, "POST", "groups/{group}/members", join);
    constexpr std::string_view kFetch = "groups/{group}/members/{member}/fetch";
    const auto fetch = [](const StoreCall& call) {
        const Status started = start_fetch(call);
        if (!started) call.exchange.fail(started.error());
    };
    add_store_route(router, desk, "POST", kFetch, fetch, kEventOffers);
    constexpr std::string_view kSettle = "groups/{group}/members/{member}/settle";
    add_group_route(router, desk, "POST", kSettle, settle);
    add_group_route(router, desk, "DELETE", "groups/{group}/members/{member}", leave);
}

}  // namespace annals::http_door::detail
