// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/codec/checksum.hpp"
#include "annals/model/append.hpp"

#include "event_frame.hpp"

namespace annals::log::detail {

class MerkleTree;

/// What a logged cut leaves of many removed events that follow each other (docs/formats/log.md,
/// log-and-rules 2.5): their streams, revisions, types and times, so that heads and the index are
/// as they were; their checksums, so that the chain goes on; the last tracking of each key; hashes
/// of the tree. Ids, tags, fingerprints and everything else are gone.
struct RemovedRange {
    static constexpr std::size_t kBytes = 64;  ///< before the tables
    /// No more than one append has (model::Limits). A reader decodes all of it.
    static constexpr std::uint32_t kEventsMax = 65'536;
    /// More only where one append has more.
    static constexpr std::uint32_t kEventsUsual = 4'096;
    static constexpr std::size_t kFirstGroupAt = 40;

    struct Event {
        Revision revision;
        TimeNs recorded_time;
        std::uint32_t frame_crc = 0;
        std::uint32_t payload_crc = 0;
        std::uint32_t chain_bits = 0;      ///< low half of the chain after it
        std::uint32_t envelope_at = 0;     ///< in `text`
        std::uint32_t envelope_bytes = 0;  ///< fields 1 (stream) and 3 (type)
    };
    /// A tracked append whose events are all in the range.
    struct Tracked {
        std::uint32_t event = 0;   ///< its first one, in the range
        std::uint32_t events = 0;  ///< how many
        std::uint64_t fingerprint = 0;
        model::Tracking tracking;  ///< views into the record's bytes
    };

    std::uint32_t record_bytes = 0;
    Position first;
    std::uint32_t appends = 0;
    std::uint64_t chain_before = 0;
    std::uint64_t chain_after = 0;
    std::uint64_t first_group = 0;      ///< of the groups it stands for; 0: less than a group
    std::vector<codec::Sha256> hashes;  ///< of whole subtrees, from left to right
    std::vector<Event> events;
    std::vector<Tracked> tracked;
    std::string text;

    [[nodiscard]] std::string_view envelope(const Event& event) const {
        return std::string_view(text).substr(event.envelope_at, event.envelope_bytes);
    }
    /// Takes the range into a tree that stands before it.
    void add_to(MerkleTree& tree) const;
};

/// Nothing unless the bytes begin with a whole range. `bytes` must outlive `tracked`.
[[nodiscard]] std::optional<RemovedRange> decode_removed_range(std::string_view bytes);

/// Makes the record of a range. Reusable: clear() keeps the memory.
class RemovedRangeBuilder {
  public:
    [[nodiscard]] bool is_empty() const { return events_.empty(); }
    [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(events_.size()); }
    [[nodiscard]] std::uint32_t appends() const { return appends_; }
    void clear();

    /// Of an empty one: the next position, and the chain before it.
    void begin(Position first, std::uint64_t chain_before);
    /// An append of so many events, which come next. Its tracking may be null.
    void begin_append(
        std::uint32_t events, const model::Tracking* tracking, std::uint64_t fingerprint
    );
    /// An event or its stub, the next position. Costs a SHA-256 of an event's payload.
    Status add(std::string_view record);
    /// Another range, the next positions.
    Status add(const RemovedRange& range);
    /// Appends the record to `out`.
    void finish(std::string& out, std::uint64_t first_group) const;

  private:
    struct Event {
        std::uint32_t stream = 0;
        std::uint32_t type = 0;
        TimeNs recorded_time;
        std::uint32_t frame_crc = 0;
        std::uint32_t payload_crc = 0;
    };
    struct Stream {
        std::string_view name;  ///< of the map's key
        Revision first;
    };
    struct Subtree {
        std::uint64_t place = 0;  ///< of its first leaf, in the tree's block
        std::uint64_t leaves = 0;
        codec::Sha256 hash{};
    };
    struct Tracked {
        std::uint32_t event = 0;
        std::uint32_t events = 0;
        std::uint64_t fingerprint = 0;
        std::string fields;  ///< of the tracking
    };

    Status add_event(Event event, std::string_view envelope, Revision revision);
    void add_subtree(Subtree subtree);
    void add_tracked(Tracked tracked, const model::Tracking& tracking);

    Position first_;
    std::uint64_t chain_before_ = 0;
    std::uint32_t appends_ = 0;
    std::vector<Event> events_;
    std::vector<Subtree> subtrees_;
    std::map<std::string, std::uint32_t, std::less<>> stream_ordinals_;
    std::vector<Stream> streams_;
    std::map<std::string, std::uint32_t, std::less<>> type_ordinals_;
    std::vector<std::string_view> types_;
    std::map<std::string, Tracked> tracked_;  ///< the last one of each key
};

}  // namespace annals::log::detail
