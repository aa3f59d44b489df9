// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "recovery.hpp"

#include <algorithm>

#include "annals/codec/wire.hpp"

#include "event_frame.hpp"
#include "segment_footer.hpp"

namespace annals::log::detail {
namespace {

Error log_missing(const std::string& directory, std::string_view what) {
    return Error(
               ErrorCode::kDataLoss,
               directory + " " + std::string(what) + "; restore the folder from a backup"
    )
        .with("directory", directory);
}

/// One opening: the steps share what was found.
class Recovery {
  public:
    Recovery(
        FileSystem& files,
        const std::string& directory,
        const LogOptions& options,
        RecoveryReport& report
    )
        : files_(files), directory_(directory), options_(options), report_(report) {}

    Result<RecoveredLog> run() {
        ANNALS_CHECK(read_or_create_meta());
        ANNALS_CHECK(read_suspects());
        ANNALS_TRY(
            FoundSegments found, find_segments(files_, directory_, log_.meta.identity.log_id)
        );
        report_.damages = std::move(found.damages);
        if (found.segments.empty() && report_.damages.empty()) {
            return log_missing(directory_, "has a LOG file but no segments");
        }
        for (std::size_t i = 0; i < found.segments.size(); ++i) {
            const SegmentHeader* next = i + 1 < found.segments.size()
                                            ? &found.segments[i + 1].header
                                            : nullptr;
            if (next != nullptr) check_succession(found.segments[i], *next);
            ANNALS_CHECK(take_segment(found.segments[i], next));
            log_.last_sequence = found.segments[i].header.sequence;
            if (next != nullptr) note_missing(*next);
        }
        if (!found.segments.empty() && found.segments.front().header.first_position > Position(1))
            note_lost(Position(1), found.segments.front().header.first_position);
        report_.segments = log_.segments.size();
        ANNALS_TRY(const bool is_end_missing, note_lost_end());
        const bool is_end_lost = found.is_last_header_damaged || is_end_missing ||
                                 (tail_ && tail_->scan.is_end_damaged);
        if (!report_.damages.empty() && (!options_.accept_damage || is_end_lost)) {
            const Damage& first = report_.damages.front();
            be_read_only(
                "damage in segment " + first.segment + " at byte " + std::to_string(first.offset) +
                ": " + first.what
            );
        }
        ANNALS_CHECK(keep_suspects());
        ANNALS_CHECK(mend());
        report_.last_position = log_.end.last_position;
        return std::move(log_);
    }

  private:
    void be_read_only(std::string reason) {
        if (report_.is_read_only) return;
        report_.is_read_only = true;
        report_.read_only_reason = std::move(reason);
    }

    // ---- LOG ----

    Status read_or_create_meta() {
        const std::string path = directory_ + "/" + std::string(LogMeta::kName);
        ANNALS_TRY(const bool is_there, files_.exists(path));
        if (is_there) {
            ANNALS_TRY(const std::string bytes, read_file(files_, path));
            ANNALS_TRY(log_.meta, decode_log_meta(bytes, path));
            if (options_.is_read_only) return ok();
            return remove_left_overs();
        }
        if (options_.is_read_only) return log_missing(directory_, "holds no log");
        return create();
    }

    /// The segment comes first, so that a LOG file without segments is always a loss.
    Status create() {
        ANNALS_CHECK(remove_left_overs());
        ANNALS_CHECK(remove_begun_creation());
        const Clock& clock = options_.clock != nullptr ? *options_.clock : system_clock();
        log_.meta.identity = {make_uuid_v4(), 1};
        log_.meta.created = clock.now();
        SegmentHeader header;
        header.log_id = log_.meta.identity.log_id;
        header.incarnation = log_.meta.identity.incarnation;
        ANNALS_CHECK(create_segment_file(files_, directory_, header, {}, SegmentHeader::kBytes));
        report_.was_clean = true;
        return write_file_durably(
            files_, directory_, std::string(LogMeta::kName), encode_log_meta(log_.meta)
        );
    }

    /// A creation that a crash interrupted left the first segment, empty; anything else means that
    /// LOG was lost.
    Status remove_begun_creation() {
        ANNALS_TRY(const std::vector<std::string> names, files_.list(directory_));
        for (const std::string& name : names) {
            const std::optional<Position> first = parse_segment_name(name);
            if (!first) continue;
            ANNALS_TRY(const std::string bytes, read_file(files_, directory_ + "/" + name));
            const std::string_view behind = std::string_view(bytes).substr(
                std::min<std::size_t>(SegmentHeader::kBytes, bytes.size())
            );
            if (first->value != 1 || behind.find_first_not_of('\0') != std::string_view::npos) {
                return log_missing(directory_, "has segments but no LOG file");
            }
            ANNALS_CHECK(files_.remove(directory_ + "/" + name));
        }
        return ok();
    }

    Status remove_left_overs() {
        ANNALS_TRY(const std::vector<std::string> names, files_.list(directory_));
        for (const std::string& name : names) {
            if (name.ends_with(".tmp")) ANNALS_CHECK(files_.remove(directory_ + "/" + name));
        }
        return ok();
    }

    // ---- segments ----

    void check_succession(const FoundSegment& segment, const SegmentHeader& next) {
        if (segment.header.sequence + 1 == next.sequence) return;
        report_.damages.push_back(
            {segment_name(next.first_position),
             0,
             Position(0),
             "a segment before this one is missing"}
        );
    }

    /// Positions between what was just taken and the next segment are lost: whichever damage is
    /// known to begin there says which they are, else the next segment's.
    void note_missing(const SegmentHeader& next) {
        const Position first = log_.end.last_position.next();
        if (first < next.first_position) note_lost(first, next.first_position);
    }

    /// An end that was there when the log was closed in order is no tear.
    Result<bool> note_lost_end() {
        FoundEnd found{log_.end.last_position, {}, 0};
        if (log_.active) {
            found.segment = log_.active->segment->name();
            found.groups_end = log_.active->groups_end;
        }
        ANNALS_TRY(
            std::optional<Damage> lost,
            find_lost_end(files_, directory_, log_.meta.identity.log_id, found)
        );
        if (!lost && options_.proven_end > found.last_position) {
            lost = Damage{
                found.segment,
                found.groups_end,
                found.last_position.next(),
                "the end of the log is gone: the index has events up to position " +
                    std::to_string(options_.proven_end.value),
                options_.proven_end
            };
        }
        if (!lost) return false;
        report_.damages.push_back(std::move(*lost));
        return true;
    }

    void note_lost(Position first, Position behind) {
        const Position last(behind.value - 1);
        for (Damage& damage : report_.damages) {
            const bool is_here = first <= damage.first_position && damage.first_position <= last;
            if (!is_here && damage.segment != segment_name(behind)) continue;
            if (damage.last_position.value != 0) continue;
            damage.first_position = first;
            damage.last_position = last;
            return;
        }
        report_.damages.push_back(
            {segment_name(first),
             0,
             first,
             "segments before position " + std::to_string(behind.value) + " are missing",
             last}
        );
    }

    // ---- DAMAGED ----

    Status read_suspects() {
        const std::string path = directory_ + "/" + std::string(kDamagedName);
        ANNALS_TRY(const bool is_there, files_.exists(path));
        if (!is_there) return ok();
        ANNALS_TRY(const std::string bytes, read_file(files_, path));
        suspects_ = decode_damaged_segments(bytes);
        return ok();
    }

    [[nodiscard]] bool is_suspect(const std::string& segment) const {
        return !suspects_ || suspects_->contains(segment);
    }

    /// What is damaged now is looked at again at the next opening, what was restored is not.
    Status keep_suspects() {
        for (const Damage& damage : report_.damages) log_.damaged_segments.insert(damage.segment);
        if (options_.is_read_only || suspects_ == log_.damaged_segments) return ok();
        Status written = write_damaged_segments(files_, directory_, log_.damaged_segments);
        if (written || report_.damages.empty()) return written;
        // Damage must not keep a server from starting: it is met again by whoever reads it.
        log_.damaged_segments = suspects_.value_or(SegmentNames());
        return ok();
    }

    /// A sealed segment is believed by its footer, unless damage was found in it.
    Status look_again(const FoundSegment& found, const File& file, const SegmentFooter& footer) {
        ANNALS_TRY(const std::uint64_t file_bytes, file.size());
        ANNALS_TRY(const std::string bytes, file.read_at(0, static_cast<std::size_t>(file_bytes)));
        report_.scanned_bytes += bytes.size();
        SegmentHeader end;
        end.first_position = Position(footer.first_position.value + footer.events);
        end.last_time = footer.last_time;
        end.chain = footer.chain;
        end.last_group = footer.last_group;
        end.last_group_crc = footer.last_group_crc;
        const ScanOptions scan_options{found.name, log_.meta.identity.log_id, &end};
        const SegmentScan scanned = scan_segment(
            bytes, found.header, scan_options, [](Position, std::uint32_t, std::string_view) {}
        );
        report_.damages.insert(
            report_.damages.end(), scanned.damages.begin(), scanned.damages.end()
        );
        return ok();
    }

    static bool is_followed_by(const SegmentFooter& footer, const SegmentHeader& next) {
        return footer.last_group == next.last_group &&
               footer.last_group_crc == next.last_group_crc && footer.chain == next.chain &&
               footer.first_position.value + footer.events == next.first_position.value;
    }

    Status take_segment(const FoundSegment& found, const SegmentHeader* next) {
        ANNALS_TRY(const auto file, files_.open(found.path, FileSystem::Mode::kRead));
        ANNALS_TRY(std::optional<SegmentFooter> footer, read_segment_footer(*file));
        const bool is_sealed = footer && footer->sequence == found.header.sequence &&
                               footer->first_position == found.header.first_position &&
                               (next == nullptr || is_followed_by(*footer, *next));
        if (is_sealed) {
            if (is_suspect(found.name)) ANNALS_CHECK(look_again(found, *file, *footer));
            log_.end = {
                Position(footer->first_position.value + footer->events - 1),
                footer->last_time,
                footer->chain,
                footer->last_group,
                footer->last_group_crc
            };
            log_.segments.push_back(
                std::make_shared<Segment>(directory_, found.header, std::move(*footer))
            );
            return ok();
        }
        ANNALS_TRY(const std::uint64_t file_bytes, file->size());
        auto segment = std::make_shared<Segment>(
            directory_, found.header, std::max<std::uint64_t>(file_bytes, options_.segment_bytes)
        );
        log_.segments.push_back(segment);
        if (next == nullptr) {
            ANNALS_TRY(const bool was_clean, take_clean_end(found, *file, file_bytes, segment));
            if (was_clean) return ok();
        }
        return scan(found, *file, file_bytes, std::move(segment), next);
    }

    /// The last segment was closed in an orderly way and nothing lies behind that: believes the
    /// file CLEAN.
    Result<bool> take_clean_end(
        const FoundSegment& found,
        const File& file,
        std::uint64_t file_bytes,
        const std::shared_ptr<Segment>& segment
    ) {
        const std::string path = directory_ + "/" + std::string(CleanEnd::kName);
        ANNALS_TRY(const bool is_there, files_.exists(path));
        if (!is_there) return false;
        log_.has_clean_file = true;
        if (is_suspect(found.name)) return false;
        ANNALS_TRY(const std::string bytes, read_file(files_, path));
        const std::optional<CleanEnd> clean = decode_clean_end(bytes, log_.meta.identity.log_id);
        if (!clean || clean->sequence != found.header.sequence || clean->groups_end > file_bytes)
            return false;
        const std::uint64_t places = clean->table.size();
        if (places != clean->state.last_position.value + 1 - found.header.first_position.value ||
            places > clean->groups_end / kEventBytesMin) {
            return false;
        }
        if (clean->last_group_offset != 0) {
            ANNALS_TRY(
                const std::string mark, file.read_at(clean->last_group_offset, GroupHeader::kBytes)
            );
            const std::optional<GroupHeader> header = decode_group_header(mark);
            if (!header || header->number != clean->state.group ||
                header->crc != clean->state.group_crc ||
                clean->last_group_offset + header->total_bytes() != clean->groups_end) {
                return false;
            }
        }
        ANNALS_TRY(const std::string behind, file.read_at(clean->groups_end, GroupHeader::kBytes));
        if (behind.find_first_not_of('\0') != std::string::npos) return false;
        for (const std::uint32_t entry : clean->table) segment->table().push(entry);
        log_.end = clean->state;
        log_.active = ActiveSegment{
            segment,
            clean->groups_end,
            file_bytes,
            clean->last_group_offset,
            clean->groups,
            clean->appends,
            clean->first_time
        };
        report_.was_clean = true;
        return true;
    }

    Status scan(
        const FoundSegment& found,
        const File& file,
        std::uint64_t file_bytes,
        std::shared_ptr<Segment> segment,
        const SegmentHeader* next
    ) {
        ANNALS_TRY(std::string bytes, file.read_at(0, static_cast<std::size_t>(file_bytes)));
        report_.scanned_bytes += bytes.size();
        const SegmentScan scanned = scan_into(bytes, found.header, next, *segment);
        report_.damages.insert(
            report_.damages.end(), scanned.damages.begin(), scanned.damages.end()
        );
        log_.end = scanned.end;
        if (next != nullptr) {
            if (scanned.damages.empty())
                log_.to_seal.push_back({segment, scanned.groups_end, scanned.end});
            return ok();
        }
        log_.active = ActiveSegment{
            std::move(segment),
            scanned.groups_end,
            file_bytes,
            0,
            scanned.groups,
            scanned.appends,
            scanned.first_time
        };
        tail_ = Tail{scanned, std::move(bytes)};
        return ok();
    }

    SegmentScan scan_into(
        std::string_view bytes,
        const SegmentHeader& header,
        const SegmentHeader* next,
        Segment& segment
    ) const {
        const ScanOptions scan_options{segment.name(), log_.meta.identity.log_id, next};
        PositionTable& table = segment.table();
        const std::uint64_t first = header.first_position.value;
        SegmentScan scanned = scan_segment(
            bytes,
            header,
            scan_options,
            [&](Position position, std::uint32_t entry, std::string_view) {
                while (table.size() < position.value - first) table.push(0);  // lost to damage
                table.push(entry);
            }
        );
        // Here the writer goes on: what was lost at the end keeps its places.
        while (next == nullptr && first + table.size() <= scanned.end.last_position.value)
            table.push(0);
        return scanned;
    }

    // ---- the tail ----

    struct Tail {
        SegmentScan scan;
        std::string bytes;
    };

    /// Cuts a tear, makes the unproven groups durable. Nothing is served before that.
    Status mend() {
        if (!tail_) return ok();
        const SegmentScan& scan = tail_->scan;
        const std::uint64_t unproven_bytes = scan.groups_end - scan.unproven_offset;
        if (report_.is_read_only || options_.is_read_only) {
            note_unproven();
            return ok();
        }
        report_.cut_bytes = scan.behind_end - scan.groups_end;
        if (report_.cut_bytes != 0)
            report_.cut_groups = std::max<std::uint64_t>(scan.behind_groups, 1);
        if (report_.cut_bytes == 0 && unproven_bytes == 0) return ok();
        report_.rewritten_groups = scan.unproven_groups;
        report_.rewritten_bytes = unproven_bytes;
        const Status in_place = rewrite_in_place();
        if (in_place) {
            log_.needs_mark = true;
            return ok();
        }
        const Status copied = copy_to_fresh_segment();
        if (copied) {
            report_.used_fresh_segment = true;
            log_.needs_mark = true;
            return ok();
        }
        be_read_only(
            "the end of the log could not be made durable: " +
            std::string(in_place.error().message()) + "; " + std::string(copied.error().message())
        );
        report_.rewritten_groups = 0;
        report_.rewritten_bytes = 0;
        note_unproven();
        return ok();
    }

    void note_unproven() {
        const SegmentScan& scan = tail_->scan;
        if (scan.before_unproven.last_position < scan.end.last_position) {
            report_.unproven_from = scan.before_unproven.last_position.next();
        }
    }

    [[nodiscard]] std::string_view unproven() const {
        const SegmentScan& scan = tail_->scan;
        return std::string_view(tail_->bytes)
            .substr(
                static_cast<std::size_t>(scan.unproven_offset),
                static_cast<std::size_t>(scan.groups_end - scan.unproven_offset)
            );
    }

    Status rewrite_in_place() {
        const SegmentScan& scan = tail_->scan;
        ANNALS_TRY(
            const auto file, files_.open(log_.active->segment->path(), FileSystem::Mode::kReadWrite)
        );
        if (!unproven().empty()) ANNALS_CHECK(file->write_at(scan.unproven_offset, unproven()));
        const std::string zeros(static_cast<std::size_t>(scan.behind_end - scan.groups_end), '\0');
        if (!zeros.empty()) ANNALS_CHECK(file->write_at(scan.groups_end, zeros));
        return file->sync();
    }

    /// The old segment keeps what is proven; the rest goes to a new file, which begins where that
    /// ends.
    Status copy_to_fresh_segment() {
        const SegmentScan& scan = tail_->scan;
        const std::shared_ptr<Segment> old = log_.active->segment;
        SegmentHeader header = old->header();
        header.first_position = scan.before_unproven.last_position.next();
        header.chain = scan.before_unproven.chain;
        header.last_time = scan.before_unproven.last_time;
        header.last_group = scan.before_unproven.group;
        header.last_group_crc = scan.before_unproven.group_crc;
        const bool is_replaced = header.first_position == old->header().first_position;
        if (!is_replaced) ++header.sequence;
        const std::string content(unproven());
        const std::uint64_t file_bytes = SegmentHeader::kBytes + content.size();
        ANNALS_CHECK(create_segment_file(files_, directory_, header, content, file_bytes));
        auto segment = std::make_shared<Segment>(
            directory_, header, std::max<std::uint64_t>(file_bytes, options_.segment_bytes)
        );
        const std::string whole = encode_segment_header(header) + content;
        const SegmentScan copied = scan_into(whole, header, nullptr, *segment);
        if (is_replaced) {
            log_.segments.back() = segment;
        } else {
            log_.segments.push_back(segment);
            log_.to_seal.push_back({old, scan.unproven_offset, scan.before_unproven});
        }
        log_.last_sequence = header.sequence;
        log_.active = ActiveSegment{
            std::move(segment),
            copied.groups_end,
            file_bytes,
            0,
            copied.groups,
            copied.appends,
            copied.first_time
        };
        return ok();
    }

    FileSystem& files_;
    const std::string& directory_;
    const LogOptions& options_;
    RecoveryReport& report_;
    RecoveredLog log_;
    std::optional<Tail> tail_;
    std::optional<SegmentNames> suspects_ = SegmentNames();  ///< nothing: all of them
};

}  // namespace

Status create_segment_file(
    FileSystem& files,
    const std::string& directory,
    const SegmentHeader& header,
    std::string_view content,
    std::uint64_t file_bytes
) {
    const std::string path = directory + "/" + segment_name(header.first_position);
    const std::string temporary = path + ".tmp";
    ANNALS_TRY(const bool is_left_over, files.exists(temporary));
    if (is_left_over) ANNALS_CHECK(files.remove(temporary));
    {
        ANNALS_TRY(const auto file, files.open(temporary, FileSystem::Mode::kCreate));
        std::string bytes = encode_segment_header(header);
        bytes.append(content);
        bytes.resize(
            std::max<std::size_t>(bytes.size(), static_cast<std::size_t>(file_bytes)), '\0'
        );
        Status written = file->write_at(0, bytes);
        if (written) written = file->sync();
        if (!written) {
            static_cast<void>(files.remove(temporary));
            return written;
        }
    }
    ANNALS_CHECK(files.rename(temporary, path));
    return files.sync_directory(directory);
}

Result<FoundSegments> find_segments(
    FileSystem& files, const std::string& directory, const Uuid& log_id
) {
    ANNALS_TRY(const std::vector<std::string> names, files.list(directory));
    FoundSegments found;
    for (const std::string& name : names) {
        const std::optional<Position> first = parse_segment_name(name);
        if (!first) continue;
        std::string path = directory + "/";
        path += name;
        ANNALS_TRY(const auto file, files.open(path, FileSystem::Mode::kRead));
        ANNALS_TRY(const std::string bytes, file->read_at(0, SegmentHeader::kBytes));
        Result<SegmentHeader> header = decode_segment_header(bytes, path);
        found.is_last_header_damaged = false;
        if (!header) {
            if (header.error().code() == ErrorCode::kUnsupportedFormat)
                return std::move(header).take_error();
            found.damages.push_back({name, 0, *first, "the segment's header is damaged"});
            found.is_last_header_damaged = true;
            continue;
        }
        if (header->log_id != log_id || header->first_position != *first) {
            found.damages.push_back(
                {name, 0, *first, "the segment's header belongs to another place or log"}
            );
            found.is_last_header_damaged = true;
            continue;
        }
        found.segments.push_back({path, name, *header});
    }
    return found;
}

Result<RecoveredLog> recover_log(
    FileSystem& files,
    const std::string& directory,
    const LogOptions& options,
    RecoveryReport& report
) {
    return Recovery(files, directory, options, report).run();
}

}  // namespace annals::log::detail
