// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/clock.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/token.hpp"

#include "event_store_host.hpp"

namespace annals::conformance {

using Numbers = std::vector<std::uint64_t>;

inline constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

/// An event that owns its names; data is a literal or outlives it.
inline model::NewEvent event_of(std::string_view type = "happened", std::string_view data = "{}") {
    model::NewEvent event;
    event.type = type;
    event.data = data;
    return event;
}

inline model::NewEvent event_in(std::string_view stream, std::string_view type = "happened") {
    model::NewEvent event = event_of(type);
    event.stream = stream;
    return event;
}

inline api::CallContext in_namespace(std::string_view name) {
    api::CallContext context;
    context.name_space = name;
    return context;
}

inline api::ReadRequest read_of(std::string stream, api::ReadStart start = {}) {
    api::ReadRequest request;
    request.stream = std::move(stream);
    request.start = std::move(start);
    return request;
}

inline api::ReadRequest read_back(std::string stream, api::ReadStart start = {}) {
    api::ReadRequest request = read_of(std::move(stream), std::move(start));
    request.direction = api::Direction::kBackwards;
    return request;
}

inline api::SubscribeRequest subscribe_to(std::string stream, api::SubscribeStart start = {}) {
    api::SubscribeRequest request;
    request.stream = std::move(stream);
    request.start = std::move(start);
    return request;
}

inline api::SubscribeRequest subscribe_with(model::Filter filter, api::SubscribeStart start = {}) {
    api::SubscribeRequest request;
    request.filter = std::move(filter);
    request.start = std::move(start);
    return request;
}

inline api::ListRequest list_of(
    std::string prefix, std::string after = "", std::uint32_t limit = 100
) {
    api::ListRequest request;
    request.prefix = std::move(prefix);
    request.after = std::move(after);
    request.limit = limit;
    return request;
}

inline Numbers positions_of(const model::EventBatch& batch) {
    Numbers positions;
    const Result<std::vector<model::RecordedEvent>> events = batch.decode();
    EXPECT_TRUE(events.has_value());
    if (!events) return positions;
    for (const model::RecordedEvent& event : *events) positions.push_back(event.position.value);
    return positions;
}

/// One store, fresh for each test, and short words for its calls.
class EventStoreContract : public ::testing::TestWithParam<EventStoreBody> {
  protected:
    EventStoreContract() : host_(GetParam().make_host()) {}

    api::EventStore& store() { return host_->store(); }
    void free_space() { host_->free_space(); }
    /// Reads and subscriptions meet damage where this text is stored.
    void damage(const std::string& text) { host_->damage(text); }
    void pass_time(std::chrono::seconds time) { host_->pass_time(time); }
    [[nodiscard]] bool removes_hidden() const { return host_->removes_hidden(); }

    Result<api::AppendResponse> append(
        std::string_view stream,
        std::vector<model::NewEvent> events,
        std::vector<model::Check> checks = {},
        const api::CallContext& context = {}
    ) {
        model::AppendRequest request;
        request.stream = stream;
        request.events = std::move(events);
        request.checks = std::move(checks);
        return store().append_and_wait(context, request);
    }
    Result<api::AppendResponse> append_expecting(
        std::string_view stream, model::ExpectedRevision expected
    ) {
        return append(stream, {event_of()}, {model::StreamCheck{stream, expected}});
    }
    /// Must be accepted.
    api::AppendResponse accept(std::string_view stream, std::vector<model::NewEvent> events) {
        return must(append(stream, std::move(events)));
    }
    /// One event a stream, in this order: positions 1, 2, 3, … in a fresh store.
    void accept_each(const std::vector<std::string>& streams) {
        for (const std::string& stream : streams) accept(stream, {event_of()});
    }
    api::ReadPage read(const api::ReadRequest& request) { return must(store().read({}, request)); }
    Numbers positions(const api::ReadRequest& request) {
        return positions_of(read(request).events);
    }
    /// All pages to the end.
    Numbers all_positions(api::ReadRequest request) {
        Numbers all;
        while (true) {
            const api::ReadPage page = read(request);
            const Numbers part = positions_of(page.events);
            all.insert(all.end(), part.begin(), part.end());
            if (page.is_end || HasFailure()) return all;
            request.start = api::AfterToken{page.next};
        }
    }
    std::unique_ptr<api::Subscription> subscribe(const api::SubscribeRequest& request) {
        return must(store().subscribe({}, request));
    }
    /// Over a wire the refusal may come with the first frame.
    Error subscription_error(const api::SubscribeRequest& request) {
        Result<std::unique_ptr<api::Subscription>> begun = store().subscribe({}, request);
        if (!begun) return std::move(begun).take_error();
        Result<api::SubscriptionFrame> frame = (*begun)->next(kForever);
        if (!frame) return std::move(frame).take_error();
        ADD_FAILURE() << "a frame came instead of an error";
        return Error(ErrorCode::kInternal, "no error");
    }
    /// The next frame with events; marks on the way are passed over.
    static api::SubscriptionFrame next_events(api::Subscription& subscription) {
        while (true) {
            api::SubscriptionFrame frame = must(subscription.next(kForever));
            if (!frame.events.empty() || HasFailure()) return frame;
        }
    }
    static api::SubscriptionFrame next_mark(api::Subscription& subscription) {
        while (true) {
            api::SubscriptionFrame frame = must(subscription.next(kForever));
            if (frame.mark != api::SubscriptionMark::kNone || HasFailure()) return frame;
        }
    }
    /// Token of a log position that was read.
    std::string token_at(Position position) {
        api::ReadRequest request = read_back("", api::FromPosition{position});
        request.limit = 1;
        request.filter.include_system = true;
        return read(request).next;
    }
    /// The same token with something else in it.
    template <typename Change>
    static std::string forged(const std::string& token, Change change) {
        Result<model::PositionToken> parsed = model::parse_token(token);
        EXPECT_TRUE(parsed.has_value());
        change(*parsed);
        return model::format_token(*parsed);
    }

    template <typename T>
    static T must(Result<T> result) {
        EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().to_string());
        return result ? std::move(*result) : T();
    }
    template <typename T>
    static void expect_error(
        const Result<T>& result,
        ErrorCode code,
        std::string_view field = "",
        std::string_view value = ""
    ) {
        ASSERT_FALSE(result.has_value()) << "expected " << error_info(code).name;
        expect_error(result.error(), code, field, value);
    }
    static void expect_error(
        const Error& error, ErrorCode code, std::string_view field = "", std::string_view value = ""
    ) {
        EXPECT_EQ(error.code(), code) << error.to_string();
        EXPECT_FALSE(error.message().empty());
        if (!field.empty()) {
            EXPECT_EQ(error.field(field), value) << error.to_string();
        }
    }

  private:
    std::unique_ptr<EventStoreHost> host_;
};

}  // namespace annals::conformance
