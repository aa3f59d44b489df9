// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "annals/api/call_context.hpp"
#include "annals/api/requests.hpp"
#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/model/event_batch.hpp"
#include "annals/model/query.hpp"

namespace annals::api {

inline constexpr std::size_t kGroupNameBytesMax = 256;
/// Of a member's name, an actor, a reason.
inline constexpr std::size_t kGroupTextBytesMax = 1'024;
/// Of the data of an edited event, and of the edited events of one group together.
inline constexpr std::size_t kGroupEditBytesMax = 1u << 20u;
inline constexpr std::size_t kGroupEditsBytesMax = 16u << 20u;
/// Acknowledgements in one call, parked events that one call names.
inline constexpr std::size_t kGroupSettlementsMax = 4'096;

/// Who gets which event.
enum class GroupStrategy : std::uint8_t {
    kPerKey,         ///< a key's events in order, one after the other, to whoever has least in hand
    kRoundRobin,     ///< member after member; no order, a failing event holds back no other
    kDispatchToOne,  ///< as per key, to the member that came first while it has room
    kPinned,         ///< as per key, a key to one member by hash while the members stay
};

/// What makes events belong together.
enum class GroupKeyKind : std::uint8_t {
    kStream,       ///< the stream's name
    kTag,          ///< value of the first tag `name:…`; without one the stream
    kField,        ///< a member of JSON data, `name` is a JSON pointer; without one the stream
    kCorrelation,  ///< the correlation id; without one the stream
};

struct GroupKey {
    GroupKeyKind kind = GroupKeyKind::kStream;
    std::string name;  ///< of the tag or the field
    bool operator==(const GroupKey&) const = default;
};

/// What is declared of a group. Numbers that are 0 mean the default named here, unless said
/// otherwise; check_group_settings() has the bounds.
struct GroupSettings {
    std::string stream;  ///< of one stream; empty: everything, by the filter
    model::Filter filter;
    /// Where it begins, and where a reset takes it back to. std::monostate: the start of the log;
    /// FromRevision is refused.
    SubscribeStart start;
    GroupStrategy strategy = GroupStrategy::kPerKey;
    GroupKey key;
    std::uint32_t members_max = 64;
    std::uint32_t member_in_flight_max = 256;
    /// Above 1, first deliveries of a key go out in order without waiting for the one before.
    std::uint32_t key_in_flight_max = 1;
    std::uint32_t ack_deadline_ms = 30'000;
    /// Deliveries of an event before it is parked.
    std::uint32_t attempts_max = 10;
    /// Before the second delivery after a nack; doubles up to retry_max_ms.
    std::uint32_t retry_base_ms = 200;
    std::uint32_t retry_max_ms = 60'000;
    /// Events between the checkpoint and the newest one that was looked at.
    std::uint32_t window_events_max = 16'384;
    /// Events that are parked or wait behind one, or were and are not handled yet. At it the group
    /// gives out nothing new; what is in flight then may still be parked, with what was read of its
    /// key: at most one window more.
    std::uint32_t parked_events_max = 100'000;
    std::uint32_t checkpoint_interval_ms = 1'000;
    /// Acknowledged events after which a checkpoint is written before its time.
    std::uint32_t checkpoint_events_max = 10'000;
    /// A member that fetches by calls and is silent for so long is gone.
    std::uint32_t member_silence_ms = 60'000;
    /// Work and no progress for so long: the status says stalled, and why.
    std::uint32_t stalled_after_ms = 60'000;
    /// `/health/ready` fails while the oldest unprocessed event is older. 0: never.
    std::uint32_t ready_lag_seconds = 0;
};

/// invalid_argument or limit_exceeded, naming the field.
Status check_group_settings(const GroupSettings& settings);
/// Fills in defaults for what is 0.
GroupSettings with_group_defaults(GroupSettings settings);
/// Names of the settings that differ, as the proto has them; empty: the same.
std::vector<std::string> differing_group_settings(const GroupSettings& a, const GroupSettings& b);

/// "per_key", "round_robin", "dispatch_to_one", "pinned".
std::string_view to_string(GroupStrategy strategy);
std::optional<GroupStrategy> parse_group_strategy(std::string_view text);
/// "stream", "tag:<key>", "field:<pointer>", "correlation".
std::string to_string(const GroupKey& key);
std::optional<GroupKey> parse_group_key(std::string_view text);

/// Whether it gives out events.
enum class GroupState : std::uint8_t { kRunning, kPaused, kFailed };
std::string_view to_string(GroupState state);
std::optional<GroupState> parse_group_state(std::string_view text);

struct GroupMemberInfo {
    std::uint64_t id = 0;
    std::string name;
    std::uint32_t in_flight = 0;
    std::uint32_t in_flight_max = 0;
    TimeNs joined_time;
    TimeNs last_seen_time;   ///< it joined, acknowledged, or asked
    bool is_silent = false;  ///< a deadline passed: it gets nothing until it is heard of
    bool operator==(const GroupMemberInfo&) const = default;
};

/// What there is to know of a group.
struct GroupStatus {
    std::string group;
    GroupSettings settings;
    GroupState state = GroupState::kRunning;
    std::uint64_t generation = 0;  ///< counts resets, rewinds and deletions
    /// Rises with each change of the group by somebody; what is parked is no part of it.
    Revision revision;
    std::vector<GroupMemberInfo> members;
    /// Everything up to here was handled, skipped or parked.
    Position checkpoint;
    std::string position;  ///< its token
    Position read_up_to;   ///< events up to here were looked at
    std::uint64_t in_flight = 0;
    std::uint64_t waiting = 0;  ///< read, and not given out yet
    /// Events that match and are not handled, with those that wait for a retry or are given out
    /// again after they were parked; what is parked is in parked_events alone.
    std::uint64_t behind = 0;
    bool is_behind_exact = true;  ///< false: more than was counted, or counted without the filter
    /// Age of the oldest unprocessed event that was read, one that was parked and is given out
    /// again included; what is parked is not.
    double seconds_behind = 0;
    double events_per_second = 0;  ///< handled, over the last half minute or so
    /// Nothing: no progress to go by, or `behind` is not exact.
    std::optional<double> seconds_to_catch_up;
    std::uint64_t handled = 0;  ///< since the server runs it
    std::uint64_t redelivered = 0;
    std::uint64_t parked_keys = 0;
    std::uint64_t parked_events = 0;  ///< with those that wait behind one; not those retried
    double oldest_parked_seconds = 0;
    double stalled_for_seconds = 0;  ///< 0: it goes on, or has nothing to do
    /// What it waits for: "", "members" (none is there, or none asks for anything),
    /// "acknowledgements", "retries", "window", "parked", "resume", "storage".
    std::string waits_for;
    /// What went wrong last: of the group itself, or of an event, also where a deadline passed and
    /// no member said why. Those of events outlive the server, as of the last checkpoint; a reset
    /// or a rewind begins without.
    std::string last_error;
    TimeNs last_error_time;
    TimeNs created_time;
    TimeNs changed_time;
};

struct CreateGroupRequest {
    std::string group;
    GroupSettings settings;
    std::string actor;
    std::string reason = {};  ///< kept in the history; not so where the group is there already
};

/// Settings that need another beginning (stream, filter, strategy, key, and key_in_flight_max from
/// 1 to more or back) end all memberships.
struct UpdateGroupRequest {
    std::string group;
    GroupSettings settings;
    std::string reason;
    std::string actor;
    /// GroupStatus::revision of what was read; nothing: whatever it is now.
    std::optional<Revision> expected_revision = {};
};

struct ListGroupsRequest {
    std::string prefix;
    std::string after;          ///< name, exclusive
    std::uint32_t limit = 100;  ///< 0: 100
};

struct GroupList {
    std::vector<GroupStatus> groups;  ///< by name
    std::string next;                 ///< give it as `after`; empty: that was all
};

enum class GroupCommand : std::uint8_t {
    kPause,
    kResume,
    kReset,   ///< back to the start of its settings; what is parked is forgotten
    kRewind,  ///< to another place; what is parked stays parked
    kDelete,
};

struct ControlGroupRequest {
    std::string group;
    GroupCommand command = GroupCommand::kPause;
    /// kRewind only. std::monostate: the start of the log.
    SubscribeStart to;
    std::string reason;  ///< kept; must be given for kReset, kRewind and kDelete
    std::string actor;
};

/// A parked event, and how many of its key wait behind it.
struct ParkedEvent {
    std::string key;
    Position at;
    std::uint64_t queued = 0;
    std::uint32_t attempts = 0;
    std::string error;   ///< what the last member said, or what happened
    std::string member;  ///< name of the last member
    TimeNs parked_time;
    bool is_edited = false;
    bool operator==(const ParkedEvent&) const = default;
};

struct ListParkedRequest {
    std::string group;
    Position after;             ///< exclusive
    std::uint32_t limit = 100;  ///< 0: 100
};

struct ParkedList {
    std::vector<ParkedEvent> parked;  ///< by position
    bool has_more = false;
};

struct ParkedDetails {
    ParkedEvent parked;
    model::EventBatch event;       ///< as it will be delivered: edited, where it was
    std::vector<Position> queued;  ///< the first 1,000 that wait behind it
};

enum class ParkedAction : std::uint8_t {
    kRetry,  ///< give it out again, and then what waits behind it
    kSkip,   ///< leave it out, go on with what waits behind it
    kPurge,  ///< leave it out and everything that waits behind it
};

/// Exactly one of the two: positions, or all.
struct ChangeParkedRequest {
    std::string group;
    ParkedAction action = ParkedAction::kRetry;
    std::vector<Position> positions;
    bool all = false;
    /// Of `all`: the first so many; 0: all that is parked when the call begins.
    std::uint32_t limit = 0;
    std::string reason;  ///< must be given for kSkip and kPurge
    std::string actor;
};

/// Replaces what is delivered; the log stays as it is. Where the event's data was removed from the
/// log, before or after the edit, stream, type, id and (for as long as the log has them) tags are
/// delivered with it.
struct EditParkedRequest {
    std::string group;
    Position at;
    std::string data;
    /// Empty: as it was; application/json where that is not in the log any more.
    std::string content_type;
    std::optional<std::string> metadata;  ///< nothing: as it was
    std::string reason;                   ///< must be given
    std::string actor;
};

struct JoinGroupRequest {
    std::string group;
    std::string member;  ///< for people: host and process
    /// Unsettled deliveries at a time; 0: as many as the group allows.
    std::uint32_t in_flight_max = 0;
    /// It asks with fetch() instead of listening: gone when silent for member_silence_ms.
    bool is_polling = false;
};

/// Events for a member, with what each is acknowledged by.
struct GroupDeliveries {
    model::EventBatch events;
    std::vector<std::uint64_t> deliveries;  ///< tokens, one for each event, in order
    std::vector<std::uint32_t> attempts;    ///< 1: the first time (since the server started)
    [[nodiscard]] bool empty() const { return deliveries.empty(); }
    /// Takes the first so many out, or all of them; 0: all. Costs a copy of what is split.
    [[nodiscard]] GroupDeliveries take_first(std::size_t events_max);
};

enum class Settling : std::uint8_t {
    kAck,
    kRetry,   ///< again, after the delay
    kPark,    ///< at once
    kSkip,    ///< as kAck, and the status counts it apart
    kStop,    ///< give back everything uncounted and leave; names no delivery
    kExtend,  ///< the deadline begins anew
};

/// "ack", "retry", "park", "skip", "stop", "extend".
std::string_view to_string(Settling settling);
std::optional<Settling> parse_settling(std::string_view text);

struct Settlement {
    std::uint64_t delivery = 0;
    Settling what = Settling::kAck;
    std::string reason = {};                     ///< of kRetry and kPark
    std::optional<std::uint32_t> delay_ms = {};  ///< of kRetry; nothing: by the group's backoff
};

/// A settlement that changed nothing.
struct RefusedSettlement {
    std::uint64_t delivery = 0;
    Error error;  ///< delivery_over
};

/// A member's place in a group. Destroying it leaves: what it has not settled is given out again,
/// in order. One reader; settle() from any thread.
class GroupMembership {
  public:
    GroupMembership() = default;
    GroupMembership(const GroupMembership&) = delete;
    GroupMembership& operator=(const GroupMembership&) = delete;
    virtual ~GroupMembership() = default;

    [[nodiscard]] virtual std::uint64_t id() const = 0;
    /// Fills the deliveries (at most `events_max`, 0: any number) and answers true, or answers
    /// false when there are none now; the waker is then called once when it is worth asking again.
    /// member_gone, shutting_down. May read the disk; never waits.
    virtual Result<bool> try_next(GroupDeliveries& deliveries, std::uint32_t events_max) = 0;
    /// Set before the first try_next. Called from a thread that may block, never while try_next
    /// runs; it may call try_next itself, not settle.
    virtual void set_waker(std::function<void()> waker) = 0;
    /// What was refused. An acknowledgement that was taken is kept with the next checkpoint: until
    /// then a crash of the server delivers the event again. An empty list says that the member
    /// lives. member_gone.
    virtual Result<std::vector<RefusedSettlement>> settle(const std::vector<Settlement>& settled
    ) = 0;

    /// Waits for deliveries until the deadline (Clock::monotonic_ns of the machine): false then.
    /// Uses the waker: not to be mixed with set_waker.
    Result<bool> next(
        GroupDeliveries& deliveries, std::int64_t deadline_ns, std::uint32_t events_max = 0
    );

  private:
    struct Waiter;
    std::shared_ptr<Waiter> waiter_;  // joins the reader and a waker that is running
};

struct GroupHistoryRequest;
struct GroupHistory;

/// The seam for consumer groups (annals.v1.ConsumerGroups): members share a subscription, each
/// event is handled by one of them, in order for each key, at least once; what fails too often is
/// parked and holds back its key alone. Bodies: `groups` over the logs of this process, a remote
/// server (`client` over gRPC, `http_client`).
///
/// Names: 1 to kGroupNameBytesMax bytes of UTF-8 without control characters. Changes answer once
/// they are durable. All calls from any thread; they may wait. Every call on a group:
/// group_not_found.
class ConsumerGroups {
  public:
    ConsumerGroups() = default;
    ConsumerGroups(const ConsumerGroups&) = delete;
    ConsumerGroups& operator=(const ConsumerGroups&) = delete;
    virtual ~ConsumerGroups() = default;

    /// The group as it is when it is there with the same settings; group_exists with `differs`.
    virtual Result<GroupStatus> create(
        const CallContext& context, const CreateGroupRequest& request
    ) = 0;
    /// conflict: somebody changed the group since. Its model::ConflictDetails have one failed
    /// check, of the group's own stream, with the revision that was expected and that of now; the
    /// fields `expected_revision` and `current_revision` say them as text.
    virtual Result<GroupStatus> update(
        const CallContext& context, const UpdateGroupRequest& request
    ) = 0;
    virtual Result<GroupList> list(
        const CallContext& context, const ListGroupsRequest& request
    ) = 0;
    virtual Result<GroupStatus> get(const CallContext& context, const std::string& group) = 0;
    /// group_state where the group is not in a state for it (`state`). kDelete answers what was.
    virtual Result<GroupStatus> control(
        const CallContext& context, const ControlGroupRequest& request
    ) = 0;

    /// Who did what, and why, newest first; also of a group that was deleted (group_not_found:
    /// there never was one). Looks at 4,096 events a page at most. Types: group_history.hpp.
    virtual Result<GroupHistory> history(
        const CallContext& context, const GroupHistoryRequest& request
    ) = 0;

    virtual Result<ParkedList> list_parked(
        const CallContext& context, const ListParkedRequest& request
    ) = 0;
    /// parked_event_not_found.
    virtual Result<ParkedDetails> get_parked(
        const CallContext& context, const std::string& group, Position at
    ) = 0;
    /// How many keys; parked_event_not_found (nothing was changed) with `position`. Many are
    /// changed in parts, each durable before the next: after another error some may have been, and
    /// the call may be made again.
    virtual Result<std::uint64_t> change_parked(
        const CallContext& context, const ChangeParkedRequest& request
    ) = 0;
    /// position_removed: not even the event's id is left in the log (`position`); skip or purge it.
    virtual Status edit_parked(const CallContext& context, const EditParkedRequest& request) = 0;

    /// group_full; group_state of a group that failed.
    virtual Result<std::unique_ptr<GroupMembership>> join(
        const CallContext& context, const JoinGroupRequest& request
    ) = 0;
};

}  // namespace annals::api
