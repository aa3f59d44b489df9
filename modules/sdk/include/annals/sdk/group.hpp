// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "annals/sdk/event.hpp"
#include "annals/sdk/select.hpp"

namespace annals {

/// What is declared of a group; numbers that are 0 are the server's defaults
/// (docs/reference/groups.md).
struct GroupSettings {
    Select select = {};
    std::string strategy = "per_key";  ///< or "round_robin", "dispatch_to_one", "pinned"
    std::string key = "stream";        ///< or "tag:<key>", "field:<pointer>", "correlation"
    std::uint32_t members_max = 0;
    std::uint32_t member_in_flight_max = 0;
    std::uint32_t key_in_flight_max = 0;
    std::uint32_t ack_deadline_ms = 0;
    std::uint32_t attempts_max = 0;  ///< deliveries of an event before it is parked
    std::uint32_t retry_base_ms = 0;
    std::uint32_t retry_max_ms = 0;
    std::uint32_t checkpoint_interval_ms = 0;
    std::uint32_t checkpoint_events_max = 0;
    std::uint32_t window_events_max = 0;  ///< between the checkpoint and the newest looked at
    std::uint32_t parked_events_max = 0;  ///< at so many the group gives out nothing new
    std::uint32_t stalled_after_ms = 0;
    std::uint32_t ready_lag_seconds = 0;  ///< older work makes `/health/ready` fail; 0: never
};

/// How a group is doing.
struct GroupStatus {
    std::string group;
    std::string state;    ///< "running", "paused", "failed"
    Position checkpoint;  ///< everything up to here was handled, skipped or parked
    std::uint64_t members = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t waiting = 0;
    /// Events that match and are not handled, retried ones too; parked ones are left out.
    std::uint64_t behind = 0;
    double seconds_behind = 0;
    std::uint64_t handled = 0;
    std::uint64_t redelivered = 0;
    std::uint64_t parked_keys = 0;
    std::uint64_t parked_events = 0;
    std::string last_error;
    std::string position;         ///< token of the checkpoint
    Position read_up_to;          ///< events up to here were looked at
    bool is_behind_exact = true;  ///< false: `behind` is a bound
    double events_per_second = 0;
    double stalled_for_seconds = 0;  ///< work and no progress for so long
    /// "members", "acknowledgements", "retries", "window", "parked", "resume", "storage" or empty.
    std::string waits_for;
    std::vector<std::string> member_names;
};

/// A parked event.
struct ParkedEvent {
    std::string key;
    Position position;
    std::uint64_t queued = 0;  ///< events of the key that wait behind it
    std::uint32_t attempts = 0;
    std::string error;  ///< what the last member said
    std::string member;
    TimeNs parked_time;
    bool is_edited = false;
};

/// An event that a member was given, to be settled before the group's deadline. Copies are one
/// delivery. Any thread. Settling waits until it was taken; delivery_over: the event was given to
/// somebody else meanwhile.
class Delivery {
  public:
    class Impl;
    Delivery(Event given, std::uint32_t tries, std::shared_ptr<Impl> impl)
        : event(std::move(given)), attempt(tries), impl_(std::move(impl)) {}

    Event event;
    std::uint32_t attempt = 1;  ///< 1: the first time

    void ack() const;
    /// Again, after the delay, or by the group's backoff; after so many attempts as the group
    /// allows it is parked. invalid_argument for a delay below 0 or over 2^32 - 1 ms.
    void retry(const std::string& reason, std::optional<std::chrono::milliseconds> delay = {})
        const;
    /// Set aside at once, and what follows of its key with it.
    void park(const std::string& reason) const;
    /// As ack(), and counted apart.
    void skip() const;
    /// The deadline begins anew.
    void extend() const;
    /// For an append of what the group makes of the event: stored once, even when the event is
    /// given out again. By what the group is keyed by (stream, tag, correlation), because members
    /// finish out of order; by the event where the group keeps no order or is keyed by a field.
    [[nodiscard]] Tracking tracking() const;

  private:
    std::shared_ptr<Impl> impl_;  // joins the deliveries with their membership
};

/// A member of a group. When its connection breaks, the server restarts or the group is reset, it
/// joins again; what it had not settled is given out again, to it or to another. Any thread.
class Member {
  public:
    class Impl;
    explicit Member(std::shared_ptr<Impl> impl);

    /// Waits for a delivery; nothing: `stop` was requested, or the member stopped. Throws a Failure
    /// that joining again does not mend, such as group_not_found.
    [[nodiscard]] std::optional<Delivery> next(const std::stop_token& stop = {});
    /// Gives everything back, uncounted, and ends the member.
    void stop();
    [[nodiscard]] std::uint64_t rejoins() const;

  private:
    std::shared_ptr<Impl> impl_;  // copies are one member
};

/// Thrown by a handler of Group::run to have the event set aside at once.
struct Park {
    std::string reason;
};
/// Thrown by a handler of Group::run to have the event left out.
struct Skip {};

/// How Group::run works.
struct Work {
    std::string member = {};  ///< name, for people; empty: host and process
    /// Handlers at once, 1 to 5,000; events of a key come one after the other.
    unsigned concurrency = 8;
};

/// A consumer group: members share a subscription, each event is handled by one of them, in order
/// for each key, at least once. Calls: group_not_found. Any thread.
class Group {
  public:
    class Impl;
    explicit Group(std::shared_ptr<const Impl> impl);

    /// The group as it is when it is there with these settings; group_exists otherwise. The reason
    /// is kept in the history.
    GroupStatus create(const GroupSettings& settings = {}, const std::string& reason = {}) const;
    /// Other settings; where they need another beginning (stream, filter, strategy, key, and
    /// key_in_flight_max from 1 to more or back), all members join again.
    GroupStatus update(const GroupSettings& settings, const std::string& reason) const;
    [[nodiscard]] GroupStatus status() const;
    GroupStatus pause(const std::string& reason) const;
    GroupStatus resume() const;
    /// Back to its start; what is parked is forgotten.
    GroupStatus reset(const std::string& reason) const;
    /// To another place, back or forth; what is parked stays parked. Position() is the start.
    GroupStatus rewind(Position to, const std::string& reason) const;
    GroupStatus remove(const std::string& reason) const;

    [[nodiscard]] std::vector<ParkedEvent> parked() const;
    /// How many keys were given out again. Here and below, invalid_argument: none was named, and
    /// nothing changed; parked_event_not_found.
    std::uint64_t retry_parked(const std::vector<Position>& positions) const;
    std::uint64_t retry_all_parked() const;
    /// How many keys go on without these events.
    std::uint64_t skip_parked(const std::vector<Position>& positions, const std::string& reason)
        const;
    std::uint64_t skip_all_parked(const std::string& reason) const;
    /// The same, and without what waits behind them.
    std::uint64_t purge_parked(const std::vector<Position>& positions, const std::string& reason)
        const;
    std::uint64_t purge_all_parked(const std::string& reason) const;
    /// Replaces what is delivered of a parked event, at most 1 MiB; the log stays as it is.
    /// parked_event_not_found.
    void edit_parked(Position position, const std::string& data, const std::string& reason) const;

    /// Does not wait. `in_flight_max`: unsettled deliveries at a time; 0: as the group allows.
    [[nodiscard]] Member join(std::string member = {}, std::uint32_t in_flight_max = 0) const;
    /// Handles the group's events until `stop` is requested; then it lets handlers finish and gives
    /// the rest back. A handler that returns acknowledges; Park and Skip do as they say; any other
    /// exception gives the event again after the group's backoff. Handlers run in `concurrency`
    /// threads. Work that cannot be is invalid_argument.
    void run(
        const Work& work,
        const std::function<void(const Delivery&)>& handle,
        const std::stop_token& stop = {}
    ) const;

  private:
    std::shared_ptr<const Impl> impl_;  // copies share it
};

}  // namespace annals
