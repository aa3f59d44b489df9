// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/uuid.hpp"
#include "annals/model/append.hpp"
#include "annals/model/event.hpp"

namespace annals::log {

namespace detail {
class GroupBuilder;
}

/// What an append says once for all its events.
struct AppendHeader {
    std::string_view principal;
    const model::Tracking* tracking = nullptr;  ///< may be null
    std::uint64_t tracking_fingerprint =
        0;  ///< so that the same position with the same content is a replay
    std::uint32_t rules_version = 1;
};

/// One append as it will lie in a group, all but what the writer stamps (position, revision,
/// recorded time, frame checksum, chain): made in parallel by the callers' threads, so that the
/// single writer only stamps and copies. Reusable: encode() starts afresh and keeps the memory.
class EncodedAppend {
  public:
    /// `ids[i]` belongs to `events[i]`; every event's stream is set.
    void encode(
        const AppendHeader& header,
        std::span<const model::NewEvent> events,
        std::span<const Uuid> ids
    );
    /// The same with given payload salts, 16 bytes an event, for golden files.
    void encode(
        const AppendHeader& header,
        std::span<const model::NewEvent> events,
        std::span<const Uuid> ids,
        std::span<const std::uint8_t> salts
    );

    [[nodiscard]] std::size_t event_count() const { return frame_offsets_.size(); }
    /// Size in the group, uncompressed.
    [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }
    /// Envelope (fields 1 to 14) of an event, as it will be stored.
    [[nodiscard]] std::string_view envelope(std::size_t event) const;
    [[nodiscard]] std::string_view payload(std::size_t event) const;

  private:
    friend class detail::GroupBuilder;
    std::string bytes_;
    std::vector<std::uint32_t> frame_offsets_;
};

/// What the writer gives one event.
struct Stamp {
    Position position;
    Revision revision;
};

}  // namespace annals::log
