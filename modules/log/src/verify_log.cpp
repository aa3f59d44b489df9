// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>

#include "annals/log/segment_log.hpp"

#include "clean_end.hpp"
#include "event_frame.hpp"
#include "log_meta.hpp"
#include "recovery.hpp"
#include "segment_footer.hpp"
#include "segment_scan.hpp"
#include "segment_sealer.hpp"

namespace annals::log {
namespace {

using detail::FoundSegment;
using detail::LogState;
using detail::SegmentFooter;
using detail::SegmentHeader;
using detail::SegmentScan;

constexpr std::uint64_t kEventsBetweenReports = 65'536;

/// One pass over all segments; the tree goes on from one to the next.
class Verification {
  public:
    Verification(FileSystem& files, const std::string& directory, const ProgressCallback& progress)
        : files_(files), directory_(directory), progress_(progress) {}

    Result<VerifyReport> run() {
        const std::string meta_path = directory_ + "/" + std::string(detail::LogMeta::kName);
        ANNALS_TRY(const std::string meta_bytes, detail::read_file(files_, meta_path));
        ANNALS_TRY(const detail::LogMeta meta, detail::decode_log_meta(meta_bytes, meta_path));
        log_id_ = meta.identity.log_id;
        ANNALS_TRY(detail::FoundSegments found, detail::find_segments(files_, directory_, log_id_));
        report_.damages = std::move(found.damages);
        if (found.segments.empty()) note(meta_path, 0, "there are no segments");
        for (const FoundSegment& segment : found.segments) {
            ANNALS_TRY(const auto file, files_.open(segment.path, FileSystem::Mode::kRead));
            ANNALS_TRY(const std::uint64_t bytes, file->size());
            total_bytes_ += bytes;
        }
        for (std::size_t i = 0; i < found.segments.size(); ++i) {
            const SegmentHeader* next = i + 1 < found.segments.size()
                                            ? &found.segments[i + 1].header
                                            : nullptr;
            const std::uint64_t sequence = found.segments[i].header.sequence;
            if (next != nullptr && next->sequence != sequence + 1) next = nullptr;
            note_missing_before(found.segments[i]);
            ANNALS_CHECK(check_segment(found.segments[i], next));
        }
        ANNALS_TRY(
            std::optional<Damage> lost,
            detail::find_lost_end(
                files_, directory_, log_id_, {before_.last_position, last_name_, last_end_}
            )
        );
        if (lost) report_.damages.push_back(std::move(*lost));
        tell();
        return std::move(report_);
    }

  private:
    void note(const std::string& segment, std::uint64_t offset, std::string what) {
        report_.damages.push_back({segment, offset, Position(0), std::move(what)});
    }

    void tell() {
        if (progress_) progress_({report_.bytes, total_bytes_, report_.events});
    }

    Status check_segment(const FoundSegment& found, const SegmentHeader* next) {
        ANNALS_TRY(const std::string bytes, detail::read_file(files_, found.path));
        ANNALS_TRY(const auto file, files_.open(found.path, FileSystem::Mode::kRead));
        ANNALS_TRY(const std::optional<SegmentFooter> footer, detail::read_segment_footer(*file));
        check_header(found);
        SegmentHeader end;  // a sealed segment's groups end where its footer says
        if (footer) {
            end.last_group = footer->last_group;
            end.last_group_crc = footer->last_group_crc;
        }
        const detail::ScanOptions options{
            found.name, log_id_, footer && next == nullptr ? &end : next
        };
        std::vector<std::uint32_t> table;
        detail::MerkleTree tree(frontier_);
        const SegmentScan scan = detail::scan_segment(
            bytes,
            found.header,
            options,
            [&](Position position, std::uint32_t entry, std::string_view record) {
                table.push_back(entry);
                if (++report_.events % kEventsBetweenReports == 0) tell();
                detail::add_record(tree, position, record);
            }
        );
        report_.damages.insert(report_.damages.end(), scan.damages.begin(), scan.damages.end());
        check_padding(found.name, bytes, scan);
        if (footer) {
            check_footer(found, bytes, *footer, scan, tree, table);
        } else {
            if (next != nullptr) check_unsealed_end(found.name, scan, *next);
            const std::size_t last = bytes.find_last_not_of('\0');
            if (scan.damages.empty() && last != std::string::npos && last >= scan.groups_end) {
                report_.torn_bytes += last + 1 - scan.groups_end;
            }
        }
        report_.tree_blocks += tree.roots().size();
        ++report_.segments;
        report_.groups += scan.groups;
        report_.removed_events += scan.stubs + scan.folded;
        report_.folded_events += scan.folded;
        report_.bytes += bytes.size();
        report_.chain = {scan.end.last_position, scan.end.chain};
        go_on_behind(scan, footer, tree);
        last_name_ = found.name;
        last_end_ = scan.groups_end;
        last_sequence_ = found.header.sequence;
        tell();
        return ok();
    }

    /// A file whose header cannot be read was named already.
    void note_missing_before(const FoundSegment& found) {
        if (found.header.sequence == last_sequence_ + 1) return;
        is_before_known_ = false;
        const bool is_named = std::ranges::any_of(report_.damages, [&](const Damage& damage) {
            return damage.segment > last_name_ && damage.segment < found.name;
        });
        if (!is_named) note(found.name, 0, "segments before this one are missing");
    }

    /// What the next segment follows. Behind damage the footer knows, so that only what is damaged
    /// is named.
    void go_on_behind(
        const SegmentScan& scan,
        const std::optional<SegmentFooter>& footer,
        const detail::MerkleTree& tree
    ) {
        const bool is_whole = scan.damages.empty();
        if (is_whole) before_ = scan.end;
        if (is_whole && is_before_known_) {
            frontier_ = tree.frontier();
            return;
        }
        is_before_known_ = footer.has_value();
        if (!footer) return;
        frontier_ = footer->frontier;
        before_ = {
            Position(footer->first_position.value + footer->events - 1),
            footer->last_time,
            footer->chain,
            footer->last_group,
            footer->last_group_crc
        };
    }

    void check_header(const FoundSegment& found) {
        if (last_sequence_ == 0 || !is_before_known_) return;
        const LogState said = detail::state_before(found.header);
        const bool follows = said.last_position == before_.last_position &&
                             said.chain == before_.chain && said.group == before_.group &&
                             said.group_crc == before_.group_crc &&
                             said.last_time == before_.last_time;
        if (!follows) note(found.name, 0, "the header does not follow the segment before it");
    }

    /// Padding behind a group's body is the one thing that no checksum covers.
    void check_padding(const std::string& name, std::string_view bytes, const SegmentScan& scan) {
        std::size_t at = SegmentHeader::kBytes;
        while (at < scan.groups_end) {
            const auto header = detail::decode_group_header(bytes.substr(at));
            if (!header || header->total_bytes() > bytes.size() - at) return;  // named by the scan
            const std::size_t stored_end = at + detail::GroupHeader::kBytes + header->stored_bytes;
            at += header->total_bytes();
            if (bytes.substr(stored_end, at - stored_end).find_first_not_of('\0') !=
                std::string_view::npos) {
                note(name, stored_end, "the padding behind a group is not zero");
            }
        }
    }

    void check_footer(
        const FoundSegment& found,
        std::string_view bytes,
        const SegmentFooter& footer,
        const SegmentScan& scan,
        const detail::MerkleTree& tree,
        const std::vector<std::uint32_t>& table
    ) {
        if (!scan.damages.empty()) return;
        SegmentFooter expected = detail::make_footer(
            {found.header, scan, footer.has_tree ? &tree : nullptr, footer.scavenged_time}
        );
        if (!is_before_known_) {
            expected.roots = footer.roots;
            expected.frontier = footer.frontier;
        }
        const std::string whole = detail::encode_segment_footer(expected, scan.groups_end, table);
        const std::string_view stored = bytes.substr(static_cast<std::size_t>(scan.groups_end));
        if (stored == whole) return;
        std::size_t differs = 0;
        while (differs < stored.size() && differs < whole.size() &&
               stored[differs] == whole[differs])
            ++differs;
        note(
            found.name, scan.groups_end + differs, "the footer is not that of the segment's groups"
        );
    }

    void check_unsealed_end(
        const std::string& name, const SegmentScan& scan, const SegmentHeader& next
    ) {
        if (!scan.damages.empty()) return;
        if (scan.end.group != next.last_group || scan.end.group_crc != next.last_group_crc) {
            note(name, scan.groups_end, "groups are missing before the next segment");
        }
    }

    FileSystem& files_;
    const std::string& directory_;
    const ProgressCallback& progress_;
    Uuid log_id_;
    VerifyReport report_;
    std::uint64_t total_bytes_ = 0;
    detail::TreeFrontier frontier_;
    LogState before_;
    bool is_before_known_ = true;  ///< before_ and frontier_ are those before the next segment
    std::uint64_t last_sequence_ = 0;
    std::string last_name_;
    std::uint64_t last_end_ = 0;
};

}  // namespace

Result<VerifyReport> verify_log(
    FileSystem& files, const std::string& directory, const ProgressCallback& progress
) {
    ANNALS_TRY(const auto lock, files.lock(directory));
    return Verification(files, directory, progress).run();
}

}  // namespace annals::log
