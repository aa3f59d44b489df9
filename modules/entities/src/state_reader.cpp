// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "state_reader.hpp"

#include <algorithm>
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

Error no_such_revision(std::string_view stream, Revision revision, const api::ReadPage& page) {
    const std::string number = std::to_string(revision.value);
    const std::string oldest = page.first_revision ? std::to_string(page.first_revision->value)
                                                   : "0";
    const std::string newest = page.last_revision ? std::to_string(page.last_revision->value) : "";
    const bool is_above = page.last_revision && *page.last_revision < revision;
    return Error(
               ErrorCode::kEntityNotFound,
               std::string(stream) +
                   (is_above ? " has no revision " + number + ": the newest is " + newest
                             : " does not show its revision " + number +
                                   " any more: the oldest that it shows is " + oldest)
    )
        .with("stream", stream)
        .with("revision", number)
        .with("oldest", oldest)
        .with("newest", newest);
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
        const bool is_all = page.is_end || events.back().revision.value == 0;
        return is_all ? events.size() - 1 : events.size();
    }
    /// Whether a fold of what is shown now rests on the same events.
    [[nodiscard]] bool shows_beginning_of(const State& state) const {
        return page.first_revision && state.is_of_shown(*page.first_revision);
    }
    /// The event that the state was made of, where a fold of what is shown now would give the state
    /// there; else their number.
    [[nodiscard]] std::size_t base(const State& state) const {
        if (!shows_beginning_of(state)) return events.size();
        const auto made_of = std::ranges::find(
            events, state.revision, &model::RecordedEvent::revision
        );
        const bool is_it = made_of != events.end() && made_of->id == state.event_id;
        return is_it ? static_cast<std::size_t>(made_of - events.begin()) : events.size();
    }
    /// The newest `count` of them, added to the fold.
    [[nodiscard]] std::optional<State> fold(Fold fold, std::size_t count) const {
        for (std::size_t i = count; i-- > 0;) fold.add(events[i]);
        return fold.finish();
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
    if (!is_there && revision != nullptr) return no_such_revision(stream, *revision, tail.page);
    return std::optional<Tail>(std::move(tail));
}

Result<std::optional<Reading>> StateReader::read_recent(
    const api::CallContext& context, std::string_view stream, const GetOptions& options
) {
    const std::shared_ptr<const State> cached = cache_.find(context.name_space, stream);
    if (!cached) return std::optional<Reading>();
    ANNALS_TRY(const std::optional<Tail> tail, read_tail(context, stream, options, kRecentEvents));
    if (!tail) return std::optional<Reading>();
    const std::size_t made_of = tail->base(*cached);
    if (made_of == tail->events.size()) return std::optional<Reading>();
    Reading reading;
    reading.position = tail->page.position;
    reading.has_retention = tail->page.has_retention;
    if (made_of == 0) {
        reading.state = ReadState(cached);
        return std::optional<Reading>(std::move(reading));
    }
    std::optional<State> state = tail->fold(Fold(*cached), made_of);
    // Whatever is wrong, it is looked for in the log alone.
    if (state->problem) return std::optional<Reading>();
    const auto kept = std::make_shared<const State>(std::move(*state));
    reading.state = ReadState(kept);
    cache_.put(context.name_space, stream, kept);
    // For who has nothing in memory.
    const bool is_due = is_snapshot_due(reading.state->revision, cached->revision);
    if (is_due) leave_snapshot(context, stream, *reading.state);
    return std::optional<Reading>(std::move(reading));
}

std::optional<Result<Reading>> StateReader::try_read(
    const api::CallContext& context, std::string_view stream
) {
    const std::shared_ptr<const State> cached = cache_.find(context.name_space, stream);
    api::ReadRequest request;
    request.stream = stream;
    request.direction = api::Direction::kBackwards;
    // Most often nothing came after the one in memory.
    request.limit = cached ? 1 : kRecentEvents;
    while (true) {
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
        const bool is_enough = request.limit == kRecentEvents || tail.base(*cached) == 0;
        if (is_enough) return fold_tail(context, stream, std::move(tail), cached);
        request.limit = kRecentEvents;
    }
}

/// The newest events, on the state in memory where that is the base of them.
std::optional<Result<Reading>> StateReader::fold_tail(
    const api::CallContext& context,
    std::string_view stream,
    Tail tail,
    const std::shared_ptr<const State>& cached
) {
    const bool is_small = cached && bytes_of(cached->document) <= kQuickBytesMax;
    const std::size_t made_of = is_small ? tail.base(*cached) : tail.events.size();
    const bool is_in_memory = made_of < tail.events.size();
    // Far behind: read() brings it forward, and leaves a snapshot when it is time.
    if (!is_in_memory && tail.begin() == tail.events.size()) return std::nullopt;
    Reading reading{ReadState(cached), std::move(tail.page.position), tail.page.has_retention};
    if (is_in_memory && made_of == 0) return Result<Reading>(std::move(reading));
    std::optional<State> state = is_in_memory ? tail.fold(Fold(*cached), made_of)
                                              : tail.fold(Fold(), tail.begin() + 1);
    if (!state || state->problem) return std::nullopt;
    if (!is_in_memory) {
        reading.state = ReadState(std::move(state));
        return Result<Reading>(std::move(reading));
    }
    if (is_snapshot_due(state->revision, cached->revision)) return std::nullopt;
    const auto kept = std::make_shared<const State>(std::move(*state));
    reading.state = ReadState(kept);
    cache_.put(context.name_space, stream, kept);
    return Result<Reading>(std::move(reading));
}

void StateReader::keep(
    std::string_view name_space, std::string_view stream, std::shared_ptr<const State> state
) {
    // Else nobody would see that it is time for one.
    if (is_snapshot_due(state->revision, Revision(state->revision.value - 1))) return;
    cache_.put(name_space, stream, std::move(state));
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
    reading.has_retention = tail->page.has_retention;
    if (tail->events.empty()) {
        // All is hidden: there is nothing, but its revisions go on.
        if (is_newest && tail->page.last_revision) {
            State hidden;
            hidden.revision = *tail->page.last_revision;
            reading.state = ReadState(std::move(hidden));
        }
        return reading;
    }
    const std::size_t begin = tail->begin();
    if (begin == tail->events.size()) {
        ANNALS_TRY(std::optional<State> state, fold_beyond_tail(context, stream, *tail, is_newest));
        reading.state = ReadState(std::move(state));
    } else {
        reading.state = ReadState(tail->fold(Fold(), begin + 1));
    }
    const bool is_worth_it = is_newest && tail->events.size() > kRecentEvents && reading.state &&
                             !reading.state->problem;
    if (is_worth_it) {
        cache_.put(context.name_space, stream, std::make_shared<const State>(*reading.state));
    }
    return reading;
}

Result<std::optional<State>> StateReader::fold_beyond_tail(
    const api::CallContext& context, std::string_view stream, const Tail& tail, bool leaves_snapshot
) {
    std::optional<State> snapshot = load_snapshot(context, stream, tail.last());
    if (snapshot && !tail.shows_beginning_of(*snapshot)) {
        // It counts again when what is hidden is shown.
        rejected_.fetch_add(1, std::memory_order_relaxed);
        snapshot.reset();
    }
    std::optional<State> state;
    if (snapshot) {
        const Revision revision = snapshot->revision;
        ANNALS_TRY(state, fold_on(context, stream, tail, std::move(*snapshot)));
        bool is_wrong = !state;
        if (!state || state->problem) {
            ANNALS_TRY(state, fold_forwards(context, stream, std::nullopt, tail.last()));
            // What cannot be read without it either is not its fault.
            is_wrong = is_wrong || (state && !state->problem);
        }
        (is_wrong ? rejected_ : hits_).fetch_add(1, std::memory_order_relaxed);
        if (is_wrong) drop_snapshot(context, stream, revision);
        // One that is this near spares the next read enough.
        const bool is_near = revision >= tail.events.back().revision;
        if (is_near && !is_wrong) leaves_snapshot = false;
    } else {
        ANNALS_TRY(state, fold_forwards(context, stream, std::nullopt, tail.last()));
    }
    if (leaves_snapshot && state) leave_snapshot(context, stream, *state);
    return state;
}

Result<std::optional<State>> StateReader::fold_on(
    const api::CallContext& context, std::string_view stream, const Tail& tail, State snapshot
) {
    const auto made_of = std::ranges::find(
        tail.events, snapshot.revision, &model::RecordedEvent::revision
    );
    // Of one from before the tail the event is looked at when it is read.
    if (made_of == tail.events.end()) {
        return fold_forwards(context, stream, std::move(snapshot), tail.last());
    }
    if (!stands_on(snapshot, *made_of)) return std::optional<State>();
    const auto count = static_cast<std::size_t>(made_of - tail.events.begin());
    return tail.fold(Fold(std::move(snapshot)), count);
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
    if (base) request.start = api::FromRevision{base->revision};
    Fold fold;
    while (true) {
        ANNALS_TRY(const api::ReadPage page, store_.read(context, request));
        ANNALS_TRY(const std::vector<model::RecordedEvent> events, page.events.decode());
        for (const model::RecordedEvent& event : events) {
            if (base) {
                if (!stands_on(*base, event)) return std::optional<State>();
                fold = Fold(std::move(*base));
                base.reset();
                continue;
            }
            if (event.revision > last) return fold.finish();
            fold.add(event);
        }
        if (page.is_end) {
            // The event that the snapshot was made of is not there any more.
            if (base) return std::optional<State>();
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
    if (!state) {
        rejected_.fetch_add(1, std::memory_order_relaxed);
        drop_snapshot(context, stream, (*loaded)->revision);
    }
    return state;
}

void StateReader::leave_snapshot(
    const api::CallContext& context, std::string_view stream, const State& state
) {
    if (!state.has_document || !state.ends_with_hash) return;
    const api::Snapshot snapshot = encode_snapshot(stream, state);
    if (snapshot.data.size() > api::kSnapshotBytesMax) return;
    const Status stored = store_.store_snapshot(context, snapshot);
    if (stored) {
        stored_.fetch_add(1, std::memory_order_relaxed);
    } else if (stored.error().code() != ErrorCode::kNotSupported) {
        failed_.fetch_add(1, std::memory_order_relaxed);
    }
}

void StateReader::drop_snapshot(
    const api::CallContext& context, std::string_view stream, Revision revision
) {
    const std::string reducer = snapshot_key_of(stream).reducer;
    const auto dropped = store_.delete_snapshots(context, {std::string(stream), reducer, revision});
    if (!dropped) failed_.fetch_add(1, std::memory_order_relaxed);
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
