// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "consumer_routes.hpp"

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/json_events/time_text.hpp"
#include "annals/model/token.hpp"

#include "conditions.hpp"
#include "history_page.hpp"
#include "json_body.hpp"
#include "page_answer.hpp"
#include "parameters.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;
using api::ConsumerProgress;
using api::ConsumerStore;

constexpr std::string_view kNoConditions =
    "a consumer's progress has no ETag; its epoch says who may save";

Json json_of(const ConsumerProgress& progress) {
    Json json;
    json["consumer"] = progress.consumer;
    if (!progress.position.empty()) {
        json["position"] = progress.position;
        json["at"] = progress.at.value;
    }
    json["epoch"] = progress.epoch;
    if (!progress.owner.empty()) json["owner"] = progress.owner;
    json["changed_time"] = json_events::time_text(progress.changed_time);
    if (progress.last_seen_time.value != 0) {
        json["last_seen_time"] = json_events::time_text(progress.last_seen_time);
    }
    if (progress.behind) json["behind"] = *progress.behind;
    if (!progress.problem.empty()) json["problem"] = progress.problem;
    if (!progress.offset.empty()) json["offset"] = progress.offset;
    if (!progress.foreign_id.empty()) json["foreign_id"] = progress.foreign_id;
    json["is_durable"] = progress.is_durable;
    return json;
}

Json json_of(const api::ConsumerHistoryEntry& entry) {
    Json json;
    json["deed"] = api::to_string(entry.deed);
    json["time"] = json_events::time_text(entry.time);
    if (!entry.actor.empty()) json["actor"] = entry.actor;
    if (!entry.reason.empty()) json["reason"] = entry.reason;
    json["epoch"] = entry.epoch;
    if (!entry.owner.empty()) json["owner"] = entry.owner;
    if (!entry.position.empty()) {
        json["position"] = entry.position;
        json["at"] = entry.at.value;
    }
    if (!entry.offset.empty()) json["offset"] = entry.offset;
    return json;
}

/// Of a member of the body, else of the header field.
Result<std::string> actor_in(JsonBody& body, const Request& request) {
    ANNALS_TRY(std::string actor, body.text("actor"));
    if (actor.empty()) actor = request.header("Actor");
    return actor;
}

Result<Response> shown(const Result<ConsumerProgress>& progress) {
    if (!progress) return progress.error();
    return json_response(200, text_of(json_of(*progress)));
}

Result<Response> list_consumers(ConsumerStore& consumers, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    api::ListConsumersRequest request;
    ANNALS_TRY(const auto prefix, parameters.text("prefix"));
    request.prefix = prefix.value_or("");
    ANNALS_TRY(const auto after, parameters.text("after"));
    request.after = after.value_or("");
    ANNALS_TRY(const auto limit, parameters.limit(kPageMax, kUint32Max));
    if (limit) request.limit = *limit;
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(const api::ConsumerList page, consumers.list(context_of(call), request));
    Json json;
    json["consumers"] = Json::array();
    for (const ConsumerProgress& one : page.consumers) json["consumers"].push_back(json_of(one));
    if (!page.next.empty()) json["next"] = page.next;
    Response response = json_response(200, text_of(json));
    if (!page.next.empty()) {
        response.headers.push_back({"Link", "<" + url_after(call, page.next) + ">; rel=\"next\""});
    }
    return response;
}

Result<Response> get_consumer(ConsumerStore& consumers, const StoreCall& call) {
    ANNALS_CHECK(no_parameters(call.exchange.request()));
    return shown(consumers.get(context_of(call), *call.parameters));
}

Result<Response> save_consumer(ConsumerStore& consumers, const StoreCall& call) {
    ANNALS_CHECK(no_parameters(call.exchange.request()));
    ANNALS_CHECK(no_preconditions(call.exchange.request(), kNoConditions));
    ANNALS_TRY(
        JsonBody body,
        JsonBody::parse(call.exchange.request(), R"({"position": "<token>", "epoch": 0})")
    );
    api::SaveProgressRequest request;
    request.consumer = *call.parameters;
    ANNALS_TRY(request.position, body.text("position"));
    ANNALS_TRY(request.epoch, body.number("epoch"));
    ANNALS_TRY(request.actor, actor_in(body, call.exchange.request()));
    ANNALS_CHECK(body.end());
    return shown(consumers.save_and_wait(context_of(call), request));
}

Result<Response> claim_consumer(ConsumerStore& consumers, const StoreCall& call) {
    ANNALS_CHECK(no_parameters(call.exchange.request()));
    ANNALS_CHECK(no_preconditions(call.exchange.request(), kNoConditions));
    ANNALS_TRY(
        JsonBody body,
        JsonBody::parse(call.exchange.request(), R"({"owner": "<host and process>"})")
    );
    api::ClaimConsumerRequest request;
    request.consumer = *call.parameters;
    ANNALS_TRY(request.owner, body.text("owner"));
    ANNALS_TRY(request.actor, actor_in(body, call.exchange.request()));
    ANNALS_CHECK(body.end());
    return shown(consumers.claim(context_of(call), request));
}

Result<Response> rewind_consumer(ConsumerStore& consumers, const StoreCall& call) {
    const Request& sent = call.exchange.request();
    ANNALS_CHECK(no_parameters(sent));
    ANNALS_CHECK(no_preconditions(sent, kNoConditions));
    ANNALS_TRY(JsonBody body, JsonBody::parse(sent, R"({"to": 0, "reason": "<why>"})"));
    api::RewindConsumerRequest request;
    request.consumer = *call.parameters;
    const Json to = body.take("to");
    const std::string text = to.is_string() ? to.get<std::string>() : "";
    if (model::parse_token(text)) {
        request.to = text;
    } else if (to.is_number_unsigned()) {
        request.to = Position(to.get<std::uint64_t>());
    } else {
        return bad_parameter(
            "to",
            to.is_string() || to.is_null() ? text : to.dump(),
            "a position (0, a number: the start) or the token of an answer"
        );
    }
    ANNALS_TRY(request.reason, body.text("reason"));
    ANNALS_TRY(request.actor, actor_in(body, sent));
    ANNALS_CHECK(body.end());
    return shown(consumers.rewind(context_of(call), request));
}

Result<Response> remove_consumer(ConsumerStore& consumers, const StoreCall& call) {
    const Request& sent = call.exchange.request();
    ANNALS_CHECK(no_preconditions(sent, kNoConditions));
    ANNALS_TRY(Parameters parameters, Parameters::parse(sent.query));
    api::RemoveConsumerRequest request;
    request.consumer = *call.parameters;
    ANNALS_TRY(auto reason, parameters.text("reason"));
    request.reason = std::move(reason).value_or("");
    request.actor = sent.header("Actor");
    ANNALS_CHECK(parameters.end());
    ANNALS_CHECK(consumers.remove(context_of(call), request));
    Response response;
    response.status = 204;
    return response;
}

Result<Response> consumer_history(ConsumerStore& consumers, const StoreCall& call) {
    api::ConsumerHistoryRequest request;
    request.consumer = *call.parameters;
    ANNALS_CHECK(take_history_parameters(call, request));
    ANNALS_TRY(const api::ConsumerHistory page, consumers.history(context_of(call), request));
    return history_response(call, page, [](const api::ConsumerHistoryEntry& entry) {
        return json_of(entry);
    });
}

}  // namespace

void add_consumer_routes(Router& router, Desk& desk) {
    const auto add = [&](std::string_view method, std::string_view path, auto route) {
        const auto over = [route](api::EventStore&, const StoreCall& call) -> Result<Response> {
            ConsumerStore* const consumers = call.desk.gate.consumers();
            if (consumers != nullptr) return route(*consumers, call);
            return Error(ErrorCode::kNotSupported, "this server keeps no consumers");
        };
        add_store_route(
            router,
            desk,
            method,
            path,
            [make = or_problem(over)](const StoreCall& call) {
                answer_blocking(call.desk.waiters, call, make);
            }
        );
    };
    add("GET", "consumers", list_consumers);
    add("GET", "consumers/{consumer}", get_consumer);
    add("PUT", "consumers/{consumer}", save_consumer);
    add("DELETE", "consumers/{consumer}", remove_consumer);
    add("POST", "consumers/{consumer}/claim", claim_consumer);
    add("POST", "consumers/{consumer}/rewind", rewind_consumer);
    add("GET", "consumers/{consumer}/history", consumer_history);
}

}  // namespace annals::http_door::detail
