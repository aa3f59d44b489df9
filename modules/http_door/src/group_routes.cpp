// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_routes.hpp"

#include <limits>
#include <string>
#include <utility>

#include "annals/json_events/event_json.hpp"

#include "conditions.hpp"
#include "group_call.hpp"
#include "group_json.hpp"
#include "history_page.hpp"
#include "json_body.hpp"
#include "page_answer.hpp"
#include "parameters.hpp"

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;
using api::ConsumerGroups;
using api::GroupStatus;

Result<Response> shown_group(const Result<GroupStatus>& status, int code = 200) {
    if (!status) return status.error();
    Response response = json_response(code, text_of(to_json(*status)));
    response.headers.push_back({"ETag", etag_of(status->revision)});
    return response;
}

/// Who does it, and why: kept with the group.
struct Account {
    std::string reason;
    std::string actor;
};

/// Of members of the body; the actor also of the header field.
Result<Account> account_in(JsonBody& body, const Request& request) {
    Account account;
    ANNALS_TRY(account.reason, body.text("reason"));
    ANNALS_TRY(account.actor, body.text("actor"));
    if (account.actor.empty()) account.actor = request.header("Actor");
    return account;
}

/// Of a request whose body is not its own.
Result<Account> account_in(Parameters& parameters, const Request& request) {
    ANNALS_TRY(const auto reason, parameters.text("reason"));
    return Account{reason.value_or(""), std::string(request.header("Actor"))};
}

Result<std::uint32_t> limit_in(Parameters& parameters) {
    ANNALS_TRY(const auto limit, parameters.number("limit", kUint32Max));
    if (limit == 0u) return bad_parameter("limit", "0", "1 to 4096");
    return static_cast<std::uint32_t>(limit.value_or(0));
}

Result<Response> list_groups(ConsumerGroups& groups, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    api::ListGroupsRequest request;
    ANNALS_TRY(const auto prefix, parameters.text("prefix"));
    request.prefix = prefix.value_or("");
    ANNALS_TRY(const auto after, parameters.text("after"));
    request.after = after.value_or("");
    ANNALS_TRY(request.limit, limit_in(parameters));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(const api::GroupList page, groups.list(context_of(call), request));
    Json json;
    json["groups"] = Json::array();
    for (const GroupStatus& one : page.groups) json["groups"].push_back(to_json(one));
    if (!page.next.empty()) json["next"] = page.next;
    Response response = json_response(200, text_of(json));
    if (!page.next.empty()) {
        response.headers.push_back({"Link", "<" + url_after(call, page.next) + ">; rel=\"next\""});
    }
    return response;
}

Result<Response> get_group(ConsumerGroups& groups, const StoreCall& call) {
    ANNALS_CHECK(no_parameters(call.exchange.request()));
    return shown_group(groups.get(context_of(call), *call.parameters));
}

Result<Response> created(const StoreCall& call, const Result<GroupStatus>& status) {
    ANNALS_TRY(Response response, shown_group(status, 201));
    std::string url = base_path(call) + "/groups/";
    json_events::append_percent_encoded(url, *call.parameters);
    response.headers.push_back({"Location", std::move(url)});
    return response;
}

/// Creates or updates; If-None-Match creates only, If-Match updates only, that revision or any.
Result<Response> put_group(ConsumerGroups& groups, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    ANNALS_TRY(const Conditions conditions, conditions_of(request));
    const auto& expected = conditions.expected;
    ANNALS_TRY(
        JsonBody body,
        JsonBody::parse(request, R"({"filter": {"categories": ["…"]}, "key": "stream"})")
    );
    ANNALS_TRY(const api::GroupSettings settings, group_settings_in(body));
    ANNALS_TRY(const Account account, account_in(body, request));
    ANNALS_CHECK(body.end());
    const std::string& group = *call.parameters;
    const api::CallContext context = context_of(call);
    const bool is_creation = expected && expected->kind == model::ExpectedKind::kNoStream;
    if (!is_creation) {
        api::UpdateGroupRequest update{group, settings, account.reason, account.actor};
        const bool is_exact = expected && expected->kind == model::ExpectedKind::kExactly;
        if (is_exact) update.expected_revision = expected->revision;
        const auto updated = groups.update(context, update);
        const bool is_missing = !updated && updated.error().code() == ErrorCode::kGroupNotFound;
        const bool is_other = !updated && updated.error().code() == ErrorCode::kConflict;
        if ((is_missing || is_other) && expected) {
            return problem(updated.error(), request, 412);
        }
        if (!is_missing) return shown_group(updated);
    }
    const auto made = groups.create(context, {group, settings, account.actor, account.reason});
    if (!made && made.error().code() == ErrorCode::kGroupExists && is_creation) {
        return problem(made.error(), request, 412);
    }
    return created(call, made);
}

Result<Response> remove_group(ConsumerGroups& groups, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    ANNALS_TRY(const Account account, account_in(parameters, request));
    ANNALS_CHECK(parameters.end());
    if (!request.body.empty()) return bad_parameter("body", request.body, "empty");
    ANNALS_CHECK(no_preconditions(request, "only PUT of a group has a condition"));
    return shown_group(groups.control(
        context_of(call),
        {*call.parameters, api::GroupCommand::kDelete, {}, account.reason, account.actor}
    ));
}

auto control(api::GroupCommand command) {
    return [command](ConsumerGroups& groups, const StoreCall& call) -> Result<Response> {
        const Request& request = call.exchange.request();
        ANNALS_CHECK(no_parameters(request));
        ANNALS_CHECK(no_preconditions(request, "only PUT of a group has a condition"));
        ANNALS_TRY(JsonBody body, JsonBody::parse(request, R"({"reason": "<why>"})", true));
        api::ControlGroupRequest wanted{*call.parameters, command, {}, "", ""};
        if (command == api::GroupCommand::kRewind) {
            ANNALS_TRY(wanted.to, place_in(body, "to"));
        }
        ANNALS_TRY(const Account account, account_in(body, request));
        ANNALS_CHECK(body.end());
        wanted.reason = account.reason;
        wanted.actor = account.actor;
        return shown_group(groups.control(context_of(call), wanted));
    };
}

Result<Response> group_history(ConsumerGroups& groups, const StoreCall& call) {
    api::GroupHistoryRequest request;
    request.group = *call.parameters;
    ANNALS_CHECK(take_history_parameters(call, request));
    ANNALS_TRY(const api::GroupHistory page, groups.history(context_of(call), request));
    return history_response(call, page, [](const api::GroupHistoryEntry& entry) {
        return to_json(entry);
    });
}

// ---- what is parked ----

Result<Response> list_parked(ConsumerGroups& groups, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    api::ListParkedRequest request;
    request.group = *call.parameters;
    constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max();
    ANNALS_TRY(const auto after, parameters.number("after", kAny));
    request.after = Position(after.value_or(0));
    ANNALS_TRY(request.limit, limit_in(parameters));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(const api::ParkedList page, groups.list_parked(context_of(call), request));
    Json json;
    json["parked"] = Json::array();
    for (const api::ParkedEvent& one : page.parked) json["parked"].push_back(to_json(one));
    json["has_more"] = page.has_more;
    Response response = json_response(200, text_of(json));
    if (page.has_more && !page.parked.empty()) {
        const std::string next = std::to_string(page.parked.back().at.value);
        response.headers.push_back({"Link", "<" + url_after(call, next) + ">; rel=\"next\""});
    }
    return response;
}

Result<Response> get_parked(ConsumerGroups& groups, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_CHECK(no_parameters(request));
    ANNALS_TRY(const std::uint64_t at, number_in_path("position", call.parameters[1]));
    ANNALS_TRY(
        const api::ParkedDetails details,
        groups.get_parked(context_of(call), call.parameters[0], Position(at))
    );
    ANNALS_TRY(std::string body, parked_json(details, event_format(request), call.name_space));
    return json_response(200, std::move(body));
}

/// The content is the data, byte for byte, with its type.
Result<Response> edit_parked(ConsumerGroups& groups, const StoreCall& call) {
    Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    api::EditParkedRequest edit;
    edit.group = call.parameters[0];
    ANNALS_TRY(const std::uint64_t at, number_in_path("position", call.parameters[1]));
    edit.at = Position(at);
    ANNALS_TRY(edit.metadata, parameters.text("metadata"));
    ANNALS_TRY(const Account account, account_in(parameters, request));
    ANNALS_CHECK(parameters.end());
    edit.reason = account.reason;
    edit.actor = account.actor;
    edit.content_type = request.header("Content-Type");
    edit.data = std::move(request.body);
    ANNALS_CHECK(groups.edit_parked(context_of(call), edit));
    Response response;
    response.status = 204;
    return response;
}

auto change_parked(api::ParkedAction action) {
    return [action](ConsumerGroups& groups, const StoreCall& call) -> Result<Response> {
        const Request& request = call.exchange.request();
        ANNALS_CHECK(no_parameters(request));
        ANNALS_TRY(
            JsonBody body, JsonBody::parse(request, R"({"positions": [17]} or {"all": true})")
        );
        api::ChangeParkedRequest change;
        change.group = *call.parameters;
        change.action = action;
        ANNALS_TRY(const auto positions, body.numbers("positions"));
        for (const std::uint64_t at : positions) change.positions.emplace_back(at);
        ANNALS_TRY(change.all, body.boolean("all"));
        ANNALS_TRY(const std::uint64_t limit, body.number("limit", kUint32Max));
        change.limit = static_cast<std::uint32_t>(limit);
        ANNALS_TRY(const Account account, account_in(body, request));
        ANNALS_CHECK(body.end());
        change.reason = account.reason;
        change.actor = account.actor;
        ANNALS_TRY(const std::uint64_t changed, groups.change_parked(context_of(call), change));
        return json_response(200, text_of({{"changed", changed}}));
    };
}

}  // namespace

void add_group_routes(Router& router, Desk& desk) {
    const auto add = [&](std::string_view method, std::string_view path, auto route) {
        add_group_route(router, desk, method, path, route);
    };
    add("GET", "groups", list_groups);
    add("GET", "groups/{group}", get_group);
    add("PUT", "groups/{group}", put_group);
    add("DELETE", "groups/{group}", remove_group);
    add("POST", "groups/{group}/pause", control(api::GroupCommand::kPause));
    add("POST", "groups/{group}/resume", control(api::GroupCommand::kResume));
    add("POST", "groups/{group}/reset", control(api::GroupCommand::kReset));
    add("POST", "groups/{group}/rewind", control(api::GroupCommand::kRewind));
    add("GET", "groups/{group}/history", group_history);
    add("GET", "groups/{group}/parked", list_parked);
    constexpr std::string_view kParked = "groups/{group}/parked/{position}";
    add_group_route(router, desk, "GET", kParked, get_parked, kEventOffers);
    add("PUT", kParked, edit_parked);
    add("POST", "groups/{group}/parked/retry", change_parked(api::ParkedAction::kRetry));
    add("POST", "groups/{group}/parked/skip", change_parked(api::ParkedAction::kSkip));
    add("POST", "groups/{group}/parked/purge", change_parked(api::ParkedAction::kPurge));
}

}  // namespace annals::http_door::detail
