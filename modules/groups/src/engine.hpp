// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"

#include "durable_state.hpp"

namespace annals::groups {

inline constexpr std::int64_t kNsPerMs = 1'000'000;

using MemberId = std::uint64_t;
using DeliveryId = std::uint64_t;

/// Joins the engine's frame with who still copies out of it, without the group's lock.
using Bytes = std::shared_ptr<const std::string>;

/// An event that matches, as it is read. The views end with the call.
struct OfferedEvent {
    Position position;
    std::string_view key;
    TimeNs recorded_time;
    std::string_view message;  ///< bytes of the recorded event, kept while there is room
    bool is_kept = false;      ///< the message lies in what the last keep() took
};

/// One event for a member.
struct Delivery {
    DeliveryId id = 0;
    Position position;
    std::uint32_t attempt = 0;
    std::string_view message;  ///< empty: read it again
    bool is_edited = false;
    Bytes bytes;  ///< in which the message lies; null: in those of the delivery before it
};

/// Two clocks of one moment: Clock::monotonic_ns and Clock::now.
struct Now {
    std::int64_t ns = 0;
    TimeNs time;
};

struct EngineCounts {
    std::uint64_t handled = 0;
    std::uint64_t redelivered = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t waiting = 0;  ///< read, neither given out nor finished; without the backlog
    std::uint64_t window = 0;  ///< events between the checkpoint and what was read, finished or not
    std::uint64_t backlog = 0;  ///< parked, queued behind one, or retried since
    std::uint64_t resting = 0;  ///< keys that wait for a retry
    std::uint64_t parked_keys = 0;
    std::uint64_t ready_keys = 0;
    std::uint64_t takers = 0;      ///< members that would take one more event now
    std::uint64_t unfinished = 0;  ///< read, not finished, not of the backlog
};

/// A consumer group as a state machine: events that match, members, acknowledgements and time go
/// in; deliveries, what must be written down and the next moment to look at it come out. No
/// thread, no clock, no disk.
///
/// What it promises (and what tests/property tests hold it to): an event is with one member at a
/// time; the events of a key go out in the order of the log, each after the one before was
/// acknowledged, skipped or parked (with key_in_flight_max 1); only the member that holds a
/// delivery, in its deadline, settles it; the checkpoint never passes an event that is neither
/// finished nor recorded as parked or queued.
///
/// Memory: window_events_max events and their keys, parked_events_max positions (and at most one
/// window more: what is in flight when as many are parked, and what waits behind it), kBytesMax of
/// events (and one frame more, and what callers of take() still hold); whatever members do. Costs:
/// below a microsecond for each event and each settlement.
///
/// Order of events: `round_robin` treats each event as a key of its own.
class Engine {
  public:
    /// Of events kept so that the first delivery need not read them again.
    static constexpr std::size_t kBytesMax = 8u << 20u;

    /// `first_delivery` is above every number given out before, also before a restart, so that a
    /// late acknowledgement meets no other delivery.
    Engine(api::GroupSettings settings, const DurableState& state, DeliveryId first_delivery);
    ~Engine();
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Numbers alone; stream, filter, strategy and key stay.
    void set_numbers(const api::GroupSettings& settings);
    void set_paused(bool is_paused) { is_paused_ = is_paused; }
    [[nodiscard]] bool is_paused() const { return is_paused_; }

    // ---- events, in the order of the log ----

    /// False: the window or the backlog is full, or nobody would take more; offer nothing now.
    [[nodiscard]] bool has_room() const;
    /// What was finished or parked before the start is passed over. More than has_room() allows is
    /// taken all the same: one frame beyond the bound.
    void offer(const OfferedEvent& event);
    /// The bytes in which the next events lie, so that none is copied when it is offered with
    /// `is_kept`. They stay until each of these events was taken or is finished, if there is room.
    void keep(Bytes bytes);
    /// Everything that matches up to here was offered.
    void read_up_to(Position position);
    [[nodiscard]] Position frontier() const { return frontier_; }
    /// The newest one, of the runs before, too.
    [[nodiscard]] const std::optional<Failure>& last_failure() const { return last_failure_; }

    // ---- members ----

    struct Joining {
        std::string name;
        std::uint32_t in_flight_max = 0;  ///< 0: the group's
        bool is_polling = false;
    };
    /// group_full.
    Result<MemberId> join(Joining joining, Now now);
    /// `is_counted`: it broke; its deliveries count as attempts.
    void leave(MemberId member, bool is_counted, Now now);
    /// A polling member takes so many more; it also shows that it lives. member_gone.
    Status want(MemberId member, std::uint32_t events, Now now);
    /// member_gone.
    Status settle(
        MemberId member,
        const std::vector<api::Settlement>& settled,
        Now now,
        std::vector<api::RefusedSettlement>& refused
    );
    /// The deliveries that were assigned and not taken; at most `events_max` (0: all) and about
    /// `bytes_max`. False: there are none. member_gone.
    Result<bool> take(
        MemberId member, std::size_t events_max, std::size_t bytes_max, std::vector<Delivery>& out
    );
    /// The event cannot be had any more (it was removed): as if it had been acknowledged.
    void drop(DeliveryId delivery, Now now);

    // ---- time ----

    /// Deadlines, retries, silent members; then gives out what can be given out.
    void tick(Now now);
    /// Clock::monotonic_ns when tick() has something to do next.
    [[nodiscard]] std::optional<std::int64_t> next_due_ns() const;
    /// Members that have something to take, or are gone, since the last call.
    [[nodiscard]] std::vector<MemberId> take_woken();

    // ---- parked keys ----

    [[nodiscard]] std::vector<api::ParkedEvent> parked(Position after, std::size_t limit) const;
    /// Where the first `limit` of them lie.
    [[nodiscard]] std::vector<Position> parked_positions(std::size_t limit) const;
    [[nodiscard]] const api::ParkedEvent* find_parked(Position at) const;
    [[nodiscard]] std::vector<Position> queued_behind(Position at, std::size_t limit) const;
    void retry_parked(Position at, Now now);
    void skip_parked(Position at, Now now);
    void purge_parked(Position at, Now now);
    void mark_edited(Position at);

    // ---- what must be written down ----

    /// Changes since the last call, in order; to be written in one append with checkpoint().
    [[nodiscard]] std::vector<Change> take_changes() { return std::exchange(changes_, {}); }
    [[nodiscard]] bool has_changes() const { return !changes_.empty(); }
    /// Some of them should not wait for the next checkpoint: something was parked.
    [[nodiscard]] bool has_urgent_changes() const { return has_urgent_; }
    void changes_written() { has_urgent_ = false; }
    [[nodiscard]] Checkpoint checkpoint() const;
    /// Finished since the last call of it.
    [[nodiscard]] std::uint64_t take_finished_count() { return std::exchange(finished_since_, 0); }
    [[nodiscard]] std::uint64_t finished_since() const { return finished_since_; }

    // ---- for the status ----

    [[nodiscard]] std::uint64_t handled() const { return handled_; }
    [[nodiscard]] EngineCounts counts() const;
    [[nodiscard]] std::vector<api::GroupMemberInfo> members() const;
    [[nodiscard]] std::size_t member_count() const { return members_.size(); }
    /// Recorded time of the oldest event that is not finished and not parked, those that are
    /// retried included.
    [[nodiscard]] std::optional<TimeNs> oldest_unfinished() const;
    /// The oldest event that is retried, where its recorded time is not known: it was parked before
    /// the server began. Somebody reads it and says so.
    [[nodiscard]] std::optional<Position> oldest_of_unknown_age() const;
    void set_recorded_time(Position position, TimeNs recorded);
    [[nodiscard]] std::optional<TimeNs> oldest_parked() const;
    /// Events that were parked, or waited behind one, and go out again: not finished, not parked.
    [[nodiscard]] std::uint64_t retried() const { return retried_.size(); }
    [[nodiscard]] bool is_window_full() const;
    [[nodiscard]] bool is_backlog_full() const;

  private:
    struct Entry;
    struct Key;
    struct Member;
    struct Frame;

    struct NameHash {
        using is_avalanching = void;
        std::size_t operator()(std::string_view name) const;
    };

    Entry* make_entry(Position position, TimeNs recorded);
    void free_entry(Entry* entry);
    /// Its bytes are not wanted any more.
    void release(Entry& entry);
    void release(Frame* frame);
    Key* key_of(std::string_view name);
    void forget_if_idle(Key* key);
    [[nodiscard]] bool is_ordered() const {
        return settings_.strategy != api::GroupStrategy::kRoundRobin;
    }

    void insert_waiting(Key* key, Entry* entry);
    Entry* pop_waiting(Key* key);
    /// Puts the key where it belongs after something changed about it.
    void place(Key* key, Now now);
    [[nodiscard]] bool can_deliver(const Key& key) const;
    void dispatch(Now now);
    void dispatch_to(Member& member, Now now);
    void dispatch_held(Now now);
    void dispatch_ready(Now now);
    [[nodiscard]] bool is_later(const Member& member, const Member& other) const;
    [[nodiscard]] std::uint32_t most_in_flight(const Member& member) const;
    Member* pinned_member(const Key& key);
    void assign(Key* key, Member& member, Now now);
    void place_held_again(Now now);

    void fetch_ahead(const std::vector<api::Settlement>& settled) const;
    /// The delivery is over; the entry is with nobody.
    Entry* end_delivery(Entry* entry);
    void extend(Entry* entry, Now now);
    void set_deadline(Entry* entry, Now now);
    void clear_deadline(Entry* entry);
    /// The delivery whose deadline comes first, or null.
    [[nodiscard]] Entry* first_due() const;
    void finish(Entry* entry, Now now);
    [[nodiscard]] bool is_last_attempt(const Entry& entry) const;
    void note_failure(
        const Entry& entry, std::string_view member, std::string_view reason, Now now
    );
    void give_back(Entry* entry, std::int64_t delay_ns, const std::string& error, Now now);
    void park(Entry* entry, const std::string& error, Now now);
    void expire(Now now);
    void remove_silent(Now now);
    void pass(Entry* entry);
    void into_backlog(Entry* entry);
    void record_queued(const Key& key, Position position);
    /// What waits for the key, which is not parked any more, is retried.
    void retry_waiting(const Key& key);
    [[nodiscard]] bool was_passed(Position position);
    [[nodiscard]] std::int64_t backoff_ns(std::uint32_t attempts) const;
    [[nodiscard]] bool is_pausing_new() const { return is_backlog_full(); }
    Key* parked_key(Position at);
    void unpark(Key* key);
    void wake(Member& member);
    Member* find_member(MemberId id);
    static Error member_gone(MemberId id);

    api::GroupSettings settings_;
    bool is_paused_ = false;
    Position frontier_;
    std::optional<Failure> last_failure_;
    DeliveryId last_delivery_;
    MemberId last_member_;
    std::uint64_t last_key_ = 0;

    std::deque<Entry> entries_;
    std::vector<Entry*> free_;
    std::size_t bytes_ = 0;  ///< of all frames
    std::vector<std::unique_ptr<Frame>> frames_;
    Frame* frame_ = nullptr;  ///< the last that was kept

    /// Events after the checkpoint, by position.
    struct WindowSlot {
        Position position;
        TimeNs recorded;
        bool is_passed = false;
    };
    std::deque<WindowSlot> window_;
    std::uint64_t window_base_ = 0;
    std::deque<std::pair<Position, Position>>
        passed_before_;  ///< of the checkpoint that was loaded

    std::deque<Key> keys_;  ///< those that are free, too
    std::vector<Key*> free_keys_;
    boost::unordered_flat_map<std::string_view, Key*, NameHash> keys_by_name_;
    std::deque<Key*> ready_;
    std::map<std::pair<std::int64_t, std::uint64_t>, Key*> resting_;
    std::map<Position, Key*> parked_;  ///< by the position of the parked event
    std::unordered_map<Position, Entry*> backlog_;
    std::set<Position> retried_;  ///< of the backlog: neither parked nor behind what is

    std::map<MemberId, std::unique_ptr<Member>> members_;  ///< in the order of joining
    std::vector<Member*> takers_;                          ///< scratch: those with room, a heap
    boost::unordered_flat_map<DeliveryId, Entry*> deliveries_;
    /// By deadline: a list, for nearly always the newest is the last; and those that are not.
    Entry* first_due_ = nullptr;
    Entry* last_due_ = nullptr;
    std::set<std::pair<std::int64_t, DeliveryId>> early_;
    std::vector<MemberId> woken_;

    std::vector<Change> changes_;
    bool has_urgent_ = false;
    std::uint64_t finished_since_ = 0;
    std::uint64_t waiting_ = 0;
    std::uint64_t unfinished_ = 0;
    std::uint64_t handled_ = 0;
    std::uint64_t redelivered_ = 0;
};

}  // namespace annals::groups
