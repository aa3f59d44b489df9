// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_feed.hpp"

#include <optional>
#include <utility>

#include "annals/json_events/event_json.hpp"

#include "frame_kinds.hpp"
#include "media_types.hpp"
#include "selection.hpp"
#include "sent_names.hpp"

namespace annals::http_door::detail {
namespace {

constexpr std::string_view kFirst = "retry: 1000\n\n";
constexpr std::string_view kHeartbeat = ":\n\n";

/// The reader's place is not one of this log: it must start anew.
bool asks_for_resync(const Error& error) {
    return error.code() == ErrorCode::kTokenUnknown || error.code() == ErrorCode::kTokenBeyondEnd ||
           error.code() == ErrorCode::kTokenTooOld;
}

void append_end(std::string& text, const Error& error, std::string_view trace_id) {
    const bool is_resync = asks_for_resync(error);
    text += "event: ";
    text += name_of(is_resync ? FeedKind::kResync : FeedKind::kError);
    text += is_resync ? "\nid:\ndata: " : "\ndata: ";
    text += problem_json(error, trace_id);
    text += "\n\n";
}

/// An EventSource gives up for good at any answer but 200. Whoever resumes is one that was promised
/// to go on: it hears in the feed that it must start anew, or come back.
bool is_told_in_feed(const Request& request, const Error& error) {
    if (request.header("Last-Event-ID").empty()) return false;
    return asks_for_resync(error) || error.info().retry == "later";
}

Response feed_response(std::shared_ptr<Feed> feed) {
    Response response;
    response.content_type = kFeedType;
    response.headers.push_back({"X-Accel-Buffering", "no"});
    response.feed = std::move(feed);
    return response;
}

}  // namespace

void EventFeed::start(const StoreCall& call, api::SubscribeRequest request) {
    Result<StoreLease> lease = call.desk.gate.enter();
    const Request& asked = call.exchange.request();
    if (!lease) {
        if (!is_told_in_feed(asked, lease.error())) {
            call.exchange.fail(lease.error());
            return;
        }
        const auto feed = std::make_shared<EventFeed>(call.desk);
        feed->unsent_ = kFirst;
        append_end(feed->unsent_, lease.error(), trace_id_of(asked));
        feed->is_ending_ = true;
        call.exchange.answer(feed_response(feed));
        return;
    }
    const auto format = names_type(accept_of(asked), kCloudEventType)
                            ? json_events::EventFormat::kCloudEvent
                            : json_events::EventFormat::kPlain;
    SubscriptionPump::Start start{std::string(call.name_space), std::move(request), {}};
    if (const auto* after = std::get_if<api::AfterToken>(&start.request.start))
        start.resume = after->token;
    const auto feed = std::make_shared<EventFeed>(call.desk);
    feed->exchange_ = &call.exchange;
    feed->trace_id_ = trace_id_of(asked);
    feed->pump_ = std::make_shared<SubscriptionPump>(
        call.desk,
        std::move(*lease),
        [&texts = call.desk.frame_texts, format, name = start.name_space](
            const api::SubscriptionFrame& frame, std::string& text
        ) { return texts.append(frame, format, name, text); },
        [feed](Fetched fetched) { feed->on_fetched(std::move(fetched)); }
    );
    feed->pump_->start(std::move(start));
}

void EventFeed::on_fetched(Fetched fetched) {
    if (Exchange* exchange = std::exchange(exchange_, nullptr)) {
        // Nobody would tell it any more that the store closes: it was no feed yet when it did.
        if (desk_.gate.is_closed() && !fetched.error)
            fetched.error = Error(ErrorCode::kShuttingDown, "the server is stopping: come back");
        if (fetched.error) fetched.error = as_sent(*fetched.error, exchange->request());
        if (fetched.error && fetched.text.empty() &&
            !is_told_in_feed(exchange->request(), *fetched.error)) {
            const auto self = shared_from_this();
            close();
            exchange->fail(*fetched.error);
            return;
        }
        unsent_ = kFirst;
        exchange->answer(feed_response(shared_from_this()));
    }
    unsent_ += fetched.text;
    is_fetched_ = true;
    if (fetched.error) {
        append_end(unsent_, *fetched.error, trace_id_);
        is_ending_ = true;
        if (const auto pump = std::exchange(pump_, nullptr)) pump->close();
    }
    write();
}

void EventFeed::start(FeedSink& sink) {
    sink_ = &sink;
    last_written_ = std::chrono::steady_clock::now();
    write();
}

void EventFeed::write() {
    if (sink_ == nullptr || is_writing_ || (unsent_.empty() && !is_ending_)) return;
    is_writing_ = true;
    sink_->write(std::exchange(unsent_, std::string()), is_ending_);
}

void EventFeed::want_more() {
    is_writing_ = false;
    last_written_ = std::chrono::steady_clock::now();
    if (!unsent_.empty() || is_ending_) {
        write();
        return;
    }
    if (pump_ && std::exchange(is_fetched_, false)) pump_->give_credit();
}

void EventFeed::tick(TimePoint now) {
    if (is_writing_ || is_ending_ || now - last_written_ < desk_.options.heartbeat) return;
    unsent_ += kHeartbeat;
    write();
}

void EventFeed::drain() {
    if (is_ending_) return;
    append_end(
        unsent_,
        Error(ErrorCode::kShuttingDown, "the server is stopping: come back, it goes on"),
        trace_id_
    );
    is_ending_ = true;
    if (const auto pump = std::exchange(pump_, nullptr)) pump->close();
    write();
}

void EventFeed::close() {
    sink_ = nullptr;
    if (const auto pump = std::exchange(pump_, nullptr)) pump->close();
}

}  // namespace annals::http_door::detail
