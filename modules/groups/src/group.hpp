// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/clock.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "engine.hpp"
#include "key_of.hpp"
#include "lag_counter.hpp"
#include "rate.hpp"
#include "read_frame.hpp"
#include "stored_group.hpp"

namespace annals::groups {

class Member;

/// What all groups share; outlives them.
struct GroupTools {
    namespaces::Namespaces& namespaces;
    /// Joins the groups and an answer of a writer's thread that still hands its task over.
    std::shared_ptr<runtime::WorkerPool> pool;
    const Clock& clock;
    /// Looks at the groups' due times again.
    std::function<void()> look_again;
};

/// One running group: its engine, the subscription that feeds it, and what is written down. What
/// changes together (parked events and the checkpoint that passes them) is one append to the
/// system log; one is under way at a time.
///
/// A write that fails is tried again every second while the group goes on; where its outcome is
/// unknown, or somebody else wrote, memberships end and the group begins again from the log.
///
/// Threads: any. Kept alive by its memberships and by what is under way.
class Group : public std::enable_shared_from_this<Group> {
  private:
    struct Passkey {};

  public:
    static std::shared_ptr<Group> make(
        const GroupTools& tools, std::string name_space, std::string name
    );
    Group(Passkey, const GroupTools& tools, std::string name_space, std::string name);
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    ~Group();

    /// From the log; memberships end. group_not_found.
    Status open();
    /// The last checkpoint is written, if it can be; then nothing runs any more.
    void close();
    /// Reads, deadlines, checkpoints: whatever is due. On the pool.
    void run();
    [[nodiscard]] std::int64_t due_ns() const { return due_ns_.load(std::memory_order_relaxed); }
    /// It was deleted, or its namespace was.
    [[nodiscard]] bool is_gone() const { return is_gone_.load(std::memory_order_relaxed); }
    /// Whether a run is posted; for the timer.
    bool begin_run() { return !is_posted_.exchange(true); }
    void cancel_run() { is_posted_ = false; }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& name_space() const { return name_space_; }
    /// `counts_behind`: looks into the index for what lies behind the newest event that was read.
    api::GroupStatus status(bool counts_behind);

    Result<api::GroupStatus> update(const api::UpdateGroupRequest& request);
    Result<api::GroupStatus> control(const api::ControlGroupRequest& request);
    Result<api::ParkedList> list_parked(const api::ListParkedRequest& request);
    Result<api::ParkedDetails> get_parked(Position at);
    Result<std::uint64_t> change_parked(const api::ChangeParkedRequest& request);
    Status edit_parked(const api::EditParkedRequest& request);
    Result<std::unique_ptr<api::GroupMembership>> join(const api::JoinGroupRequest& request);

    // ---- for members ----

    Result<bool> take(Member& member, api::GroupDeliveries& deliveries, std::uint32_t events_max);
    Result<std::vector<api::RefusedSettlement>> settle(
        MemberId member, const std::vector<api::Settlement>& settled
    );
    void leave(MemberId member);

  private:
    using Lock = std::unique_lock<std::mutex>;
    using Woken = std::vector<std::shared_ptr<Member>>;

    struct PendingEvent {
        enum class Stream : std::uint8_t { kDefinition, kParked };
        Stream stream = Stream::kParked;
        std::string type;
        std::string data;
        std::string actor;
    };
    struct Waiter {
        std::uint64_t until = 0;  ///< number of the pending event that must be written
        std::function<void(Status)> done;
    };

    [[nodiscard]] Now now() const { return {tools_.clock.monotonic_ns(), tools_.clock.now()}; }
    [[nodiscard]] Error gone() const;
    [[nodiscard]] Error failed() const;
    Status check_running() const;

    void install(StoredGroup stored);
    Status subscribe(Lock& lock);
    void on_events();
    /// Reads without the lock, which it gives up meanwhile, and offers with it; nothing while
    /// another thread does. True: there is more to read at once.
    bool pump(Lock& lock, int frames);
    /// Without the lock, while is_reading_. Nothing: there is nothing now, the waker will call.
    Result<std::optional<ReadFrame>> read_one(api::Subscription& subscription);
    /// Gives up the lock until nobody reads; the subscription is the caller's to destroy, without
    /// the lock: that waits for its waker, which takes it.
    [[nodiscard]] std::unique_ptr<api::Subscription> end_reading(Lock& lock);
    [[nodiscard]] bool wants_events() const;
    void post_run();

    /// With the lock, after whatever happened: writes what is due, finds who is to be woken.
    Woken service(Now now);
    static void wake(const Woken& woken);
    void set_due(Now now);
    /// Nothing to do, or something was handled since: a stall is counted from now on.
    void note_progress(Now now);
    void watch(Now now);
    /// Something is read and not finished, or retried; what is parked waits for somebody else.
    [[nodiscard]] bool has_work() const;
    [[nodiscard]] std::string waits_for() const;
    /// What was parked before the server began has its recorded time in the log alone.
    void learn_oldest_time();
    [[nodiscard]] static std::string failure_text(const Failure& failure);

    /// Some of the events that are parked, durably; of what was asked for.
    Status change_some(
        Lock& lock, std::span<const Position> positions, const api::ChangeParkedRequest& request
    );
    void collect_changes(const std::string& actor, const std::string& reason);
    void add_definition(DefinitionKind kind, const std::string& actor, const std::string& reason);
    void write(Now now);
    void on_written(const Result<model::AppendResult>& answer);
    void fail(const Error& error);
    void end_members();
    /// Waits until everything pending is durable. Gives up the lock meanwhile.
    Status write_and_wait(Lock& lock);
    Status reopen();
    /// Events that match behind the newest one that was read, up to `end`.
    struct Beyond {
        std::uint64_t events = 0;
        bool is_exact = true;
        Position end;
    };
    /// With the lock, which it gives up while it counts.
    Beyond count_beyond(Lock& lock);
    [[nodiscard]] Beyond count_stream_beyond(Position end) const;
    Status add_message(
        log::LogReader& reader, Position at, const Edit* edit, model::EventBatch& batch
    ) const;

    const GroupTools tools_;
    const std::string name_space_;
    const std::string name_;

    /// One change of the group's definition at a time; before mutex_.
    std::mutex admin_;
    mutable std::mutex mutex_;
    std::condition_variable written_;
    std::condition_variable read_;
    std::shared_ptr<commit::Orderer> events_;
    std::shared_ptr<commit::Orderer> system_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<KeyOf> key_of_;  ///< of who reads, as the subscription
    std::unique_ptr<api::Subscription> subscription_;
    std::uint64_t opened_ = 0;  ///< counts subscriptions: a late waker is of an older one
    bool is_reading_ = false;   ///< a thread reads, without the lock
    std::uint64_t calls_ = 0;   ///< of the subscription's waker
    bool is_armed_ = false;     ///< it will call
    std::unordered_map<MemberId, std::weak_ptr<Member>> members_;
    Definition definition_;
    Revision definition_revision_;
    TimeNs changed_time_;
    std::map<Position, Edit> edits_;
    std::size_t edit_bytes_ = 0;
    std::optional<Revision> last_revision_;  ///< of a group of one stream
    LagCounter lag_;

    std::deque<PendingEvent> pending_;
    std::uint64_t pending_first_ = 0;  ///< number of the first one
    std::vector<Waiter> waiters_;
    bool is_writing_ = false;
    std::size_t writing_ = 0;  ///< of them, in the append under way
    std::size_t writing_definitions_ = 0;
    Revision parked_from_;
    Revision parked_next_;
    StoredCheckpoint written_checkpoint_;
    StoredCheckpoint writing_checkpoint_;
    bool writes_checkpoint_ = false;
    std::int64_t checkpoint_due_ns_ = 0;
    std::int64_t retry_write_ns_ = 0;

    bool is_failed_ = false;
    bool is_closed_ = false;
    std::int64_t reopen_ns_ = 0;
    std::atomic<bool> is_gone_{false};
    std::atomic<bool> is_posted_{false};
    std::atomic<std::int64_t> due_ns_{0};

    std::string last_error_;
    TimeNs last_error_time_;
    std::optional<std::int64_t> failed_since_ns_;  ///< monotonic; through tries to begin again
    std::string logged_error_;                     ///< said already, while nothing changes
    std::int64_t look_ns_ = 0;  ///< when a run is to look again, whatever else happens
    std::int64_t progress_ns_ = 0;
    std::uint64_t progress_handled_ = 0;
    bool has_warned_ = false;
    Rate rate_;  ///< of what is handled
};

}  // namespace annals::groups
