// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/streams/stream_lives.hpp"

namespace annals::scavenge {

/// Which events of a log nobody is shown any more (docs/adr/0009): decides for one run of
/// scavenging, as of point(), and tells whether that still holds when a segment is replaced.
///
///     begin_segment, is_removable ..., still_holds: segment by segment
class RemovalRules {
  public:
    RemovalRules() = default;
    RemovalRules(const RemovalRules&) = delete;
    RemovalRules& operator=(const RemovalRules&) = delete;
    virtual ~RemovalRules() = default;

    /// Forgets what the segment before was asked for.
    virtual void begin_segment() {}
    /// Whether the event's data may go for good. Events after point() never may. May read the disk.
    virtual Result<bool> is_removable(const log::StoredEvent& event) = 0;
    /// Whether nobody would be shown, now, what is_removable() let go since begin_segment():
    /// metadata may have been loosened. Costs what was said since it was asked last.
    virtual Result<bool> still_holds() { return true; }
    /// Decides as of now from here on.
    virtual void look_again() {}
    /// The last position that is judged.
    [[nodiscard]] virtual Position point() const = 0;
};

/// Whether ages of events are believed (log-and-rules 2.6).
enum class Ages : std::uint8_t { kCount, kHeld };

/// Events are removable when reads of their stream do not show them: behind its truncation, out of
/// its count, too old, deleted, tombstoned; a metadata stream shows its last event alone. In a
/// stream with `$compactBy: key` an event goes when each of its tags `key:…` is on a later event
/// too; events without such a tag stay. An event of such a stream without a byte of data removes
/// its keys: it goes itself when it is kRemovalShownNs old and what it removed is gone.
///
/// Memory: what is known of kStreamsMax streams, kSupersededMax revisions and kKeyBytesMax bytes of
/// keys at a time, and 32 bytes for each stream that loses events in the current segment; a
/// compacted stream with more keys keeps what it cannot tell. One thread; still_holds() in another
/// while that waits.
class StreamRemovalRules final : public RemovalRules {
  public:
    static constexpr std::size_t kStreamsMax = 65'536;
    static constexpr std::size_t kSupersededMax = 64u << 20u;
    static constexpr std::size_t kKeyBytesMax = 64u << 20u;
    static constexpr std::int64_t kRemovalShownNs = 86'400'000'000'000;

    StreamRemovalRules(commit::Orderer& orderer, Ages ages);

    void begin_segment() override;
    Result<bool> is_removable(const log::StoredEvent& event) override;
    Result<bool> still_holds() override;
    void look_again() override;
    [[nodiscard]] Position point() const override { return point_; }

  private:
    struct StreamRule {
        Revision first_shown;
        std::string compact_by;        ///< empty: not compacted
        std::vector<bool> superseded;  ///< by revision; may be shorter
    };
    /// What was let go of a stream in the current segment.
    struct Removed {
        std::uint64_t end = 0;         ///< behind the last revision that is not shown
        std::uint64_t compact_by = 0;  ///< hash of the key by which others are superseded; 0: none
    };
    void note_removal(std::string_view stream, Revision revision);
    Result<bool> holds_after(std::string_view metadata_stream, Position as_of);
    Result<std::shared_ptr<const StreamRule>> rule_of(std::string_view stream);
    Result<StreamRule> make_rule(std::string_view stream);
    Status find_superseded(std::string_view stream, Revision last, StreamRule& rule);

    [[nodiscard]] TimeNs now_for_ages() const;

    commit::Orderer& orderer_;
    const Ages ages_;
    Position point_;
    TimeNs now_;
    Position checked_;  ///< up to where still_holds() has looked
    streams::StreamLives lives_;
    boost::unordered_flat_map<std::uint64_t, Removed> removed_;  ///< by codec::hash64 of the stream
    boost::unordered_flat_set<std::uint64_t> removed_categories_;  ///< of their streams' names
    boost::unordered_flat_map<std::string, std::shared_ptr<const StreamRule>> kept_;
    std::size_t kept_superseded_ = 0;
    std::string last_stream_;  ///< events of a stream come together
    std::shared_ptr<const StreamRule> last_rule_;
};

/// Of the system log beside the users' one: snapshots that another of the same key and revision
/// replaced, that were deleted, or whose revisions a deletion of their stream took away. Everything
/// else as StreamRemovalRules. One thread.
class SystemRemovalRules final : public RemovalRules {
  public:
    SystemRemovalRules(commit::Orderer& system, commit::Orderer& events, Ages ages);

    void begin_segment() override { others_.begin_segment(); }
    Result<bool> is_removable(const log::StoredEvent& event) override;
    /// What is removed for another reason than metadata stays removable.
    Result<bool> still_holds() override { return others_.still_holds(); }
    void look_again() override;
    [[nodiscard]] Position point() const override { return others_.point(); }

  private:
    Result<bool> is_before_last(std::string_view stream, Revision revision);
    Status fold(std::string_view snapshot_stream, std::string_view stream);

    commit::Orderer& system_;
    StreamRemovalRules others_;
    const Position events_point_;
    streams::StreamLives lives_;
    std::string folded_;  ///< the snapshot stream that superseded_ is of
    std::vector<bool> superseded_;
    std::string headed_;  ///< the stream that last_ is of
    Revision last_;
};

}  // namespace annals::scavenge
