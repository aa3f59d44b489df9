// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/log/encoded_append.hpp"
#include "annals/log/file_system.hpp"
#include "annals/log/scavenging.hpp"
#include "annals/model/token.hpp"

namespace annals::log {

enum class Compression : std::uint8_t { kNone, kZstd };

/// What the log's background thread does.
enum class BackgroundWork : std::uint8_t {
    kFill,  ///< zeros ahead of the end; failing, the writer meets the disk's error in reserve()
    kSeal,  ///< footer and tree of a full segment; failing, it stays readable and is tried again
};

/// Told of each failure, in the background thread; must not block.
using BackgroundFailed = std::function<void(BackgroundWork, const Error&)>;

/// A place where stored bytes are not what was written.
struct Damage {
    std::string segment;       ///< file name
    std::uint64_t offset = 0;  ///< byte in it
    Position first_position;   ///< first position that cannot be read; 0 when unknown
    std::string what;
    Position last_position{};  ///< last position that cannot be read; 0 when unknown
};

/// "segment …, byte …, positions … to …: …".
std::string to_string(const Damage& damage);

/// Told of each range that a reader finds damaged, once, in the reader's thread; must not block.
using DamageFound = std::function<void(const Damage&)>;

struct LogOptions {
    std::size_t segment_bytes = 64u << 20u;   ///< a larger group gets a segment of its own size
    std::size_t fill_bytes_min = 1u << 20u;   ///< zero-filled ahead of an idle log
    std::size_t fill_bytes_max = 16u << 20u;  ///< first segment made beforehand for a busy one
    Compression compression = Compression::kNone;
    bool accept_damage =
        false;  ///< open for reading and writing although damage was found (what is whole is read)
    bool is_read_only = false;  ///< writes nothing at all, not even repairs
    /// What was derived from the log has events up to here, and only durable ones are derived: an
    /// end before that is damage. 0: nothing is known.
    Position proven_end{};
    bool has_tree =
        true;  ///< SHA-256 tree over blocks of positions; the system log has the chain alone
    const Clock* clock = nullptr;            ///< null: the machine's
    BackgroundFailed on_background_failure;  ///< may be empty
    DamageFound on_damage;                   ///< may be empty; not told of what opening reports
};

/// Running checksum over events in order (log-and-rules 1.6).
struct ChainMark {
    Position position;
    std::uint64_t chain = 0;
    bool operator==(const ChainMark&) const = default;
};

/// What opening found and did, for the server's log, `store info` and tests.
struct RecoveryReport {
    bool was_clean = false;  ///< the last closing was orderly
    std::uint64_t segments = 0;
    Position last_position;
    std::uint64_t scanned_bytes = 0;
    std::uint64_t cut_groups = 0;  ///< whole or torn groups behind the last whole one, cut
    std::uint64_t cut_bytes = 0;
    std::uint64_t rewritten_groups =
        0;  ///< whole groups that no mark covered: rewritten in place and synced
    std::uint64_t rewritten_bytes = 0;
    bool used_fresh_segment =
        false;  ///< rewriting in place failed, the tail was copied to a new segment
    bool is_read_only = false;
    std::string read_only_reason;
    bool is_disk_read_only = false;  ///< the file system is mounted read-only: nothing was written
    std::optional<Position>
        unproven_from;  ///< positions from here on could be lost by a power failure
    std::vector<Damage> damages;
};

/// One stored event, views into a mapped segment (or a decompressed block) kept alive by the
/// LogReader.
struct StoredEvent {
    Position position;
    Revision revision;
    TimeNs recorded_time;
    std::uint32_t chain_bits = 0;      ///< low 32 bits of the chain after this event
    std::uint32_t append_ordinal = 0;  ///< of this event in its append
    std::string_view envelope;         ///< fields 1 to 14
    std::string_view payload;          ///< fields 15 and 16
    std::string_view append;  ///< for append_of(): what lies from the append's record to this event
    /// Scavenged: the envelope has stream, id, type and tags alone, there is no payload.
    bool is_removed = false;
    std::uint64_t fingerprint = 0;  ///< of a removed event alone, 0 of a folded one
    TimeNs removed_time;            ///< of a removed event that is not folded
    /// Removed, and in a removed range since a logged cut: of the envelope stream and type alone
    /// are left.
    bool is_folded = false;
};

/// The append's own record, decoded.
struct StoredAppend {
    std::string_view principal;
    std::optional<model::Tracking> tracking;
    std::uint64_t tracking_fingerprint = 0;
    std::uint32_t rules_version = 0;
    std::uint32_t event_count = 0;
    std::uint32_t event_ordinal = 0;  ///< of the event it was reached through
};

class SegmentLog;

/// Reads events by position. Cheap to make; one thread at a time; a StoredEvent stays valid until
/// the reader is destroyed, or, where groups are compressed and in removed ranges, until
/// `kHeldEvents` more events were read; so make a reader for each page or batch, not for ever: it
/// also holds the mappings of all segments it has touched. Checks every checksum on the way: damage
/// is data_loss with segment and byte.
class LogReader {
  public:
    /// An event of a compressed group stays valid while so many more are read.
    static constexpr std::size_t kHeldEvents = 64;

    LogReader(LogReader&&) noexcept;
    LogReader& operator=(LogReader&&) noexcept;
    ~LogReader();

    /// The event at a durable position. Beyond the durable end: token_beyond_end. Sequential and
    /// repeated access is fastest (tens of ns); anywhere else it costs a table look-up and perhaps
    /// a page fault.
    Result<StoredEvent> at(Position position);
    /// Says that these positions are read next: their records begin to come into the processor's
    /// cache, all at once, instead of one after the other. A few dozen at a time; for positions
    /// that lie apart.
    void prefetch(std::span<const Position> positions);
    /// The append that the event belongs to. Of a folded event: what was tracked, else one event.
    Result<StoredAppend> append_of(const StoredEvent& event);

  private:
    friend class SegmentLog;
    struct State;
    explicit LogReader(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// Progress of long work, for bars: called now and then from the working thread.
struct Progress {
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;
    std::uint64_t events = 0;
};
using ProgressCallback = std::function<void(const Progress&)>;

/// What `store verify` found.
struct VerifyReport {
    std::uint64_t segments = 0;
    std::uint64_t groups = 0;
    std::uint64_t events = 0;
    std::uint64_t bytes = 0;
    std::uint64_t tree_blocks = 0;
    std::uint64_t removed_events = 0;  ///< by scavenging
    std::uint64_t folded_events = 0;   ///< of them, those in removed ranges
    ChainMark chain;
    /// Behind the groups of segments without a whole footer: a tear or a broken footer. The next
    /// opening mends both; no event is touched by it, so it is no damage.
    std::uint64_t torn_bytes = 0;
    std::vector<Damage> damages;  ///< empty: every byte, the chain and the trees are right
};

/// What `store info` shows of a log.
struct LogInfo {
    model::LogIdentity identity;
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;  ///< on disk, fill included
    Position last_position;
    TimeNs first_time;
    TimeNs last_time;
    ChainMark chain;
    std::uint64_t removed_events = 0;  ///< by scavenging, in sealed segments
    std::uint64_t folded_events = 0;   ///< of them, those in removed ranges
    bool is_read_only = false;
    std::string read_only_reason;
};

/// The log: append-only segment files (docs/formats/log.md).
///
/// Promises (log-and-rules 1): a group is written whole or not at all; nothing behind the durable
/// end is ever shown; a tear is cut at opening, damage is named and never cut; a failed write or
/// sync poisons the log until it is opened again; a full disk is met in reserve(), before anything
/// is accepted, and heals in place.
///
/// Threads: one writer calls reserve/add/write/sync/mark/close; any thread may read (reader,
/// durable_*, find_*). A background thread fills ahead, seals full segments and computes their
/// trees. Leaves to others: which events are accepted, and in what order (`commit`, `order_local`).
class SegmentLog {
  public:
    /// Opens or creates the log in `directory`, recovers what the last run left and reports it.
    /// Damage: opens read-only with the reason in the report, unless options.accept_damage.
    static Result<std::unique_ptr<SegmentLog>> open(
        FileSystem& files,
        const std::string& directory,
        const LogOptions& options,
        RecoveryReport& report
    );

    SegmentLog(const SegmentLog&) = delete;
    SegmentLog& operator=(const SegmentLog&) = delete;
    /// Closes in an orderly way if close() was not called and the log is not poisoned.
    ~SegmentLog();

    // ---- the writer ----

    /// Makes sure that a group of so many uncompressed bytes (sum of EncodedAppend::bytes()) and
    /// events has room on disk, opening a new segment when the current one is full. disk_full:
    /// nothing was written, try again later; outcome_unknown/read_only: poisoned. To be called
    /// before anything of the group is decided.
    Status reserve(std::size_t append_bytes, std::size_t events);
    /// Stamps the append and puts it in the group being built. `stamps[i]` belongs to event i;
    /// positions go on from last_position(). Cannot fail after reserve().
    void add(EncodedAppend& append, std::span<const Stamp> stamps, TimeNs recorded_time);
    /// Writes the group that was built (if any). An error poisons the log: answer outcome_unknown
    /// to its callers.
    Status write();
    /// Makes all written groups durable, moves durable_end() up. An error poisons the log.
    Status sync();
    /// Writes and syncs a mark, so that a later opening knows that everything before it was
    /// durable.
    Status mark();
    /// Ends the segment that is being written, so that it can be sealed and scavenged; what was
    /// added must be written. Nothing happens when it holds no event. Errors as in reserve().
    Status begin_segment();
    /// Seals nothing, but records a clean end and stops the background thread. No more writing
    /// afterwards.
    Status close();

    [[nodiscard]] bool is_poisoned() const;
    [[nodiscard]] bool is_read_only() const;
    /// Last position added (durable or not); writer only.
    [[nodiscard]] Position last_position() const;
    /// Recorded time of the last added event (0 when none): recorded time never goes backwards.
    [[nodiscard]] TimeNs last_time() const;
    [[nodiscard]] ChainMark last_chain() const;

    // ---- any thread ----

    [[nodiscard]] const model::LogIdentity& identity() const;
    /// Last durable position; 0 for an empty log.
    [[nodiscard]] Position durable_end() const;
    /// Chain at the durable end.
    [[nodiscard]] ChainMark durable_chain() const;
    [[nodiscard]] LogReader reader() const;
    /// First position recorded at or after `time`; durable_end()+1 when there is none. O(log n)
    /// page touches.
    Result<Position> find_time(TimeNs time) const;
    /// Low 32 bits of the chain at a durable position (0 for position 0). Of a position that was
    /// lost to damage: as what follows it tells, 0 where nothing does.
    Result<std::uint32_t> chain_bits_at(Position position) const;
    /// Full chain at a durable position; costs a group's scan. data_loss: the position and what is
    /// around it cannot be read.
    Result<std::uint64_t> chain_at(Position position) const;
    /// token_unknown, token_beyond_end or ok: whether the token belongs to this log's history
    /// (1.6). One for a position that was lost to damage is believed: nothing is left to disprove
    /// it, and who comes from there goes on behind it.
    Status check_token(const model::PositionToken& token) const;
    [[nodiscard]] LogInfo info() const;
    /// Places known to be damaged, found by opening or met by readers since; in order of position,
    /// adjacent ones joined, at most 4,096.
    [[nodiscard]] std::vector<Damage> damages() const;
    /// How many; costs nothing.
    [[nodiscard]] std::size_t damage_count() const;
    /// Whether readers are to pass over what is damaged (LogOptions::accept_damage); else they end
    /// before it.
    [[nodiscard]] bool accepts_damage() const;
    /// Whether a reader that meets this error is to go on behind it: data_loss, and damage is
    /// accepted.
    [[nodiscard]] bool passes_over(const Error& error) const;
    /// In order of position. A segment that is full and not sealed yet is left out.
    [[nodiscard]] std::vector<SealedSegment> sealed_segments() const;
    /// Removes what may go from the sealed segment that begins at `first` (log-and-rules 2.5): its
    /// file is written anew beside it and takes its place; positions, chain and trees stay, a stub
    /// is left of each removed event. Appends and readers go on. One caller at a time; others wait.
    /// not_supported: there is no such sealed segment. read_only: closed, poisoned or opened for
    /// reading. data_loss: the segment is damaged and was left alone. disk_full, io_error: nothing
    /// changed.
    Result<ScavengeResult> scavenge(Position first, const ScavengeRequest& request);
    /// Waits until no full segment waits for its footer.
    void wait_for_seals() const;
    /// How often this work failed since the log was opened.
    [[nodiscard]] std::uint64_t background_failures(BackgroundWork work) const;
    /// Waits until the background thread has nothing to do (fill, seal, trees). For tests, verify
    /// and benchmarks.
    void wait_for_background() const;

  private:
    class Impl;
    explicit SegmentLog(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Checks every byte, group, checksum, chain and tree of a closed (or read-only opened) log.
Result<VerifyReport> verify_log(
    FileSystem& files, const std::string& directory, const ProgressCallback& progress
);

}  // namespace annals::log
