// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_consumer_store.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/json_events/time_text.hpp"

#include "answers.hpp"
#include "connection_pool.hpp"
#include "target.hpp"

namespace annals::http_client {
namespace {

using api::CallContext;
using api::ConsumerProgress;
using Json = nlohmann::json;

Error unreadable_consumer() {
    return {ErrorCode::kInternal, "the server sent a consumer that cannot be read"};
}

std::string member_text(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found == json.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

std::uint64_t member_number(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found == json.end() || !found->is_number_unsigned() ? 0 : found->get<std::uint64_t>();
}

Result<TimeNs> member_time(const Json& json, const char* name) {
    const std::string text = member_text(json, name);
    if (text.empty()) return TimeNs();
    ANNALS_TRY(const auto time, json_events::parse_time(text, name));
    return time.at;
}

Result<ConsumerProgress> progress_of(const Json& json) {
    if (!json.is_object() || member_text(json, "consumer").empty()) return unreadable_consumer();
    ConsumerProgress progress;
    progress.consumer = member_text(json, "consumer");
    progress.position = member_text(json, "position");
    progress.at = Position(member_number(json, "at"));
    progress.epoch = member_number(json, "epoch");
    progress.owner = member_text(json, "owner");
    ANNALS_TRY(progress.changed_time, member_time(json, "changed_time"));
    ANNALS_TRY(progress.last_seen_time, member_time(json, "last_seen_time"));
    if (json.contains("behind")) progress.behind = member_number(json, "behind");
    progress.problem = member_text(json, "problem");
    progress.offset = member_text(json, "offset");
    progress.foreign_id = member_text(json, "foreign_id");
    progress.is_durable = json.value("is_durable", true);
    return progress;
}

class HttpConsumerStore final : public api::ConsumerStore {
  public:
    explicit HttpConsumerStore(const ClientOptions& options) : pool_(options) {}

    Result<ConsumerProgress> claim(
        const CallContext& context, const api::ClaimConsumerRequest& request
    ) override {
        return change(
            context,
            "POST",
            request.consumer,
            "claim",
            {{"owner", request.owner}, {"actor", request.actor}}
        );
    }

    void save(
        const CallContext& context, const api::SaveProgressRequest& request, api::SaveDone done
    ) override {
        Json body{{"position", request.position}, {"epoch", request.epoch}};
        if (!request.actor.empty()) body["actor"] = request.actor;
        done(change(context, "PUT", request.consumer, "", body));
    }

    Result<ConsumerProgress> rewind(
        const CallContext& context, const api::RewindConsumerRequest& request
    ) override {
        Json body{{"reason", request.reason}, {"actor", request.actor}};
        if (const auto* position = std::get_if<Position>(&request.to)) {
            body["to"] = position->value;
        } else {
            body["to"] = std::get<std::string>(request.to);
        }
        return change(context, "POST", request.consumer, "rewind", body);
    }

    Result<ConsumerProgress> get(const CallContext& context, const std::string& consumer) override {
        ANNALS_CHECK(check_named(consumer, "consumer"));
        ANNALS_TRY(const Json json, ask(request_of(context, "GET", one(context, consumer))));
        return progress_of(json);
    }

    Result<api::ConsumerList> list(
        const CallContext& context, const api::ListConsumersRequest& request
    ) override {
        Target target(context, "consumers");
        if (!request.prefix.empty()) target.add("prefix", request.prefix);
        if (!request.after.empty()) target.add("after", request.after);
        if (request.limit != 0) target.add_number("limit", request.limit);
        ANNALS_TRY(const Json json, ask(request_of(context, "GET", target)));
        api::ConsumerList list;
        list.next = member_text(json, "next");
        const auto found = json.find("consumers");
        if (found == json.end() || !found->is_array()) return unreadable_consumer();
        for (const Json& each : *found) {
            ANNALS_TRY(list.consumers.emplace_back(), progress_of(each));
        }
        return list;
    }

    Status remove(const CallContext& context, const api::RemoveConsumerRequest& request) override {
        ANNALS_CHECK(check_named(request.consumer, "consumer"));
        Target target = one(context, request.consumer);
        if (!request.reason.empty()) target.add("reason", request.reason);
        HttpRequest call = request_of(context, "DELETE", target);
        ANNALS_CHECK(add_actor(call, request.actor));
        ANNALS_CHECK(ask(call));
        return ok();
    }

    Result<api::ConsumerHistory> history(
        const CallContext& context, const api::ConsumerHistoryRequest& request
    ) override {
        ANNALS_CHECK(check_named(request.consumer, "consumer"));
        Target target = one(context, request.consumer);
        target.segment("history").add_history(request);
        ANNALS_TRY(const Json json, ask(request_of(context, "GET", target)));
        const auto found = json.find("entries");
        if (found == json.end() || !found->is_array()) return unreadable_consumer();
        api::ConsumerHistory history;
        history.next = member_text(json, "next");
        for (const Json& each : *found) {
            const auto deed = api::parse_consumer_deed(member_text(each, "deed"));
            if (!deed) continue;  // of a later version
            api::ConsumerHistoryEntry& entry = history.entries.emplace_back();
            entry.deed = *deed;
            ANNALS_TRY(entry.time, member_time(each, "time"));
            entry.actor = member_text(each, "actor");
            entry.reason = member_text(each, "reason");
            entry.epoch = member_number(each, "epoch");
            entry.owner = member_text(each, "owner");
            entry.position = member_text(each, "position");
            entry.at = Position(member_number(each, "at"));
            entry.offset = member_text(each, "offset");
        }
        return history;
    }

  private:
    static Target one(const CallContext& context, const std::string& consumer) {
        Target target(context, "consumers");
        target.segment(consumer);
        return target;
    }

    /// The content of a success; null where it has none.
    Result<Json> ask(const HttpRequest& request) {
        ANNALS_TRY(const HttpAnswer answer, pool_.ask(request));
        if (answer.status >= 300) return error_of(answer, request);
        if (answer.body.empty()) return Json();
        Json json = Json::parse(answer.body, nullptr, false);
        if (json.is_discarded()) return unreadable_consumer();
        return json;
    }

    Result<ConsumerProgress> change(
        const CallContext& context,
        std::string method,
        const std::string& consumer,
        std::string_view what,
        const Json& body
    ) {
        ANNALS_CHECK(check_named(consumer, "consumer"));
        Target target = one(context, consumer);
        if (!what.empty()) target.segment(what);
        std::string text = body.dump(-1, ' ', false, Json::error_handler_t::replace);
        ANNALS_TRY(
            const Json json, ask(request_of(context, std::move(method), target, std::move(text)))
        );
        return progress_of(json);
    }

    ConnectionPool pool_;
};

}  // namespace

std::unique_ptr<api::ConsumerStore> make_http_consumer_store(const ClientOptions& options) {
    return std::make_unique<HttpConsumerStore>(options);
}

}  // namespace annals::http_client
