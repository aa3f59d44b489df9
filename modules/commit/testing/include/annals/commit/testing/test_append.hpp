// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "annals/base/uuid.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/commit/testing/ids.hpp"
#include "annals/model/append.hpp"
#include "annals/model/token.hpp"

namespace annals::commit::testing {

/// An event that owns its bytes. A nil id is left to the server.
struct TestEvent {
    std::string stream;
    Uuid id = {};
    std::string type = "happened";
    std::string data = "{}";
    std::vector<std::string> tags = {};
    std::string metadata = {};
    std::string actor = {};
};

struct TestStreamCheck {
    std::string stream;
    model::ExpectedRevision expected;
};

struct TestQueryCheck {
    model::Query query;
    std::string after;
};

struct TestTracking {
    std::string source;
    std::string consumer;
    std::string key;
    std::uint64_t position = 0;
};

/// An append that owns its bytes.
struct TestAppend {
    std::vector<TestEvent> events;
    std::vector<std::variant<TestStreamCheck, TestQueryCheck>> checks;
    std::optional<TestTracking> tracking;
    std::string key;
    std::string principal = "tester";

    /// Calls with views over this.
    template <typename Use>
    auto as_request(Use use) const {
        model::AppendRequest request;
        for (const TestEvent& event : events) {
            model::NewEvent& out = request.events.emplace_back();
            out.stream = event.stream;
            out.id = event.id;
            out.type = event.type;
            out.data = event.data;
            out.metadata = event.metadata;
            out.actor = event.actor;
            for (const std::string& tag : event.tags) out.tags.push_back(tag);
        }
        for (const auto& check : checks) {
            if (const auto* on_stream = std::get_if<TestStreamCheck>(&check)) {
                request.checks.emplace_back(
                    model::StreamCheck{on_stream->stream, on_stream->expected}
                );
            } else {
                const auto& on_query = std::get<TestQueryCheck>(check);
                request.checks.emplace_back(model::QueryCheck{on_query.query, on_query.after});
            }
        }
        if (tracking) {
            request.tracking = model::Tracking{
                tracking->source, tracking->consumer, tracking->key, tracking->position
            };
        }
        request.idempotency_key = key;
        commit::SubmitContext context;
        context.principal = principal;
        return use(context, request);
    }
};

inline TestAppend append_of(TestEvent event) {
    TestAppend append;
    append.events.push_back(std::move(event));
    return append;
}

inline TestAppend append_of_all(std::vector<TestEvent> events) {
    TestAppend append;
    append.events = std::move(events);
    return append;
}

inline TestAppend expecting(
    TestAppend append, const std::string& stream, model::ExpectedRevision expected
) {
    append.checks.emplace_back(TestStreamCheck{stream, expected});
    return append;
}

inline TestAppend unless(TestAppend append, model::Query query, std::string after) {
    append.checks.emplace_back(TestQueryCheck{std::move(query), std::move(after)});
    return append;
}

inline TestAppend tracked(TestAppend append, TestTracking tracking) {
    append.tracking = std::move(tracking);
    return append;
}

inline TestAppend keyed(TestAppend append, std::string key) {
    append.key = std::move(key);
    return append;
}

using Answer = Result<model::AppendResult>;

/// Submits and answers at once with what will be.
inline std::future<Answer> submit(commit::Orderer& orderer, const TestAppend& append) {
    auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = promise->get_future();
    append.as_request([&](const commit::SubmitContext& context,
                          const model::AppendRequest& request) {
        orderer.submit(context, request, [promise](Answer result) {
            promise->set_value(std::move(result));
        });
        return 0;
    });
    return answer;
}

inline Answer append_to(commit::Orderer& orderer, const TestAppend& append) {
    return submit(orderer, append).get();
}

inline std::string token_of(const commit::Orderer& orderer, const model::AppendResult& result) {
    return model::format_token(
        model::make_token(orderer.log().identity(), result.last_position, result.chain_bits)
    );
}

inline model::Query by_tag(const std::string& tag) { return {{{.types = {}, .tags = {tag}}}}; }
inline model::Query by_type(const std::string& type) { return {{{.types = {type}, .tags = {}}}}; }

/// The code, or nothing for success.
inline std::optional<ErrorCode> code_of(const Answer& answer) {
    if (answer) return std::nullopt;
    return answer.error().code();
}

inline std::vector<model::FailedCheck> failed_checks_of(const Answer& answer) {
    if (answer) return {};
    const auto* details = answer.error().details<model::ConflictDetails>();
    return details == nullptr ? std::vector<model::FailedCheck>{} : details->failed_checks;
}

}  // namespace annals::commit::testing
