// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_consumer_groups.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/json_events/group_json.hpp"
#include "annals/model/refusals.hpp"

#include "answers.hpp"
#include "connection_pool.hpp"
#include "group_answers.hpp"
#include "http_membership.hpp"
#include "target.hpp"

namespace annals::http_client {
namespace {

using api::CallContext;
using api::GroupStatus;
using OrderedJson = nlohmann::ordered_json;

std::string text_of(const OrderedJson& body) {
    return body.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// JSON has no word for a revision, and a group has no use for one.
Status check_place(const api::SubscribeStart& place, std::string_view field) {
    if (!std::holds_alternative<api::FromRevision>(place)) return ok();
    return model::refused(
        field, "revision", "name the start, the end, a token, a position or a time"
    );
}

class HttpConsumerGroups final : public api::ConsumerGroups {
  public:
    explicit HttpConsumerGroups(const ClientOptions& options)
        : pool_(std::make_shared<ConnectionPool>(options)) {}

    Result<GroupStatus> create(const CallContext& context, const api::CreateGroupRequest& request)
        override {
        return put(
            context,
            request.group,
            request.settings,
            request.reason,
            request.actor,
            {"If-None-Match", "*"}
        );
    }
    Result<GroupStatus> update(const CallContext& context, const api::UpdateGroupRequest& request)
        override {
        const std::string match = request.expected_revision
                                      ? "\"r" + std::to_string(request.expected_revision->value) +
                                            "\""
                                      : "*";
        return put(
            context,
            request.group,
            request.settings,
            request.reason,
            request.actor,
            {"If-Match", match}
        );
    }

    Result<api::GroupList> list(const CallContext& context, const api::ListGroupsRequest& request)
        override {
        Target target(context, "groups");
        if (!request.prefix.empty()) target.add("prefix", request.prefix);
        if (!request.after.empty()) target.add("after", request.after);
        if (request.limit != 0) target.add_number("limit", request.limit);
        ANNALS_TRY(const std::string body, ask(request_of(context, "GET", target)));
        return group_list_of(body);
    }

    Result<GroupStatus> get(const CallContext& context, const std::string& group) override {
        ANNALS_TRY(const Target target, of_group(context, group));
        ANNALS_TRY(const std::string body, ask(request_of(context, "GET", target)));
        return group_status_of(body);
    }

    Result<GroupStatus> control(const CallContext& context, const api::ControlGroupRequest& request)
        override {
        ANNALS_TRY(Target target, of_group(context, request.group));
        HttpRequest call;
        if (request.command == api::GroupCommand::kDelete) {
            if (!request.reason.empty()) target.add("reason", request.reason);
            call = request_of(context, "DELETE", target);
            ANNALS_CHECK(add_actor(call, request.actor));
        } else {
            OrderedJson body{{"reason", request.reason}, {"actor", request.actor}};
            if (request.command == api::GroupCommand::kRewind) {
                ANNALS_CHECK(check_place(request.to, "to"));
                body["to"] = json_events::to_json(request.to);
            }
            target.segment(verb_of(request.command));
            call = request_of(context, "POST", target, text_of(body));
        }
        ANNALS_TRY(const std::string body, ask(call));
        return group_status_of(body);
    }

    Result<api::GroupHistory> history(
        const CallContext& context, const api::GroupHistoryRequest& request
    ) override {
        ANNALS_TRY(Target target, of_group(context, request.group));
        target.segment("history").add_history(request);
        ANNALS_TRY(const std::string body, ask(request_of(context, "GET", target)));
        return group_history_of(body);
    }

    Result<api::ParkedList> list_parked(
        const CallContext& context, const api::ListParkedRequest& request
    ) override {
        ANNALS_TRY(Target target, of_group(context, request.group));
        target.segment("parked").add_number("after", request.after.value);
        if (request.limit != 0) target.add_number("limit", request.limit);
        ANNALS_TRY(const std::string body, ask(request_of(context, "GET", target)));
        return parked_list_of(body);
    }

    Result<api::ParkedDetails> get_parked(
        const CallContext& context, const std::string& group, Position at
    ) override {
        ANNALS_TRY(Target target, of_group(context, group));
        target.segment("parked").segment(std::to_string(at.value));
        ANNALS_TRY(const std::string body, ask(request_of(context, "GET", target)));
        return parked_details_of(body);
    }

    Result<std::uint64_t> change_parked(
        const CallContext& context, const api::ChangeParkedRequest& request
    ) override {
        ANNALS_TRY(Target target, of_group(context, request.group));
        target.segment("parked").segment(verb_of(request.action));
        OrderedJson body{{"reason", request.reason}, {"actor", request.actor}};
        for (const Position at : request.positions) body["positions"].push_back(at.value);
        if (request.all) body["all"] = true;
        if (request.limit != 0) body["limit"] = request.limit;
        ANNALS_TRY(
            const std::string answer, ask(request_of(context, "POST", target, text_of(body)))
        );
        return changed_count_of(answer);
    }

    /// The data travel as they are, with their type.
    Status edit_parked(const CallContext& context, const api::EditParkedRequest& request) override {
        ANNALS_TRY(Target target, of_group(context, request.group));
        target.segment("parked").segment(std::to_string(request.at.value));
        if (!request.reason.empty()) target.add("reason", request.reason);
        if (request.metadata) target.add("metadata", *request.metadata);
        HttpRequest call = request_of(context, "PUT", target);
        call.body = request.data;
        if (!request.content_type.empty()) {
            ANNALS_CHECK(check_header(request.content_type, "content_type"));
            call.headers.emplace_back("Content-Type", request.content_type);
        }
        ANNALS_CHECK(add_actor(call, request.actor));
        ANNALS_CHECK(ask(call));
        return ok();
    }

    Result<std::unique_ptr<api::GroupMembership>> join(
        const CallContext& context, const api::JoinGroupRequest& request
    ) override {
        ANNALS_TRY(Target target, of_group(context, request.group));
        target.segment("members");
        OrderedJson body{{"member", request.member}};
        if (request.in_flight_max != 0) body["in_flight_max"] = request.in_flight_max;
        ANNALS_TRY(
            const std::string answer, ask(request_of(context, "POST", target, text_of(body)))
        );
        ANNALS_TRY(const JoinedMember joined, joined_of(answer));
        target.segment(std::to_string(joined.id));
        return make_http_membership(pool_, std::move(target), joined, !request.is_polling);
    }

  private:
    static Result<Target> of_group(const CallContext& context, const std::string& group) {
        ANNALS_CHECK(check_named(group, "group"));
        Target target(context, "groups");
        target.segment(group);
        return target;
    }

    static std::string_view verb_of(api::GroupCommand command) {
        switch (command) {
            case api::GroupCommand::kPause:
                return "pause";
            case api::GroupCommand::kResume:
                return "resume";
            case api::GroupCommand::kReset:
                return "reset";
            case api::GroupCommand::kRewind:
                return "rewind";
            case api::GroupCommand::kDelete:
                break;  // is a method of its own
        }
        return "";
    }
    static std::string_view verb_of(api::ParkedAction action) {
        if (action == api::ParkedAction::kRetry) return "retry";
        return action == api::ParkedAction::kSkip ? "skip" : "purge";
    }

    /// `condition`: the header field that says whether it may, or must, be there already.
    using Condition = std::pair<std::string, std::string>;
    Result<GroupStatus> put(
        const CallContext& context,
        const std::string& group,
        const api::GroupSettings& settings,
        const std::string& reason,
        const std::string& actor,
        Condition condition
    ) {
        ANNALS_TRY(const Target target, of_group(context, group));
        ANNALS_CHECK(check_place(settings.start, "start"));
        OrderedJson body = json_events::to_json(settings);
        if (!reason.empty()) body["reason"] = reason;
        if (!actor.empty()) body["actor"] = actor;
        HttpRequest request = request_of(context, "PUT", target, text_of(body));
        request.headers.push_back(std::move(condition));
        ANNALS_TRY(const std::string answer, ask(request));
        return group_status_of(answer);
    }

    /// The content of a success.
    Result<std::string> ask(const HttpRequest& request) {
        ANNALS_TRY(HttpAnswer answer, pool_->ask(request));
        if (answer.status >= 300) return error_of(answer, request);
        return std::move(answer.body);
    }

    const std::shared_ptr<ConnectionPool> pool_;  // joins this and its memberships
};

}  // namespace

std::unique_ptr<api::ConsumerGroups> make_http_consumer_groups(const ClientOptions& options) {
    return std::make_unique<HttpConsumerGroups>(options);
}

}  // namespace annals::http_client
