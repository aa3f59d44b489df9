// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "state_reader.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "state_snapshot.hpp"

namespace annals::entities {
namespace {

constexpr std::uint32_t kPageEvents = 512;

/// As often as a read that has nothing in memory would leave one.
bool is_snapshot_due(Revision now, Revision before) {
    return now.value / StateReader::kTailEvents > before.value / StateReader::kTailEvents;
}

Error no_such_revision(std::string_view stream, Revision revision) {
    const std::string number = std::to_string(revision.value);
    return Error(
               ErrorCode::kEntityNotFound,
               std::string(stream) + " has no revision " + number + ": ask for one it has"
    )
        .with("stream", stream)
        .with("revision", number);
}

}  // namespace

/// The newest events, newest first.
struct StateReader::Tail {
    api::ReadPage page;
    std::vector<model::RecordedEvent> events;

    [[nodiscard]] Revision last() const { return events.front().revision; }

    /// Where a fold of the tail alone may begin; the tail's size when it may not.
    [[nodiscard]] std::size_t begin() const {
        const auto created = std::find_if(events.begin(), events.end(), [](const auto& event) {
            return change_kind_of(event.type) == ChangeKind::kCreated;
        });
        if (created != events.end()) return static_cast<std::size_t>(created - events.begin());
        return events.back().revision.value == 0 ? events.size() - 1 : events.size();
    }
};

Result<std::optional<StateReader::Tail>> StateReader::read_tail(
    const api::CallContext& context,
    std::string_view stream,
    const GetOptions& options,
    std::uint32_t limit
) {
    api::ReadRequest request;
    request.stream = stream;
    request.direction = api::Direction::kBackwards;
    request.limit = limit;
    request.min_position = options.min_position;
    request.max_wait_ms = options.max_wait_ms;
    const auto* revision = std::get_if<Revision>(&options.as_of);
    if (revision != nullptr) request.start = api::FromRevision{*revision};
    if (const auto* time = std::get_if<TimeNs>(&options.as_of)) {
        if (time->value < std::numeric_limits<std::int64_t>::max()) {
            request.start = api::FromTime{TimeNs(time->value + 1)};
        }
    }
    Tail tail;
    auto page = store_.read(context, request);
    if (!page && page.error().code() == ErrorCode::kStreamNotFound) return std::optional<Tail>();
    if (!page) return std::move(page).take_error();
    tail.page = std::move(*page);
    ANNALS_TRY(tail.events, tail.page.events.decode());
    const bool is_there = !tail.events.empty() && (revision == nullptr || tail.last() == *revision);
    if (!is_there && revision != nullptr) return no_such_revision(stream, *revision);
    return std::optional<Tail>(std::move(tail));
}

Result<std::optional<Reading>> StateReader::read_recent(
    const api::CallContext& context, std::string_view stream, const GetOptions& options
) {
    const std::shared_ptr<const State> cached = cache_.find(context.name_space, stream);
    if (!cached) return std::optional<Reading>();
    ANNALS_TRY(const std::optional<Tail> tail, read_tail(context, stream, options, kRecentEvents));
    if (!tail) return std::optional<Reading>();
    const auto made_of = std::find_if(
        tail->events.begin(),
        tail->events.end(),
        [&](const auto& event) { return event.revision == cached->revision; }
    );
    if (made_of == tail->events.end() || made_of->id != cached->event_id) {
        return std::optional<Reading>();
    }
    Reading reading;
    reading.position = tail->page.position;
    Fold fold(*cached);
    for (auto next = std::make_reverse_iterator(made_of); next != tail->events.rend(); ++next) {
        fold.add(*next);
    }
    ANNALS_TRY(reading.state, fold.finish());
    if (made_of == tail->events.begin()) return std::optional<Reading>(std::move(reading));
    cache_.put(context.name_space, stream, *reading.state);
    // For who has nothing in memory.
    const bool is_due = is_snapshot_due(reading.state->revision, cached->revision);
    if (is_due && reading.state->has_document) leave_snapshot(context, stream, *reading.state);
    return std::optional<Reading>(std::move(reading));
}

std::optional<Result<Reading>> StateReader::try_read(
    const api::CallContext& context, std::string_view stream
) {
    api::ReadRequest request;
    request.stream = stream;
    request.direction = api::Direction::kBackwards;
    request.limit = kRecentEvents;
    auto page = store_.try_read(context, request);
    if (!page) return std::nullopt;
    if (!*page) {
        const bool is_none = (*page).error().code() == ErrorCode::kStreamNotFound;
        return is_none ? std::optional(Result<Reading>(Reading())) : std::nullopt;
    }
    if ((*page)->events.bytes().size() > kQuickBytesMax) return std::nullopt;
    Tail tail;
    tail.page = std::move(**page);
    auto events = tail.page.events.decode();
    if (!events || events->empty()) return std::nullopt;
    tail.events = std::move(*events);
    std::size_t count = tail.begin() + 1;  // of the newest events, what is folded
    Fold fold;
    std::shared_ptr<const State> cached;
    if (count > tail.events.size()) {
        cached = cache_.find(context.name_space, stream);
        if (!cached || bytes_of(cached->document) > kQuickBytesMax) return std::nullopt;
        const auto made_of = std::find_if(
            tail.events.begin(),
            tail.events.end(),
            [&](const auto& event) { return event.id == cached->event_id; }
        );
        // Far behind: read() brings it forward, and leaves a snapshot when it is time.
        if (made_of == tail.events.end()) return std::nullopt;
        count = static_cast<std::size_t>(made_of - tail.events.begin());
        fold = Fold(*cached);
    }
    for (std::size_t i = count; i-- > 0;) {
        fold.add(tail.events[i]);
    }
    auto state = fold.finish();
    if (!state) return std::nullopt;
    if (cached && count > 0) {
        if (is_snapshot_due((*state)->revision, cached->revision)) return std::nullopt;
        cache_.put(context.name_space, stream, **state);
    }
    return Result<Reading>(Reading{std::move(*state), tail.page.position});
}

Result<Reading> StateReader::read(
    const api::CallContext& context, std::string_view stream, const GetOptions& options
) {
    const bool is_newest = std::holds_alternative<std::monostate>(options.as_of);
    if (is_newest) {
        ANNALS_TRY(std::optional<Reading> recent, read_recent(context, stream, options));
        if (recent) return std::move(*recent);
    }
    Reading reading;
    ANNALS_TRY(const std::optional<Tail> tail, read_tail(context, stream, options, kTailEvents));
    if (!tail) return reading;
    reading.position = tail->page.position;
    if (tail->events.empty()) return reading;
    const std::size_t begin = tail->begin();
    if (begin == tail->events.size()) {
        ANNALS_TRY(reading.state, fold_beyond_tail(context, stream, *tail, is_newest));
    } else {
        Fold fold;
        for (std::size_t i = begin + 1; i-- > 0;) fold.add(tail->events[i]);
        ANNALS_TRY(reading.state, fold.finish());
    }
    const bool is_worth_it = is_newest && tail->events.size() > kRecentEvents && reading.state;
    if (is_worth_it) cache_.put(context.name_space, stream, *reading.state);
    return reading;
}

Result<std::optional<State>> StateReader::fold_beyond_tail(
    const api::CallContext& context, std::string_view stream, const Tail& tail, bool leaves_snapshot
) {
    std::optional<State> snapshot = load_snapshot(context, stream, tail.last());
    const Revision oldest = tail.events.back().revision;
    if (snapshot && snapshot->revision >= oldest) {
        const auto made_of = std::find_if(
            tail.events.begin(),
            tail.events.end(),
            [&](const auto& event) { return event.revision == snapshot->revision; }
        );
        if (made_of != tail.events.end() && made_of->id == snapshot->event_id) {
            hits_.fetch_add(1, std::memory_order_relaxed);
            Fold fold(std::move(*snapshot));
            for (auto next = std::make_reverse_iterator(made_of); next != tail.events.rend();
                 ++next) {
                fold.add(*next);
            }
            return fold.finish();
        }
        rejected_.fetch_add(1, std::memory_order_relaxed);
        snapshot.reset();
    }
    std::optional<State> state;
    if (snapshot) {
        ANNALS_TRY(state, fold_forwards(context, stream, std::move(snapshot), tail.last()));
        (state ? hits_ : rejected_).fetch_add(1, std::memory_order_relaxed);
    }
    if (!state) {
        ANNALS_TRY(state, fold_forwards(context, stream, std::nullopt, tail.last()));
    }
    if (leaves_snapshot && state && state->has_document) leave_snapshot(context, stream, *state);
    return state;
}

Result<std::optional<State>> StateReader::fold_forwards(
    const api::CallContext& context,
    std::string_view stream,
    std::optional<State> base,
    Revision last
) {
    api::ReadRequest request;
    request.stream = stream;
    request.limit = kPageEvents;
    std::optional<Uuid> made_of;
    if (base) {
        made_of = base->event_id;
        request.start = api::FromRevision{base->revision};
    }
    Fold fold = base ? Fold(std::move(*base)) : Fold();
    while (true) {
        ANNALS_TRY(const api::ReadPage page, store_.read(context, request));
        ANNALS_TRY(const std::vector<model::RecordedEvent> events, page.events.decode());
        for (const model::RecordedEvent& event : events) {
            if (event.revision > last) return fold.finish();
            if (made_of) {
                if (event.id != *made_of) return std::optional<State>();
                made_of.reset();
                continue;
            }
            fold.add(event);
        }
        if (page.is_end) {
            // The event that the snapshot was made of is not there any more.
            if (made_of) return std::optional<State>();
            return fold.finish();
        }
        request.start = api::AfterToken{page.next};
    }
}

std::optional<State> StateReader::load_snapshot(
    const api::CallContext& context, std::string_view stream, Revision revision_max
) {
    const auto loaded = store_.load_snapshot(context, {snapshot_key_of(stream), revision_max});
    if (!loaded) {
        if (loaded.error().code() != ErrorCode::kNotSupported) {
            failed_.fetch_add(1, std::memory_order_relaxed);
        }
        return std::nullopt;
    }
    if (!*loaded) return std::nullopt;
    std::optional<State> state = decode_snapshot(**loaded);
    if (!state) rejected_.fetch_add(1, std::memory_order_relaxed);
    return state;
}

void StateReader::leave_snapshot(
    const api::CallContext& context, std::string_view stream, const State& state
) {
    const api::Snapshot snapshot = encode_snapshot(stream, state);
    if (snapshot.data.size() > api::kSnapshotBytesMax) return;
    const Status stored = store_.store_snapshot(context, snapshot);
    if (stored) {
        stored_.fetch_add(1, std::memory_order_relaxed);
    } else if (stored.error().code() != ErrorCode::kNotSupported) {
        failed_.fetch_add(1, std::memory_order_relaxed);
    }
}

SnapshotCounts StateReader::snapshot_counts() const {
    return {
        hits_.load(std::memory_order_relaxed),
        stored_.load(std::memory_order_relaxed),
        rejected_.load(std::memory_order_relaxed),
        failed_.load(std::memory_order_relaxed)
    };
}

}  // namespace annals::entities
