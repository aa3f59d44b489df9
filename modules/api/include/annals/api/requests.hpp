// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "annals/api/removed_events.hpp"
#include "annals/base/named_type.hpp"
#include "annals/base/uuid.hpp"
#include "annals/model/append.hpp"
#include "annals/model/event_batch.hpp"
#include "annals/model/query.hpp"

namespace annals::api {

enum class Direction : std::uint8_t { kForwards, kBackwards };

struct FromRevision {
    Revision revision;  ///< inclusive
};
struct AfterToken {
    std::string token;  ///< exclusive
};
struct FromPosition {
    Position position;  ///< inclusive
};
struct FromTime {
    TimeNs time;  ///< first recorded at or after; backwards: last recorded before
};
struct FromEnd {};
/// std::monostate: at the start (backwards: at the end).
using ReadStart = std::variant<std::monostate, FromRevision, AfterToken, FromPosition, FromTime>;
using SubscribeStart =
    std::variant<std::monostate, FromRevision, AfterToken, FromPosition, FromTime, FromEnd>;

struct ReadRequest {
    std::string stream;  ///< empty: everything, by the filter
    model::Filter filter;
    Direction direction = Direction::kForwards;
    ReadStart start;
    std::uint32_t limit = 100;  ///< 1 to model::Limits::kReadEventsMax
    std::string min_position;   ///< token; empty: none
    std::uint32_t max_wait_ms = 0;
};

struct ReadPage {
    model::EventBatch events;
    std::string position;  ///< token up to which the answer speaks
    bool is_end = false;
    std::string next;  ///< token for AfterToken; empty when is_end of a stream
    std::optional<Revision> last_revision;
    /// Of a stream, in a store of this process: the oldest that is shown now, wherever the page
    /// begins; one past the last where none is.
    std::optional<Revision> first_revision;
    /// Of a stream, in a store of this process: its older events go as newer ones come, or as time
    /// passes ($maxCount, $maxAge).
    bool has_retention = false;
    /// What the page passed over, in the order of the read; at most one more than its events, and
    /// one that is uncertain. Pages that follow each other tell of each event once.
    std::vector<RemovedEvents> removed;
};

struct SubscribeRequest {
    std::string stream;
    model::Filter filter;
    SubscribeStart start;
    std::uint32_t batch_events_max = 100;
    std::uint32_t checkpoint_interval = 10'000;
};

enum class SubscriptionMark : std::uint8_t { kNone, kCaughtUp, kFellBehind, kCheckpoint };

/// Events, or a mark; `position` (token) is where to go on from.
struct SubscriptionFrame {
    model::EventBatch events;
    std::string position;
    SubscriptionMark mark = SubscriptionMark::kNone;
    /// What was passed over since the frame before, in order, up to `position`; before the last of
    /// `events`, if there are any. Bounded as a page's.
    std::vector<RemovedEvents> removed;
};

struct ListRequest {
    std::string prefix;
    std::string after;
    std::uint32_t limit = 100;
};

struct StreamSummary {
    std::string name;
    std::uint64_t events = 0;
    Position last_position;
    TimeNs last_time;
};

struct CategorySummary {
    std::string name;
    std::uint64_t streams = 0;
    std::uint64_t events = 0;
    Position last_position;
    TimeNs last_time;
};

struct StreamList {
    std::vector<StreamSummary> streams;
    std::string position;
};

struct CategoryList {
    std::vector<CategorySummary> categories;
    std::string position;
};

struct StreamInfo {
    std::string name;
    std::uint64_t events = 0;
    Revision first_revision;
    Revision last_revision;
    Position last_position;
    TimeNs first_time;
    TimeNs last_time;
    bool is_deleted = false;
};

struct NamespaceInfo {
    std::string name;
    TimeNs created_time;
    Position last_position;
};

struct ServerInfo {
    std::string version;
    std::string log_id;
    std::uint32_t incarnation = 0;
    Position last_position;
    std::string position;
    std::string durability;
    bool is_read_only = false;
    std::string read_only_reason;
    TimeNs started_time;
    std::uint64_t log_bytes = 0;
    Position index_position;
};

/// model::AppendResult plus the token of its last position.
struct AppendResponse : model::AppendResult {
    std::string position;
};

}  // namespace annals::api
