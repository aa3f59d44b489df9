// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/streams/system_streams.hpp"

namespace annals::consumers {

/// Which event says it. Of a consumer only the last one counts: each holds all there is to know.
enum class RecordKind : std::uint8_t { kSaved, kClaimed, kRewound, kDeleted };

/// `$progress-saved`, `$progress-claimed`, `$progress-rewound`, `$consumer-deleted`.
std::string_view type_of(RecordKind kind);

/// All there is to know of a consumer, as an event of `$consumer-<name>` keeps it.
struct Record {
    RecordKind kind = RecordKind::kSaved;
    std::string position;  ///< token; empty: none yet
    Position at;
    std::uint64_t epoch = 0;
    std::string owner;
    std::string offset;      ///< of a dialect
    std::string foreign_id;  ///< of a dialect
    std::string reason;      ///< of a rewind or deletion
    TimeNs last_seen_time;   ///< of a rewind or deletion: carried on; else the event's own time
    bool operator==(const Record&) const = default;

    [[nodiscard]] bool is_deleted() const { return kind == RecordKind::kDeleted; }
};

/// `$consumer-<name>`
std::string stream_of(std::string_view consumer);
inline constexpr std::string_view kStreamPrefix = streams::kConsumerStreams;

/// The event's data: a JSON object, members in the order of docs/internals/system-log.md, defaults
/// left out.
std::string encode_record(const Record& record);
/// The record of an event of this type and data, recorded at this time. data_loss when it is none:
/// never throws, whatever the bytes. Unknown members are passed over.
Result<Record> parse_record(std::string_view type, std::string_view data, TimeNs recorded_time);

}  // namespace annals::consumers
