// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/entities/entity.hpp"
#include "annals/entities/entity_store.hpp"

#include "fold.hpp"
#include "state_cache.hpp"

namespace annals::entities {

/// A state that was read, or none: one's own, or one that stays in memory, too, and is not copied
/// unless it is taken.
class ReadState {
  public:
    ReadState() = default;
    explicit ReadState(std::optional<State> own) : own_(std::move(own)) {}
    explicit ReadState(std::shared_ptr<const State> kept) : kept_(std::move(kept)) {}

    /// Null: there is none.
    [[nodiscard]] const State* get() const { return own_ ? &*own_ : kept_.get(); }
    explicit operator bool() const { return get() != nullptr; }
    const State& operator*() const { return *get(); }
    const State* operator->() const { return get(); }

    /// Where there is one.
    [[nodiscard]] State take() && {
        if (own_) return std::move(*own_);
        return *kept_;
    }

  private:
    std::optional<State> own_;
    std::shared_ptr<const State> kept_;
};

/// What a stream was like, and up to where that speaks.
struct Reading {
    /// Nothing: the stream has no events (then). Has perhaps a problem.
    ReadState state;
    std::string position;  ///< token; may be empty without events
    /// Old events of the stream go by count or age (api::ReadPage).
    bool has_retention = false;
};

/// Reads the states of entities out of their streams: the newest kTailEvents backwards, which is
/// all there is of most entities, else on from the newest snapshot that fits. Of entities with more
/// than kRecentEvents the newest state stays in memory; then only so many events are read.
///
/// A snapshot is believed when the event of its revision is still the one it was made of and says
/// the hash of its document (stands_on), and what is shown now begins where its fold did
/// (State::is_of_shown); else it is as if it were not there. So is a state in memory, which this
/// made itself, by its event. What cannot be folded on from either is folded from the beginning
/// before it is called unreadable; a snapshot that was wrong goes. A read of the newest state that
/// had to fold beyond the tail leaves a snapshot behind, so that the next does not, where the last
/// event says a hash. Any thread that may wait.
class StateReader {
  public:
    static constexpr std::uint32_t kTailEvents = 64;
    static constexpr std::uint32_t kRecentEvents = 8;

    explicit StateReader(api::EventStore& store) : store_(store) {}

    /// The state has a problem where the stream cannot be folded. entity_not_found where `as_of`
    /// names a revision that does not exist, or is not shown, and those of a read. That the stream
    /// does not exist is no error.
    Result<Reading> read(
        const api::CallContext& context, std::string_view stream, const GetOptions& options = {}
    );

    /// The newest state, where that asks neither the disk nor for much work: few recent events, a
    /// small document; also that there is no stream. Nothing: call read(), which also tells what is
    /// wrong. Any thread.
    std::optional<Result<Reading>> try_read(
        const api::CallContext& context, std::string_view stream
    );
    static constexpr std::size_t kQuickBytesMax = 64u << 10u;

    /// What an update made that the log has taken: who reads next need not fold it. Any thread.
    void keep(
        std::string_view name_space, std::string_view stream, std::shared_ptr<const State> state
    );

    [[nodiscard]] SnapshotCounts snapshot_counts() const;
    [[nodiscard]] StateCacheCounts cache_counts() const { return cache_.counts(); }

  private:
    struct Tail;

    Result<std::optional<Tail>> read_tail(
        const api::CallContext& context,
        std::string_view stream,
        const GetOptions& options,
        std::uint32_t limit
    );
    /// On from the state in memory; nothing when there is none, it is too old, or it has a problem.
    Result<std::optional<Reading>> read_recent(
        const api::CallContext& context, std::string_view stream, const GetOptions& options
    );
    std::optional<Result<Reading>> fold_tail(
        const api::CallContext& context,
        std::string_view stream,
        Tail tail,
        const std::shared_ptr<const State>& cached
    );
    Result<std::optional<State>> fold_beyond_tail(
        const api::CallContext& context,
        std::string_view stream,
        const Tail& tail,
        bool leaves_snapshot
    );
    /// On from a snapshot that begins where what is shown does; nothing when it does not stand on
    /// its event.
    Result<std::optional<State>> fold_on(
        const api::CallContext& context, std::string_view stream, const Tail& tail, State snapshot
    );
    /// The newest that is not above the revision; nothing also where the store has no snapshots.
    std::optional<State> load_snapshot(
        const api::CallContext& context, std::string_view stream, Revision revision_max
    );
    /// Where one of the state would be believed.
    void leave_snapshot(
        const api::CallContext& context, std::string_view stream, const State& state
    );
    /// So that nobody takes it again, and older ones are of use.
    void drop_snapshot(const api::CallContext& context, std::string_view stream, Revision revision);
    /// Folds what is from a revision on up to another; `base` stands before, or is checked against
    /// the event of its revision. Nothing when it is not the base of these events.
    Result<std::optional<State>> fold_forwards(
        const api::CallContext& context,
        std::string_view stream,
        std::optional<State> base,
        Revision last
    );

    api::EventStore& store_;
    StateCache cache_;
    std::atomic<std::uint64_t> hits_{0};
    std::atomic<std::uint64_t> stored_{0};
    std::atomic<std::uint64_t> rejected_{0};
    std::atomic<std::uint64_t> failed_{0};
};

}  // namespace annals::entities
