// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/consumers/consumer_store.hpp"

#include <algorithm>
#include <charconv>
#include <future>
#include <utility>

#include "annals/codec/text.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"
#include "annals/streams/requests.hpp"
#include "annals/streams/tokens.hpp"

#include "change.hpp"
#include "history.hpp"
#include "progress.hpp"

namespace annals::consumers {
namespace {

using api::CallContext;
using api::ConsumerProgress;
using api::SaveDone;

constexpr std::uint32_t kUsualLimit = 100;
/// Consumers that one page looks at, shown or not.
constexpr std::size_t kLookedAtMax = 4'096;
constexpr std::size_t kTasksMax = 4'096;

Status check_text(std::string_view field, std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) return model::too_large(field, text.size(), bytes_max, "bytes");
    if (!codec::is_utf8(text)) return model::refused(field, text, "it must be UTF-8");
    return ok();
}

Status check_given(std::string_view field, std::string_view text, std::size_t bytes_max) {
    if (text.empty()) return model::refused(field, text, "it must be given");
    return check_text(field, text, bytes_max);
}

Status check_consumer(std::string_view name, std::string_view field = "consumer") {
    ANNALS_CHECK(check_given(field, name, api::kConsumerNameBytesMax));
    return model::check_stream_name(name, field);
}

/// The offset, where it is the number of a position that the log has.
std::optional<Position> position_of(std::string_view offset, const commit::VisibleEnd& end) {
    std::uint64_t number = 0;
    const char* const last = offset.data() + offset.size();
    const auto [stop, error] = std::from_chars(offset.data(), last, number);
    if (offset.empty() || error != std::errc() || stop != last) return std::nullopt;
    if (Position(number) > end.get()) return std::nullopt;
    return Position(number);
}

Error beyond_end(Position position, Position end) {
    return Error(
               ErrorCode::kTokenBeyondEnd,
               "to: position " + std::to_string(position.value) +
                   " lies beyond the end of the log, which is " + std::to_string(end.value) +
                   ": name a position up to it"
    )
        .with("field", "to")
        .with("position", std::to_string(position.value))
        .with("end", std::to_string(end.value));
}

Result<Place> place_at(commit::Orderer& events, Position position) {
    streams::Tokens tokens(events);
    ANNALS_TRY(std::string token, tokens.at(position));
    return Place{std::move(token), position};
}

/// In the spelling of this log, whatever incarnation the caller's token had.
Result<Place> place_of_token(
    commit::Orderer& events, const std::string& token, std::string_view field
) {
    ANNALS_TRY(const Position position, streams::Tokens(events).check(token, field));
    return place_at(events, position);
}

CheckStored checks_stored(std::shared_ptr<commit::Orderer> events) {
    return [events = std::move(events)](const std::string& token) -> Status {
        ANNALS_CHECK(streams::Tokens(*events).check(token, "position"));
        return ok();
    };
}

class DirectConsumerStore final : public api::ConsumerStore {
  public:
    explicit DirectConsumerStore(namespaces::Namespaces& namespaces) : namespaces_(namespaces) {}

    Result<ConsumerProgress> claim(
        const CallContext& context, const api::ClaimConsumerRequest& request
    ) override {
        ANNALS_CHECK(check_consumer(request.consumer));
        ANNALS_CHECK(check_given("owner", request.owner, api::kConsumerTextBytesMax));
        ANNALS_CHECK(check_text("actor", request.actor, api::kConsumerTextBytesMax));
        ANNALS_TRY(const Logs logs, open(context));
        return change_and_wait(
            context,
            logs,
            request.consumer,
            [owner = request.owner](const Current& current) {
                return decide_claim(current, owner);
            },
            request.actor
        );
    }

    void save(const CallContext& context, const api::SaveProgressRequest& request, SaveDone done)
        override {
        if (Status checked = check_consumer(request.consumer); !checked) {
            return done(std::move(checked).take_error());
        }
        Status checked = check_text("actor", request.actor, api::kConsumerTextBytesMax);
        if (!checked) return done(std::move(checked).take_error());
        Result<Logs> logs = open(context);
        if (!logs) return done(std::move(logs).take_error());
        Result<Place> place = place_of_token(*logs->events, request.position, "position");
        if (!place) return done(std::move(place).take_error());
        change(
            context,
            *logs,
            request.consumer,
            [consumer = request.consumer,
             place = std::move(*place),
             epoch = request.epoch,
             check = checks_stored(logs->events)](const Current& current) {
                return decide_save(consumer, current, place, epoch, check);
            },
            std::move(done),
            request.actor
        );
    }

    Result<ConsumerProgress> rewind(
        const CallContext& context, const api::RewindConsumerRequest& request
    ) override {
        ANNALS_CHECK(check_consumer(request.consumer));
        ANNALS_CHECK(check_given("reason", request.reason, api::kConsumerTextBytesMax));
        ANNALS_CHECK(check_text("actor", request.actor, api::kConsumerTextBytesMax));
        ANNALS_TRY(const Logs logs, open(context));
        ANNALS_TRY(const Place place, place_to(*logs.events, request));
        return change_and_wait(
            context,
            logs,
            request.consumer,
            [consumer = request.consumer, place, reason = request.reason](const Current& current) {
                return decide_rewind(consumer, current, place, reason);
            },
            request.actor
        );
    }

    Result<ConsumerProgress> get(const CallContext& context, const std::string& consumer) override {
        ANNALS_CHECK(check_consumer(consumer));
        ANNALS_TRY(const Logs logs, open(context));
        ANNALS_TRY(const auto last, read_last(*logs.system, stream_of(consumer)));
        if (!last || last->record.is_deleted()) return consumer_not_found(consumer);
        return progress_of(consumer, *last, *logs.events);
    }

    Result<api::ConsumerList> list(
        const CallContext& context, const api::ListConsumersRequest& request
    ) override;

    Status remove(const CallContext& context, const api::RemoveConsumerRequest& request) override {
        ANNALS_CHECK(check_consumer(request.consumer));
        ANNALS_CHECK(check_text("reason", request.reason, api::kConsumerTextBytesMax));
        ANNALS_CHECK(check_text("actor", request.actor, api::kConsumerTextBytesMax));
        ANNALS_TRY(const Logs logs, open(context));
        ANNALS_CHECK(change_and_wait(
            context,
            logs,
            request.consumer,
            [consumer = request.consumer, reason = request.reason](const Current& current) {
                return decide_remove(consumer, current, reason);
            },
            request.actor
        ));
        return ok();
    }

    Result<api::ConsumerHistory> history(
        const CallContext& context, const api::ConsumerHistoryRequest& request
    ) override {
        ANNALS_CHECK(check_consumer(request.consumer));
        api::ConsumerHistoryRequest bounded = request;
        ANNALS_TRY(bounded.limit, streams::events_limit(request.limit, kUsualLimit, "limit"));
        ANNALS_TRY(const Logs logs, open(context));
        return read_history(*logs.system, bounded);
    }

    void save_offset(
        const CallContext& context, const api::SaveOffsetRequest& request, SaveDone done
    ) override {
        Status checked = check_offset(request);
        if (!checked) return done(std::move(checked).take_error());
        Result<Logs> logs = open(context);
        if (!logs) return done(std::move(logs).take_error());
        std::optional<Place> place;
        if (const auto position = position_of(request.offset, logs->events->visible_end())) {
            Result<Place> found = place_at(*logs->events, *position);
            if (!found) return done(std::move(found).take_error());
            place = std::move(*found);
        }
        change(
            context,
            *logs,
            request.consumer,
            [request, place = std::move(place)](const Current& current) {
                return decide_offset(
                    request.consumer, current, request.offset, request.foreign_id, place
                );
            },
            std::move(done)
        );
    }

  private:
    using Decide = std::function<Decision(const Current&)>;

    static Status check_offset(const api::SaveOffsetRequest& request) {
        ANNALS_CHECK(check_consumer(request.consumer));
        ANNALS_CHECK(check_given("offset", request.offset, api::kConsumerOffsetBytesMax));
        return check_text("foreign_id", request.foreign_id, api::kConsumerForeignIdBytesMax);
    }

    static Result<Place> place_to(
        commit::Orderer& events, const api::RewindConsumerRequest& request
    ) {
        if (const auto* token = std::get_if<std::string>(&request.to)) {
            return place_of_token(events, *token, "to");
        }
        const Position to = std::get<Position>(request.to);
        const Position end = events.visible_end().get();
        if (to > end) return beyond_end(to, end);
        return place_at(events, to);
    }

    Result<Logs> open(const CallContext& context) {
        Logs logs;
        ANNALS_TRY(logs.events, namespaces_.events_log(context.name_space));
        ANNALS_TRY(logs.system, namespaces_.system_log(context.name_space));
        return logs;
    }

    void change(
        const CallContext& context,
        Logs logs,
        std::string consumer,
        Decide decide,
        SaveDone done,
        std::string actor = {}
    ) {
        ChangeRequest request;
        request.consumer = std::move(consumer);
        request.actor = std::move(actor);
        request.decide = std::move(decide);
        request.done = std::move(done);
        request.principal = context.principal;
        request.traceparent = context.traceparent;
        request.tracestate = context.tracestate;
        request.deadline_ns = context.deadline_ns;
        Change::start({cache_, turns_, pool_}, std::move(logs), std::move(request));
    }

    Result<ConsumerProgress> change_and_wait(
        const CallContext& context,
        const Logs& logs,
        const std::string& consumer,
        Decide decide,
        const std::string& actor = {}
    ) {
        using Answer = Result<ConsumerProgress>;
        // Joins the orderer's thread, which may be inside set_value still, with this one.
        const auto promise = std::make_shared<std::promise<Answer>>();
        std::future<Answer> answer = promise->get_future();
        change(
            context,
            logs,
            consumer,
            std::move(decide),
            [promise](Answer result) { promise->set_value(std::move(result)); },
            actor
        );
        return answer.get();
    }

    namespaces::Namespaces& namespaces_;
    RecordCache cache_;
    ChangeTurns turns_;
    runtime::WorkerPool pool_{"consumers", 1, kTasksMax};  // ends first
};

Result<api::ConsumerList> DirectConsumerStore::list(
    const CallContext& context, const api::ListConsumersRequest& request
) {
    if (!request.prefix.empty()) ANNALS_CHECK(check_consumer(request.prefix, "prefix"));
    if (!request.after.empty()) ANNALS_CHECK(check_consumer(request.after, "after"));
    ANNALS_TRY(
        const std::uint32_t limit, streams::events_limit(request.limit, kUsualLimit, "limit")
    );
    ANNALS_TRY(const Logs logs, open(context));
    const std::string prefix = stream_of(request.prefix);
    api::ConsumerList list;
    std::string after = request.after.empty() ? std::string() : stream_of(request.after);
    for (std::size_t looked_at = 0; looked_at < kLookedAtMax;) {
        const std::size_t wanted = limit - list.consumers.size();
        ANNALS_TRY(const auto found, logs.system->index().list_streams(prefix, after, wanted));
        for (const index::StreamSummary& stream : found) {
            ANNALS_TRY(const auto last, read_last(*logs.system, stream.name));
            if (!last || last->record.is_deleted()) continue;
            const std::string consumer = stream.name.substr(kStreamPrefix.size());
            list.consumers.push_back(progress_of(consumer, *last, *logs.events));
        }
        if (found.size() < wanted) return list;
        looked_at += found.size();
        after = found.back().name;
        if (list.consumers.size() == limit) break;
    }
    list.next = after.substr(kStreamPrefix.size());
    return list;
}

}  // namespace

std::unique_ptr<api::ConsumerStore> make_consumer_store(namespaces::Namespaces& namespaces) {
    return std::make_unique<DirectConsumerStore>(namespaces);
}

}  // namespace annals::consumers
