// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "segment_scavenger.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "append_record.hpp"
#include "chain.hpp"
#include "compressed_body.hpp"
#include "event_frame.hpp"
#include "group_header.hpp"
#include "removed_range.hpp"
#include "segment_scan.hpp"
#include "segment_sealer.hpp"
#include "stub_record.hpp"

namespace annals::log::detail {
namespace {

constexpr std::size_t kPieceBytes = 1u << 20u;
/// Synced so often, so that the disk never has much to do at once while appends wait for it.
constexpr std::uint64_t kUnsyncedBytesMax = 8u << 20u;

struct WholeGroup {
    GroupHeader header;
    std::string_view bytes;  ///< as they lie in the file
    std::string_view raw;    ///< body
};

/// Reads the groups of a sealed segment one after the other and checks what it reads.
class GroupWalk {
  public:
    GroupWalk(const Segment& segment, std::string_view bytes)
        : segment_(segment),
          bytes_(bytes.substr(0, static_cast<std::size_t>(segment.footer().footer_offset))) {}

    [[nodiscard]] bool is_done() const { return at_ >= bytes_.size(); }

    Result<WholeGroup> next() {
        const std::string_view rest = bytes_.substr(at_);
        const std::optional<GroupHeader> header = decode_group_header(rest);
        if (!header || header->total_bytes() > rest.size()) return damage("no whole group");
        WholeGroup group{*header, rest.substr(0, header->total_bytes()), {}};
        group.raw = rest.substr(GroupHeader::kBytes, header->stored_bytes);
        if (codec::crc32c(group.raw) != header->body_crc)
            return damage("a group's body has a wrong checksum");
        if (header->is_compressed()) {
            const auto body = CompressedBody::open(
                group.raw, header->raw_bytes, header->event_count
            );
            if (!body || !body->unpack(unpacked_)) return damage("a body cannot be unpacked");
            group.raw = unpacked_;
        }
        at_ += header->total_bytes();
        return group;
    }

    [[nodiscard]] Error damage(std::string_view what) const {
        return damage_error(segment_.name(), at_, what);
    }

  private:
    const Segment& segment_;
    std::string_view bytes_;
    std::size_t at_ = SegmentHeader::kBytes;
    std::string unpacked_;
};

/// The new file, or nothing in a dry run: counts, writes in pieces, syncs now and then, takes
/// itself away unless it was kept.
class NewFile {
  public:
    NewFile(LogCore& core, std::string path, const ScavengeRequest& request)
        : core_(core), path_(std::move(path)), request_(request) {}
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile() {
        if (file_ == nullptr) return;
        file_ = nullptr;
        static_cast<void>(core_.files().remove(path_));
    }

    Status create() {
        if (request_.is_dry_run) return ok();
        ANNALS_TRY(const bool is_left_over, core_.files().exists(path_));
        if (is_left_over) ANNALS_CHECK(core_.files().remove(path_));
        ANNALS_TRY(file_, core_.files().open(path_, FileSystem::Mode::kCreate));
        return ok();
    }
    Status add(std::string_view bytes) {
        bytes_ += bytes.size();
        if (file_ == nullptr) return ok();
        pending_.append(bytes);
        return pending_.size() < kPieceBytes ? ok() : flush();
    }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
    [[nodiscard]] bool is_stopped() const { return is_stopped_; }
    [[nodiscard]] const std::string& path() const { return path_; }

    Status finish() {
        if (file_ == nullptr) return ok();
        ANNALS_CHECK(flush());
        return file_->sync();
    }
    File& file() { return *file_; }
    /// It has another name now.
    void keep() { file_ = nullptr; }

  private:
    Status flush() {
        if (is_stopped_) return ok();
        ANNALS_CHECK(file_->write_at(written_, pending_));
        written_ += pending_.size();
        const std::uint64_t piece = pending_.size();
        pending_.clear();
        if (written_ - synced_ >= kUnsyncedBytesMax) {
            ANNALS_CHECK(file_->sync());
            synced_ = written_;
        }
        if (request_.pace && !request_.pace(piece)) is_stopped_ = true;
        return ok();
    }

    LogCore& core_;
    std::string path_;
    const ScavengeRequest& request_;
    std::unique_ptr<File> file_;
    std::string pending_;
    std::uint64_t bytes_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t synced_ = 0;
    bool is_stopped_ = false;
};

class SegmentScavenger {
  public:
    SegmentScavenger(
        LogCore& core, const std::shared_ptr<Segment>& segment, const ScavengeRequest& request
    )
        : core_(core), old_(segment), request_(request) {}

    Result<ScavengeResult> run() {
        ANNALS_TRY(mapping_, old_->mapping(core_.files()));
        result_.bytes_before = result_.bytes_after = old_->footer().file_bytes;
        ANNALS_CHECK(decide());
        if (result_.is_stopped || !result_.has_changes()) return result_;
        if (result_.folded_events != 0 && !request_.is_dry_run && request_.before_fold)
            ANNALS_CHECK(request_.before_fold(last_folded_));
        NewFile file(core_, old_->path() + std::string(kScavengedSuffix), request_);
        ANNALS_CHECK(file.create());
        ANNALS_CHECK(write(file));
        if (file.is_stopped()) {
            stop();
            return result_;
        }
        result_.bytes_after = file.bytes();
        if (request_.is_dry_run) return result_;
        ANNALS_TRY(const bool is_replaced, replace(file));
        if (is_replaced) return result_;
        result_.is_outdated = true;
        result_.removed_events = result_.folded_events = 0;
        result_.bytes_after = result_.bytes_before;
        return result_;
    }

  private:
    void stop() {
        result_.is_stopped = true;
        result_.removed_events = result_.folded_events = 0;
    }

    // ---- what may go ----

    Status decide() {
        const SegmentFooter& footer = old_->footer();
        is_gone_.assign(static_cast<std::size_t>(footer.events), false);
        is_new_.assign(static_cast<std::size_t>(footer.events), false);
        is_folded_.assign(static_cast<std::size_t>(footer.events), false);
        GroupWalk walk(*old_, mapping_->bytes);
        std::uint64_t looked_at = 0;
        while (!walk.is_done()) {
            ANNALS_TRY(const WholeGroup group, walk.next());
            ANNALS_CHECK(decide_group(walk, group));
            looked_at += group.bytes.size();
            if (looked_at < kPieceBytes) continue;
            if (request_.pace && !request_.pace(looked_at)) {
                stop();
                return ok();
            }
            looked_at = 0;
        }
        // What is left is paid for, too: small segments would cost nothing at all otherwise.
        if (looked_at > 0 && request_.pace && !request_.pace(looked_at)) stop();
        return ok();
    }

    Status decide_group(const GroupWalk& walk, const WholeGroup& group) {
        append_events_ = 0;
        for (std::size_t at = 0; at < group.raw.size();) {
            const std::string_view rest = group.raw.substr(at);
            const RecordShape shape = record_shape(rest);
            if (shape.bytes == 0) return walk.damage("a record is not whole");
            at += shape.bytes;
            if (shape.kind == RecordKind::kAppend) {
                end_append();
            } else if (shape.kind == RecordKind::kRemovedRange) {
                end_append();
                ANNALS_CHECK(note_range(walk, rest));
            } else {
                ANNALS_CHECK(decide_event(walk, rest));
            }
        }
        end_append();
        return ok();
    }

    Status decide_event(const GroupWalk& walk, std::string_view bytes) {
        const CheckedRecord record = check_event_record(bytes);
        if (record.fault != nullptr) return walk.damage(record.fault);
        ANNALS_TRY(const std::size_t place, place_of(walk, record.frame.position));
        StoredEvent event;
        event.position = record.frame.position;
        event.revision = record.frame.revision;
        event.recorded_time = record.frame.recorded_time;
        event.chain_bits = record.frame.chain_bits;
        event.append_ordinal = record.frame.ordinal;
        event.envelope = record.envelope;
        event.payload = record.payload();
        event.is_removed = record.is_stub();
        event.fingerprint = record.fingerprint;
        event.removed_time = removed_time_of(record);
        if (!event.is_removed) {
            ANNALS_TRY(event.is_removed, request_.is_removable(event));
            event.removed_time = request_.now;
            is_new_[place] = event.is_removed;
            if (event.is_removed) ++result_.removed_events;
        }
        is_gone_[place] = event.is_removed;
        if (append_events_++ == 0) {
            append_place_ = place;
            is_append_foldable_ = static_cast<bool>(request_.is_foldable);
        }
        if (!is_append_foldable_) return ok();
        if (!event.is_removed) {
            is_append_foldable_ = false;
            return ok();
        }
        ANNALS_TRY(is_append_foldable_, request_.is_foldable(event));
        return ok();
    }

    /// An append goes as a whole: tracking and the rules' answers are those of the append.
    void end_append() {
        if (append_events_ != 0 && is_append_foldable_) {
            for (std::size_t i = 0; i < append_events_; ++i) is_folded_[append_place_ + i] = true;
            result_.folded_events += append_events_;
            last_folded_ = Position(
                old_->header().first_position.value + append_place_ + append_events_ - 1
            );
        }
        append_events_ = 0;
    }

    Status note_range(const GroupWalk& walk, std::string_view bytes) {
        const std::optional<RemovedRange> range = decode_removed_range(bytes);
        if (!range) return walk.damage("a removed range is not whole");
        ANNALS_TRY(const std::size_t place, place_of(walk, range->first));
        if (range->events.size() > is_gone_.size() - place)
            return walk.damage("a position lies outside");
        for (std::size_t i = 0; i < range->events.size(); ++i)
            is_gone_[place + i] = is_folded_[place + i] = true;
        return ok();
    }

    [[nodiscard]] Result<std::size_t> place_of(const GroupWalk& walk, Position position) const {
        const std::uint64_t place = position.value - old_->header().first_position.value;
        if (place >= is_gone_.size()) return walk.damage("a position lies outside");
        return static_cast<std::size_t>(place);
    }

    /// The first stubs do not say when they were made.
    [[nodiscard]] TimeNs removed_time_of(const CheckedRecord& record) const {
        return record.removed_time.value != 0 ? record.removed_time : old_->footer().scavenged_time;
    }

    // ---- the new file ----

    Status write(NewFile& file) {
        header_ = old_->header();
        header_.required_flags |= kSegmentHasStubs | kSegmentHasRanges;
        chain_ = header_.chain;
        ANNALS_CHECK(file.add(encode_segment_header(header_)));
        GroupWalk walk(*old_, mapping_->bytes);
        while (!walk.is_done() && !file.is_stopped()) {
            ANNALS_TRY(const WholeGroup group, walk.next());
            ANNALS_CHECK(write_group(walk, group, file));
        }
        ANNALS_CHECK(finish_merged(file));
        if (file.is_stopped()) return ok();
        footer_ = old_->footer();
        footer_.groups = groups_;
        footer_.folded_events = count(is_folded_);
        footer_.removed_events = count(is_gone_) - footer_.folded_events;
        footer_.scavenged_time = request_.now;
        groups_end_ = file.bytes();
        ANNALS_CHECK(file.add(encode_segment_footer(footer_, groups_end_, table_)));
        return file.finish();
    }

    [[nodiscard]] static std::uint64_t count(const std::vector<bool>& places) {
        return static_cast<std::uint64_t>(std::count(places.begin(), places.end(), true));
    }

    Status write_group(const GroupWalk& walk, const WholeGroup& group, NewFile& file) {
        if (is_mergeable(group.header)) return merge_group(walk, group, file);
        ANNALS_CHECK(finish_merged(file));
        const std::uint64_t place = file.bytes();
        out_.assign(GroupHeader::kBytes, '\0');
        offsets_.clear();
        is_changed_ = false;
        for (std::size_t at = 0; at < group.raw.size();) {
            const std::string_view rest = group.raw.substr(at);
            const RecordShape shape = record_shape(rest);
            ANNALS_CHECK(write_record(walk, rest.substr(0, shape.bytes), shape.kind, group));
            at += shape.bytes;
        }
        finish_range();
        GroupHeader header = group.header;
        if (is_changed_) finish_group(header);
        const std::string_view bytes = is_changed_ ? std::string_view(*finished_) : group.bytes;
        for (const std::uint32_t offset : offsets_) {
            const std::uint64_t at = header.is_compressed() ? place
                                                            : place + GroupHeader::kBytes + offset;
            table_.push_back(make_entry(at, header.is_compressed()));
        }
        ++groups_;
        return file.add(bytes);
    }

    Status write_record(
        const GroupWalk& walk, std::string_view record, RecordKind kind, const WholeGroup& group
    ) {
        if (kind == RecordKind::kRemovedRange) {
            is_changed_ = true;
            return fold_range(walk, record, range_);
        }
        if (kind == RecordKind::kAppend) {
            const std::uint64_t place = group.header.first_position.value + offsets_.size() +
                                        range_.size() - old_->header().first_position.value;
            is_append_folded_ = place < is_folded_.size() &&
                                is_folded_[static_cast<std::size_t>(place)];
            if (is_append_folded_) return fold_append(walk, record, range_);
            finish_range();
            return write_append(walk, record, group);
        }
        if (is_append_folded_) {
            is_changed_ = true;
            return fold_event(record, range_);
        }
        return write_event(record, kind);
    }

    // ---- ranges ----

    Status fold_append(const GroupWalk& walk, std::string_view record, RemovedRangeBuilder& range) {
        const std::optional<StoredAppend> append = decode_stored_append(record);
        if (!append) return walk.damage("an append's record is not whole");
        make_room(range, append->event_count);
        range.begin_append(
            append->event_count,
            append->tracking ? &*append->tracking : nullptr,
            append->tracking_fingerprint
        );
        return ok();
    }

    Status fold_event(std::string_view record, RemovedRangeBuilder& range) {
        const EventFrame frame = EventFrame::load(record.data());
        if (range.is_empty()) range.begin(frame.position, chain_);
        chain_ = chain_after(chain_, frame.frame_crc, frame.payload_crc);
        return range.add(record);
    }

    Status fold_range(const GroupWalk& walk, std::string_view record, RemovedRangeBuilder& range) {
        const std::optional<RemovedRange> old = decode_removed_range(record);
        if (!old) return walk.damage("a removed range is not whole");
        make_room(range, old->events.size());
        if (range.is_empty()) range.begin(old->first, chain_);
        chain_ = old->chain_after;
        return range.add(*old);
    }

    /// Within a group a range ends where it has enough; a merged group is one range.
    void make_room(const RemovedRangeBuilder& range, std::size_t events) {
        if (&range == &range_ && range.size() + events > RemovedRange::kEventsUsual) finish_range();
    }

    /// Writes the range of the group that is being written, if there is one.
    void finish_range() {
        if (range_.is_empty()) return;
        const auto at = static_cast<std::uint32_t>(out_.size() - GroupHeader::kBytes);
        offsets_.insert(offsets_.end(), range_.size(), at);
        range_.finish(out_, 0);
        range_.clear();
    }

    /// A group of which nothing is left but a range joins its neighbours of that kind; so do marks
    /// between and behind them.
    [[nodiscard]] bool is_mergeable(const GroupHeader& header) const {
        if (header.event_count == 0) return !merged_.is_empty();
        const auto place = static_cast<std::ptrdiff_t>(
            header.first_position.value - old_->header().first_position.value
        );
        const auto first = is_folded_.begin() + place;
        return header.event_count <= RemovedRange::kEventsUsual &&
               std::find(first, first + header.event_count, false) == first + header.event_count;
    }

    Status merge_group(const GroupWalk& walk, const WholeGroup& group, NewFile& file) {
        if (merged_.size() + group.header.event_count > RemovedRange::kEventsUsual)
            ANNALS_CHECK(finish_merged(file));
        const bool is_first = merged_.is_empty();
        std::uint64_t first_group = group.header.number;
        for (std::size_t at = 0; at < group.raw.size();) {
            const RecordShape shape = record_shape(group.raw.substr(at));
            const std::string_view record = group.raw.substr(at, shape.bytes);
            at += shape.bytes;
            if (shape.kind == RecordKind::kRemovedRange) {
                if (group.header.is_merged())
                    first_group = codec::load<std::uint64_t>(
                        record.data() + RemovedRange::kFirstGroupAt
                    );
                ANNALS_CHECK(fold_range(walk, record, merged_));
            } else if (shape.kind == RecordKind::kAppend) {
                ANNALS_CHECK(fold_append(walk, record, merged_));
            } else {
                ANNALS_CHECK(fold_event(record, merged_));
            }
        }
        GroupHeader header = group.header;
        header.first_crc = header.link_crc();
        if (is_first) {
            merged_first_ = first_group;
        } else {
            header.previous_crc = merged_header_.previous_crc;
            header.first_position = merged_header_.first_position;
            // A mark has none: the group stays the one that ends at the last offset.
            header.kafka_offset = std::max(header.kafka_offset, merged_header_.kafka_offset);
        }
        merged_header_ = header;
        return ok();
    }

    /// Writes the merged group, if there is one.
    Status finish_merged(NewFile& file) {
        if (merged_.is_empty()) return ok();
        const std::uint64_t place = file.bytes();
        out_.assign(GroupHeader::kBytes, '\0');
        merged_.finish(out_, merged_first_);
        GroupHeader& header = merged_header_;
        header.event_count = merged_.size();
        header.append_count = static_cast<std::uint16_t>(merged_.appends());
        header.flags = kGroupScavenged | kGroupMerged;
        const std::string_view raw = std::string_view(out_).substr(GroupHeader::kBytes);
        header.raw_bytes = header.stored_bytes = static_cast<std::uint32_t>(raw.size());
        header.body_crc = codec::crc32c(raw);
        encode_group_header(header, out_.data());
        table_.insert(table_.end(), merged_.size(), make_entry(place + GroupHeader::kBytes, false));
        merged_.clear();
        ++groups_;
        return file.add(out_);
    }

    /// The append's own record; without its principal when all its events are gone.
    Status write_append(const GroupWalk& walk, std::string_view record, const WholeGroup& group) {
        const std::optional<StoredAppend> append = decode_stored_append(record);
        if (!append) return walk.damage("an append's record is not whole");
        append_at_ = out_.size();
        const std::uint64_t first = group.header.first_position.value + offsets_.size() -
                                    old_->header().first_position.value;
        bool is_all_gone = true;
        for (std::uint64_t i = 0; i < append->event_count && is_all_gone; ++i) {
            is_all_gone = first + i < is_gone_.size() &&
                          is_gone_[static_cast<std::size_t>(first + i)];
        }
        if (is_all_gone) {
            AppendHeader kept;
            kept.tracking = append->tracking ? &*append->tracking : nullptr;
            kept.tracking_fingerprint = append->tracking_fingerprint;
            kept.rules_version = append->rules_version;
            encode_append_record(out_, kept, append->event_count);
        } else {
            out_.append(record);
        }
        stamp_group_back(
            out_.data() + append_at_, static_cast<std::uint32_t>(append_at_ - GroupHeader::kBytes)
        );
        return ok();
    }

    Status write_event(std::string_view record, RecordKind kind) {
        const EventFrame frame = EventFrame::load(record.data());
        const auto place = static_cast<std::size_t>(
            frame.position.value - old_->header().first_position.value
        );
        chain_ = chain_after(chain_, frame.frame_crc, frame.payload_crc);
        const std::size_t at = out_.size();
        offsets_.push_back(static_cast<std::uint32_t>(at - GroupHeader::kBytes));
        if (is_new_[place]) {
            ANNALS_CHECK(write_stub(record));
            is_changed_ = true;
        } else if (kind == RecordKind::kStub) {
            copy_stub(out_, record, old_->footer().scavenged_time);
            is_changed_ = is_changed_ || out_.size() - at != record.size();
        } else {
            out_.append(record);
        }
        stamp_append_back(out_.data() + at, static_cast<std::uint32_t>(at - append_at_));
        return ok();
    }

    Status write_stub(std::string_view bytes) {
        const CheckedRecord record = check_event_record(bytes);
        if (!request_.stub_of) return encode_stub(out_, record, request_.now);
        StoredEvent event;
        event.position = record.frame.position;
        event.envelope = record.envelope;
        event.payload = record.payload();
        return encode_stub(out_, record, request_.stub_of(event));
    }

    /// The header over what is left. Number, positions, chain and link stay.
    void finish_group(GroupHeader& header) {
        header.first_crc = header.link_crc();
        const bool was_compressed = header.is_compressed();
        header.flags = static_cast<std::uint16_t>(
            (header.flags & ~unsigned{kGroupCompressed}) | kGroupScavenged
        );
        const std::string_view raw = std::string_view(out_).substr(GroupHeader::kBytes);
        header.raw_bytes = static_cast<std::uint32_t>(raw.size());
        finished_ = &out_;
        if (was_compressed) {
            packed_.assign(GroupHeader::kBytes, '\0');
            if (compress_body(packed_, raw, offsets_)) {
                header.flags |= kGroupCompressed;
                finished_ = &packed_;
            }
        }
        const std::size_t stored = finished_->size() - GroupHeader::kBytes;
        header.stored_bytes = static_cast<std::uint32_t>(stored);
        header.body_crc = codec::crc32c({finished_->data() + GroupHeader::kBytes, stored});
        finished_->append(aligned(stored) - stored, '\0');
        encode_group_header(header, finished_->data());
    }

    // ---- in the place of the old one ----

    /// Reads the new file as a stranger would: nothing replaces a segment that is not whole.
    Status check(NewFile& file) {
        ANNALS_TRY(const char* const base, file.file().map(static_cast<std::size_t>(file.bytes())));
        const std::string_view bytes(base, static_cast<std::size_t>(groups_end_));
        SegmentHeader next;
        next.last_group = footer_.last_group;
        next.last_group_crc = footer_.last_group_crc;
        const ScanOptions options{old_->name(), core_.identity().log_id, &next};
        MerkleTree tree(frontier_before(core_, header_));
        std::size_t place = 0;
        bool is_table_right = true;
        std::uint64_t looked_at = 0;
        const SegmentScan scan = scan_segment(
            bytes,
            header_,
            options,
            [&](Position position, std::uint32_t entry, std::string_view record) {
                is_table_right = is_table_right && place < table_.size() && table_[place] == entry;
                ++place;
                if (footer_.has_tree) add_record(tree, position, record);
                looked_at += record.size();
                if (looked_at < kPieceBytes) return;
                if (request_.pace) static_cast<void>(request_.pace(looked_at));
                looked_at = 0;
            }
        );
        if (looked_at > 0 && request_.pace) static_cast<void>(request_.pace(looked_at));
        const bool is_same = scan.damages.empty() && scan.groups_end == groups_end_ &&
                             scan.events == footer_.events && scan.groups == footer_.groups &&
                             scan.appends == footer_.appends && scan.end.chain == footer_.chain &&
                             scan.stubs == footer_.removed_events &&
                             scan.folded == footer_.folded_events && is_table_right &&
                             (!footer_.has_tree || (tree.roots() == footer_.roots &&
                                                    tree.frontier() == footer_.frontier));
        if (is_same) return ok();
        return damage_error(
            old_->name(), scan.groups_end, "what scavenging wrote does not read back; it is left"
        );
    }

    /// False: at_change() says that too much has changed.
    Result<bool> replace(NewFile& file) {
        ANNALS_CHECK(check(file));
        // Whoever meets the old segment from here on must not open the new file by its name.
        ANNALS_CHECK(old_->pin_mapping(core_.files()));
        bool is_replaced = true;
        const auto change = [this, &file] { return rename(file); };
        if (request_.at_change) {
            ANNALS_TRY(is_replaced, request_.at_change(change));
        } else {
            ANNALS_CHECK(change());
        }
        if (is_replaced) ANNALS_CHECK(core_.files().sync_directory(core_.directory()));
        return is_replaced;
    }

    Status rename(NewFile& file) {
        ANNALS_CHECK(core_.files().rename(file.path(), old_->path()));
        file.keep();
        core_.put_segment(std::make_shared<Segment>(core_.directory(), header_, footer_));
        return ok();
    }

    LogCore& core_;
    const std::shared_ptr<Segment> old_;
    const ScavengeRequest& request_;
    std::shared_ptr<const SegmentMapping> mapping_;
    ScavengeResult result_;
    std::vector<bool> is_gone_;    // by place: removed afterwards
    std::vector<bool> is_new_;     // removed afterwards, and not before
    std::vector<bool> is_folded_;  // in a removed range afterwards
    Position last_folded_;         // of those that were not before
    // the append that is decided
    std::size_t append_place_ = 0;
    std::size_t append_events_ = 0;
    bool is_append_foldable_ = false;
    // the new file
    SegmentHeader header_;
    SegmentFooter footer_;
    std::uint64_t groups_end_ = 0;
    std::vector<std::uint32_t> table_;
    std::uint64_t groups_ = 0;
    std::uint64_t chain_ = 0;  // before the event that comes next
    // groups that become one
    RemovedRangeBuilder merged_;
    GroupHeader merged_header_;
    std::uint64_t merged_first_ = 0;
    // the current group
    bool is_changed_ = false;
    bool is_append_folded_ = false;
    RemovedRangeBuilder range_;
    std::string out_;
    std::string packed_;
    std::string* finished_ = nullptr;
    std::vector<std::uint32_t> offsets_;
    std::size_t append_at_ = 0;
};

}  // namespace

Result<ScavengeResult> scavenge_segment(
    LogCore& core, const std::shared_ptr<Segment>& segment, const ScavengeRequest& request
) {
    return SegmentScavenger(core, segment, request).run();
}

}  // namespace annals::log::detail
