// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/log/segment_log.hpp"

#include <algorithm>
#include <mutex>

#include "annals/base/assert.hpp"

#include "background.hpp"
#include "clean_end.hpp"
#include "fill_ahead.hpp"
#include "group_builder.hpp"
#include "log_core.hpp"
#include "log_reader.hpp"
#include "recovery.hpp"
#include "segment_scavenger.hpp"

namespace annals::log {
namespace {

using detail::ActiveSegment;
using detail::GroupHeader;
using detail::LogState;
using detail::Segment;
using detail::SegmentHeader;

Error read_only_error(std::string_view reason) {
    return Error(ErrorCode::kReadOnly, "the log takes no appends: " + std::string(reason))
        .with("reason", reason);
}

Error unknown_outcome(const Error& cause) {
    return Error(
        ErrorCode::kOutcomeUnknown,
        "whether the append is stored is not known: " + std::string(cause.message())
    );
}

}  // namespace

/// The writer's side. Members without a note belong to the writer's thread.
class SegmentLog::Impl {
  public:
    Impl(
        std::unique_ptr<DirectoryLock> lock,
        std::shared_ptr<detail::LogCore> core,
        detail::RecoveredLog log,
        const RecoveryReport& report
    );
    ~Impl() { static_cast<void>(close()); }

    Status start();
    Status reserve(std::size_t append_bytes, std::size_t events);
    void add(EncodedAppend& append, std::span<const Stamp> stamps, TimeNs recorded_time);
    Status write();
    Status sync();
    Status mark();
    Status begin_segment();
    Status close();
    Result<ScavengeResult> scavenge(Position first, const ScavengeRequest& request);

    [[nodiscard]] detail::LogCore& core() const { return *core_; }
    [[nodiscard]] const std::shared_ptr<detail::LogCore>& shared_core() const { return core_; }
    [[nodiscard]] detail::Background& background() { return background_; }
    [[nodiscard]] const LogState& built() const { return built_; }
    [[nodiscard]] const std::string& read_only_reason() const { return read_only_reason_; }
    [[nodiscard]] bool is_read_only() const { return is_read_only_; }

  private:
    Status check_writable() const;
    Error poison(const Error& cause);
    Status reserve_bytes(std::size_t group_bytes);
    Status enlarge_empty_segment(std::size_t group_bytes);
    Status roll(std::size_t group_bytes);
    Status open_active(std::uint64_t file_bytes);
    Status create_next(const SegmentHeader& header, std::uint64_t capacity, std::uint64_t& filled);
    Status consume_clean_end();
    Status write_group(std::uint16_t flags);
    Status write_clean_end();

    std::unique_ptr<DirectoryLock> lock_;
    std::shared_ptr<detail::LogCore> core_;  // shared with readers, which may outlive the log
    detail::Background background_;
    std::vector<detail::SealJob> to_seal_;
    std::optional<ActiveSegment> active_;
    std::unique_ptr<File> file_;
    detail::FillAhead ahead_;
    detail::GroupBuilder group_;
    LogState built_;    // after all that was added
    LogState written_;  // after the last group written
    std::uint64_t durable_group_ = 0;
    std::uint64_t last_sequence_ = 0;
    std::uint64_t salt_ = 0;
    bool is_marked_ = false;  // the last group says that everything before it is durable
    bool has_clean_file_ = false;
    bool needs_mark_ = false;
    bool is_closed_ = false;
    bool is_read_only_ = false;
    std::string read_only_reason_;
    std::mutex scavenging_;     // held while a segment is scavenged; close() waits for it
    bool may_scavenge_ = true;  // under scavenging_
};

SegmentLog::Impl::Impl(
    std::unique_ptr<DirectoryLock> lock,
    std::shared_ptr<detail::LogCore> core,
    detail::RecoveredLog log,
    const RecoveryReport& report
)
    : lock_(std::move(lock)),
      core_(std::move(core)),
      background_(*core_),
      to_seal_(std::move(log.to_seal)),
      active_(std::move(log.active)),
      ahead_(*core_, background_),
      built_(log.end),
      written_(log.end),
      durable_group_(log.end.group),
      last_sequence_(log.last_sequence),
      salt_(detail::make_salt(core_->identity().log_id)),
      is_marked_(report.was_clean),
      has_clean_file_(log.has_clean_file),
      needs_mark_(log.needs_mark),
      is_read_only_(report.is_read_only),
      read_only_reason_(report.read_only_reason) {
    auto list = std::make_shared<detail::SegmentList>();
    list->segments = std::move(log.segments);
    core_->set_segments(std::move(list));
    core_->publish_durable({written_.last_position, written_.chain});
}

/// What a writer needs beyond what readers do.
Status SegmentLog::Impl::start() {
    if (is_read_only_) return ok();
    if (active_) ANNALS_CHECK(open_active(active_->file_bytes));
    if (needs_mark_) ANNALS_CHECK(mark());
    for (detail::SealJob& job : to_seal_) background_.request_seal(std::move(job));
    to_seal_.clear();
    return ok();
}

Status SegmentLog::Impl::open_active(std::uint64_t file_bytes) {
    const std::string& path = active_->segment->path();
    FileSystem& files = core_->files();
    ANNALS_TRY(file_, files.open(path, FileSystem::Mode::kReadWrite));
    ahead_.follow(path, file_bytes, active_->segment->map_bytes());
    return ok();
}

Status SegmentLog::Impl::check_writable() const {
    if (core_->is_poisoned()) {
        return read_only_error("it was poisoned by a failed write or sync; open it again")
            .with("poisoned", "true");
    }
    if (is_read_only_) return read_only_error(read_only_reason_);
    if (is_closed_) return read_only_error("it was closed");
    return ok();
}

Error SegmentLog::Impl::poison(const Error& cause) {
    core_->poison();
    return unknown_outcome(cause);
}

Status SegmentLog::Impl::reserve(std::size_t append_bytes, std::size_t /*events*/) {
    ANNALS_CHECK(check_writable());
    return reserve_bytes(GroupHeader::kBytes + detail::aligned(group_.body_bytes() + append_bytes));
}

Status SegmentLog::Impl::reserve_bytes(std::size_t group_bytes) {
    if (has_clean_file_) ANNALS_CHECK(consume_clean_end());
    // Room for a mark is always left behind a group.
    const std::size_t needed = group_bytes + GroupHeader::kBytes;
    const bool is_full = !active_ || active_->groups_end + needed > active_->segment->map_bytes();
    const bool is_empty = active_ &&
                          written_.last_position < active_->segment->header().first_position;
    // A segment that is filled while it is written is left early for one that is filled.
    const bool is_left = !is_full && !is_empty &&
                         ahead_.is_spare_better(SegmentHeader::kBytes + needed);
    if (is_full || is_left) {
        ANNALS_CHECK(is_empty ? enlarge_empty_segment(needed) : roll(needed));
    }
    return ahead_.make_room(active_->groups_end + needed);
}

Status SegmentLog::Impl::enlarge_empty_segment(std::size_t group_bytes) {
    // Its marks stay; nobody can have read from it yet.
    const Segment& old = *active_->segment;
    const std::uint64_t map_bytes = active_->groups_end + group_bytes;
    auto segment = std::make_shared<Segment>(core_->directory(), old.header(), map_bytes);
    active_->segment = segment;
    core_->put_segment(std::move(segment));
    return open_active(ahead_.filled());
}

Status SegmentLog::Impl::roll(std::size_t group_bytes) {
    // The old segment must be durable before the new one says that it follows it.
    ANNALS_CHECK(sync());
    SegmentHeader header;
    header.incarnation = core_->identity().incarnation;
    header.log_id = core_->identity().log_id;
    header.sequence = last_sequence_ + 1;
    header.first_position = written_.last_position.next();
    header.chain = written_.chain;
    header.last_time = written_.last_time;
    header.last_group = written_.group;
    header.last_group_crc = written_.group_crc;
    const std::uint64_t needed = SegmentHeader::kBytes + group_bytes;
    const bool is_prepared = ahead_.has_spare(needed);
    const std::uint64_t capacity = is_prepared ? ahead_.spare_bytes()
                                               : std::max<std::uint64_t>(
                                                     core_->options().segment_bytes, needed
                                                 );
    std::uint64_t filled = capacity;
    Status created = is_prepared ? ahead_.use_spare(header) : create_next(header, capacity, filled);
    if (!created) {
        if (created.error().code() == ErrorCode::kDiskFull && !is_prepared) return created;
        return poison(created.error());
    }
    std::optional<ActiveSegment> old = std::move(active_);
    active_ = ActiveSegment{
        std::make_shared<Segment>(core_->directory(), header, capacity),
        SegmentHeader::kBytes,
        filled,
        0,
        0,
        0,
        header.last_time
    };
    last_sequence_ = header.sequence;
    core_->put_segment(active_->segment);
    const Status opened = open_active(filled);
    if (!opened) return poison(opened.error());
    if (is_prepared) ahead_.begin_spare(SegmentHeader::kBytes);
    if (old) background_.request_seal({old->segment, old->groups_end, written_});
    return ok();
}

Status SegmentLog::Impl::create_next(
    const SegmentHeader& header, std::uint64_t capacity, std::uint64_t& filled
) {
    // What was added already keeps its room, whatever comes of the rest.
    const std::uint64_t built = 2 * GroupHeader::kBytes + detail::aligned(group_.body_bytes());
    filled = std::min<std::uint64_t>(
        capacity,
        SegmentHeader::kBytes + std::max<std::uint64_t>(core_->options().fill_bytes_min, built)
    );
    return detail::create_segment_file(core_->files(), core_->directory(), header, {}, filled);
}

Status SegmentLog::Impl::consume_clean_end() {
    FileSystem& files = core_->files();
    const std::string path = core_->directory() + "/" + std::string(detail::CleanEnd::kName);
    ANNALS_TRY(const bool is_there, files.exists(path));
    if (is_there) ANNALS_CHECK(files.remove(path));
    const Status synced = files.sync_directory(core_->directory());
    if (!synced) return poison(synced.error());
    has_clean_file_ = false;
    return ok();
}

void SegmentLog::Impl::add(
    EncodedAppend& append, std::span<const Stamp> stamps, TimeNs recorded_time
) {
    if (stamps.empty()) return;
    ANNALS_ASSERT(stamps.front().position == built_.last_position.next(), "positions are dense");
    ANNALS_ASSERT(recorded_time >= built_.last_time, "recorded time never goes backwards");
    built_.chain = group_.add(append, stamps, recorded_time, built_.chain);
    built_.last_position = stamps.back().position;
    built_.last_time = recorded_time;
}

Status SegmentLog::Impl::write() {
    if (group_.is_empty()) return ok();
    ANNALS_CHECK(check_writable());
    return write_group(0);
}

Status SegmentLog::Impl::write_group(std::uint16_t flags) {
    GroupHeader header;
    header.flags = flags;
    header.salt = salt_;
    header.previous_crc = written_.group_crc;
    header.first_position = written_.last_position.next();
    header.number = written_.group + 1;
    header.durable_number = durable_group_;
    header.chain = built_.chain;
    header.recorded_time = built_.last_time;
    const std::string_view bytes = group_.finish(header, core_->options().compression);
    const std::uint64_t offset = active_->groups_end;
    ANNALS_ASSERT(
        offset + bytes.size() <= ahead_.filled(), "reserve() comes before add() and write()"
    );
    const Status written = file_->write_at(offset, bytes);
    if (!written) return poison(written.error());
    detail::PositionTable& table = active_->segment->table();
    const bool is_compressed = header.is_compressed();
    for (std::size_t i = 0; i < group_.event_count(); ++i) {
        const std::uint64_t place = is_compressed
                                        ? offset
                                        : offset + GroupHeader::kBytes + group_.record_offset(i);
        table.push(detail::make_entry(place, is_compressed));
    }
    if (active_->first_time == active_->segment->header().last_time &&
        table.size() == group_.event_count()) {
        active_->first_time = header.recorded_time;
    }
    ++active_->groups;
    active_->appends += header.append_count;
    active_->last_group_offset = offset;
    active_->groups_end = offset + bytes.size();
    built_.group = header.number;
    built_.group_crc = header.crc;
    written_ = built_;
    is_marked_ = header.is_mark() && header.durable_number + 1 == header.number;
    group_.clear();
    return ok();
}

Status SegmentLog::Impl::sync() {
    ANNALS_CHECK(check_writable());
    if (durable_group_ == written_.group) return ok();
    const Status synced = file_->sync();
    if (!synced) return poison(synced.error());
    durable_group_ = written_.group;
    core_->publish_durable({written_.last_position, written_.chain});
    return ok();
}

Status SegmentLog::Impl::mark() {
    ANNALS_CHECK(check_writable());
    ANNALS_CHECK(write());
    ANNALS_CHECK(sync());
    if (is_marked_ || written_.group == 0) return ok();
    const bool has_room = active_ && !has_clean_file_ &&
                          active_->groups_end + GroupHeader::kBytes <= ahead_.filled();
    if (!has_room) ANNALS_CHECK(reserve_bytes(GroupHeader::kBytes));
    ANNALS_CHECK(write_group(detail::kGroupMark));
    return sync();
}

Status SegmentLog::Impl::begin_segment() {
    ANNALS_CHECK(check_writable());
    ANNALS_ASSERT(group_.is_empty(), "what was added is written before a segment ends");
    const bool is_empty = !active_ ||
                          written_.last_position < active_->segment->header().first_position;
    if (is_empty) return ok();
    if (has_clean_file_) ANNALS_CHECK(consume_clean_end());
    return roll(2 * GroupHeader::kBytes);
}

Result<ScavengeResult> SegmentLog::Impl::scavenge(Position first, const ScavengeRequest& request) {
    const std::lock_guard lock(scavenging_);
    if (!may_scavenge_) return read_only_error("it was closed");
    if (core_->is_poisoned()) {
        return read_only_error("it was poisoned by a failed write or sync; open it again");
    }
    if (is_read_only_) return read_only_error(read_only_reason_);
    const auto list = core_->segments();
    const std::size_t index = list->find(first);
    const bool is_there = index < list->segments.size() && list->segments[index]->is_sealed() &&
                          list->segments[index]->header().first_position == first;
    if (!is_there) {
        return Error(
                   ErrorCode::kNotSupported,
                   "no sealed segment begins at position " + std::to_string(first.value)
        )
            .with("position", std::to_string(first.value));
    }
    return detail::scavenge_segment(*core_, list->segments[index], request);
}

Status SegmentLog::Impl::write_clean_end() {
    // With known damage the next opening is to look for itself.
    if (!active_ || has_clean_file_ || core_->damage().count() != 0) return ok();
    detail::CleanEnd clean;
    clean.sequence = active_->segment->header().sequence;
    clean.groups_end = active_->groups_end;
    clean.last_group_offset = active_->last_group_offset;
    clean.groups = active_->groups;
    clean.appends = active_->appends;
    clean.first_time = active_->first_time;
    clean.state = written_;
    const detail::PositionTable& table = active_->segment->table();
    for (std::uint64_t i = 0; i < table.size(); ++i) clean.table.push_back(table.get(i));
    return detail::write_file_durably(
        core_->files(),
        core_->directory(),
        std::string(detail::CleanEnd::kName),
        detail::encode_clean_end(clean, core_->identity().log_id)
    );
}

Status SegmentLog::Impl::close() {
    if (is_closed_) return ok();
    Status marked = ok();
    const bool is_writable = !is_read_only_ && !core_->is_poisoned();
    if (is_writable) marked = mark();
    {
        const std::lock_guard lock(scavenging_);
        may_scavenge_ = false;
    }
    background_.stop();
    ahead_.close();
    if (is_writable && marked) marked = write_clean_end();
    is_closed_ = true;
    file_ = nullptr;
    lock_ = nullptr;
    return marked;
}

// ---- SegmentLog ----

SegmentLog::SegmentLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SegmentLog::~SegmentLog() = default;

Result<std::unique_ptr<SegmentLog>> SegmentLog::open(
    FileSystem& files,
    const std::string& directory,
    const LogOptions& options,
    RecoveryReport& report
) {
    report = {};
    std::unique_ptr<DirectoryLock> lock;
    if (!options.is_read_only) {
        ANNALS_CHECK(files.create_directories(directory));
        ANNALS_TRY(lock, files.lock(directory));
    }
    LogOptions used = options;
    if (!options.is_read_only) {
        ANNALS_TRY(report.is_disk_read_only, files.is_read_only(directory));
        used.is_read_only = report.is_disk_read_only;
    }
    ANNALS_TRY(detail::RecoveredLog log, detail::recover_log(files, directory, used, report));
    if (used.is_read_only && !report.is_read_only) {
        report.is_read_only = true;
        report.read_only_reason = report.is_disk_read_only
                                      ? "the file system of " + directory +
                                            " is mounted read-only: mount it for writing and "
                                            "start again"
                                      : "it was opened for reading only";
    }
    auto core = std::make_shared<detail::LogCore>(files, directory, used, log.meta.identity);
    core->take_damages(report.damages, log.damaged_segments);
    auto impl = std::make_unique<Impl>(std::move(lock), std::move(core), std::move(log), report);
    ANNALS_CHECK(impl->start());
    return std::unique_ptr<SegmentLog>(new SegmentLog(std::move(impl)));
}

Status SegmentLog::reserve(std::size_t append_bytes, std::size_t events) {
    return impl_->reserve(append_bytes, events);
}
void SegmentLog::add(EncodedAppend& append, std::span<const Stamp> stamps, TimeNs recorded_time) {
    impl_->add(append, stamps, recorded_time);
}
Status SegmentLog::write() { return impl_->write(); }
Status SegmentLog::sync() { return impl_->sync(); }
Status SegmentLog::mark() { return impl_->mark(); }
Status SegmentLog::begin_segment() { return impl_->begin_segment(); }
Result<ScavengeResult> SegmentLog::scavenge(Position first, const ScavengeRequest& request) {
    return impl_->scavenge(first, request);
}
Status SegmentLog::close() { return impl_->close(); }
bool SegmentLog::is_poisoned() const { return impl_->core().is_poisoned(); }
bool SegmentLog::is_read_only() const { return impl_->is_read_only(); }
Position SegmentLog::last_position() const { return impl_->built().last_position; }
TimeNs SegmentLog::last_time() const { return impl_->built().last_time; }
ChainMark SegmentLog::last_chain() const {
    return {impl_->built().last_position, impl_->built().chain};
}
const model::LogIdentity& SegmentLog::identity() const { return impl_->core().identity(); }
Position SegmentLog::durable_end() const { return impl_->core().durable_end(); }
ChainMark SegmentLog::durable_chain() const { return impl_->core().durable_chain(); }
LogReader SegmentLog::reader() const {
    return LogReader(std::make_unique<LogReader::State>(impl_->shared_core()));
}
void SegmentLog::wait_for_background() const { impl_->background().wait_idle(); }
void SegmentLog::wait_for_seals() const { impl_->background().wait_sealed(); }

std::vector<SealedSegment> SegmentLog::sealed_segments() const {
    std::vector<SealedSegment> sealed;
    const auto list = impl_->core().segments();  // a list that is not held may go meanwhile
    for (const auto& segment : list->segments) {
        if (!segment->is_sealed()) continue;
        const detail::SegmentFooter& footer = segment->footer();
        sealed.push_back(
            {footer.first_position,
             Position(footer.first_position.value + footer.events - 1),
             footer.file_bytes,
             footer.removed_events + footer.folded_events}
        );
    }
    return sealed;
}

Result<Position> SegmentLog::find_time(TimeNs time) const {
    // Recorded time never goes backwards: a binary search over the segments, then over positions.
    const Position end = durable_end();
    const auto list = impl_->core().segments();
    LogReader reads = reader();
    const auto& segments = list->segments;
    const auto after = std::partition_point(
        segments.begin(),
        segments.end(),
        [&](const std::shared_ptr<Segment>& segment) { return segment->header().last_time < time; }
    );
    const std::size_t index = static_cast<std::size_t>(after - segments.begin());
    Position low = index == 0 ? Position(1) : segments[index - 1]->header().first_position;
    Position high = end.next();
    if (index < segments.size()) high = std::min(high, segments[index]->header().first_position);
    while (low < high) {
        const Position middle(low.value + (high.value - low.value) / 2);
        // Where damage lies, the next whole event tells.
        Position told = middle;
        Result<StoredEvent> event = reads.at(told);
        while (!event && event.error().code() == ErrorCode::kDataLoss && told.next() < high) {
            told = told.next();
            event = reads.at(told);
        }
        if (!event && event.error().code() != ErrorCode::kDataLoss)
            return std::move(event).take_error();
        if (event && event->recorded_time < time) {
            low = told.next();
        } else {
            high = middle;
        }
    }
    return low;
}

Result<std::uint32_t> SegmentLog::chain_bits_at(Position position) const {
    if (position.value == 0) return 0u;
    LogReader reads = reader();
    const Result<StoredEvent> event = reads.at(position);
    if (event) return event->chain_bits;
    if (event.error().code() != ErrorCode::kDataLoss) return event.error();
    const Result<std::uint64_t> chain = chain_at(position);
    return chain ? static_cast<std::uint32_t>(*chain) : 0u;
}

Result<std::uint64_t> SegmentLog::chain_at(Position position) const {
    if (position.value == 0) return std::uint64_t{0};
    const ChainMark durable = durable_chain();
    if (durable.position == position) return durable.chain;
    return LogReader::State(impl_->shared_core()).chain_at(position);
}

Status SegmentLog::check_token(const model::PositionToken& token) const {
    const model::LogIdentity& own = identity();
    const std::string life = token.incarnation == own.incarnation
                                 ? std::string()
                                 : " (it was made in incarnation " +
                                       std::to_string(token.incarnation) + ", this is " +
                                       std::to_string(own.incarnation) + ")";
    const auto unknown = [&](std::string_view why) {
        return Error(
                   ErrorCode::kTokenUnknown,
                   "the token for position " + std::to_string(token.position.value) + " " +
                       std::string(why) + life
        )
            .with("position", std::to_string(token.position.value));
    };
    const model::PositionToken here = model::make_token(own, token.position, token.chain_bits);
    if (token.log_id_bits != here.log_id_bits || token.shard != here.shard) {
        return unknown("comes from another log");
    }
    const Position end = durable_end();
    if (token.position > end) {
        return Error(
                   ErrorCode::kTokenBeyondEnd,
                   "the token says position " + std::to_string(token.position.value) +
                       ", the log ends at " + std::to_string(end.value) + life
        )
            .with("position", std::to_string(token.position.value))
            .with("end", std::to_string(end.value));
    }
    std::uint32_t bits = 0;
    if (token.position.value != 0) {
        LogReader reads = reader();
        const Result<StoredEvent> event = reads.at(token.position);
        if (!event && event.error().code() == ErrorCode::kDataLoss) return ok();
        if (!event) return event.error();
        bits = event->chain_bits;
    }
    if (bits != token.chain_bits) return unknown("does not belong to this log's history");
    return ok();
}

std::vector<Damage> SegmentLog::damages() const { return impl_->core().damage().list(); }
std::size_t SegmentLog::damage_count() const { return impl_->core().damage().count(); }
bool SegmentLog::passes_over(const Error& error) const {
    return error.code() == ErrorCode::kDataLoss && accepts_damage();
}
bool SegmentLog::accepts_damage() const { return impl_->core().options().accept_damage; }

std::uint64_t SegmentLog::background_failures(BackgroundWork work) const {
    return impl_->core().failures(work);
}

LogInfo SegmentLog::info() const {
    detail::LogCore& core = impl_->core();
    const auto list = core.segments();
    LogInfo info;
    info.identity = core.identity();
    info.segments = list->segments.size();
    for (const auto& segment : list->segments) {
        if (segment->is_sealed()) {
            const detail::SegmentFooter& footer = segment->footer();
            info.folded_events += footer.folded_events;
            info.removed_events += footer.removed_events + footer.folded_events;
        }
        const auto file = core.files().open(segment->path(), FileSystem::Mode::kRead);
        if (!file) continue;
        const auto bytes = (*file)->size();
        if (bytes) info.bytes += *bytes;
    }
    info.chain = core.durable_chain();
    info.last_position = info.chain.position;
    LogReader reads = reader();
    if (info.last_position.value != 0) {
        if (const auto first = reads.at(Position(1))) info.first_time = first->recorded_time;
        if (const auto last = reads.at(info.last_position)) info.last_time = last->recorded_time;
    }
    info.is_read_only = impl_->is_read_only() || core.is_poisoned();
    info.read_only_reason = core.is_poisoned() ? "a write or sync failed; open the log again"
                                               : impl_->read_only_reason();
    return info;
}

}  // namespace annals::log
