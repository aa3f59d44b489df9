// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "segment_sealer.hpp"

#include <cstring>

#include "event_frame.hpp"
#include "removed_range.hpp"
#include "stub_record.hpp"

namespace annals::log::detail {
namespace {

constexpr std::uint64_t kEventsBetweenPauses = 1024;

}  // namespace

TreeFrontier frontier_before(const LogCore& core, const SegmentHeader& header) {
    const auto list = core.segments();
    for (const auto& segment : list->segments) {
        if (segment->header().sequence + 1 == header.sequence && segment->is_sealed() &&
            segment->footer().has_tree) {
            return segment->footer().frontier;
        }
    }
    return {};
}

codec::Sha256 leaf_of_record(std::string_view record) {
    const EventFrame frame = EventFrame::load(record.data());
    if (frame.kind == RecordKind::kStub) {
        codec::Sha256 hash{};
        std::memcpy(hash.data(), record.data() + StubRecord::kHashAt, hash.size());
        return tree_leaf_of_hash(
            record.substr(EventFrame::kCheckedFrom, EventFrame::kCheckedBytes), hash
        );
    }
    return tree_leaf(
        record.substr(EventFrame::kCheckedFrom, EventFrame::kCheckedBytes),
        record.substr(EventFrame::kBytes + frame.envelope_bytes, frame.payload_bytes)
    );
}

void add_record(MerkleTree& tree, Position position, std::string_view record) {
    if (record_shape(record).kind != RecordKind::kRemovedRange) {
        tree.add(position, leaf_of_record(record));
        return;
    }
    // All of it at its first position.
    if (codec::load<std::uint64_t>(record.data() + EventFrame::kCheckedFrom) != position.value)
        return;
    if (const auto range = decode_removed_range(record)) range->add_to(tree);
}

SegmentFooter make_footer(const FooterSource& source) {
    SegmentFooter footer;
    footer.sequence = source.header.sequence;
    footer.first_position = source.header.first_position;
    footer.events = source.scan.events;
    footer.groups = source.scan.groups;
    footer.appends = source.scan.appends;
    footer.first_time = source.scan.events == 0 ? source.header.last_time : source.scan.first_time;
    footer.last_time = source.scan.end.last_time;
    footer.chain = source.scan.end.chain;
    footer.last_group = source.scan.end.group;
    footer.last_group_crc = source.scan.end.group_crc;
    footer.removed_events = source.scan.stubs;
    footer.folded_events = source.scan.folded;
    footer.scavenged_time = source.scavenged_time;
    footer.has_tree = source.tree != nullptr;
    if (source.tree != nullptr) {
        footer.roots = source.tree->roots();
        footer.frontier = source.tree->frontier();
    }
    return footer;
}

Status seal_segment(LogCore& core, const SealJob& job, const std::function<void()>& pause) {
    const SegmentHeader& header = job.segment->header();
    ANNALS_TRY(const auto mapping, job.segment->mapping(core.files()));
    SegmentHeader next;
    next.last_group = job.end.group;
    next.last_group_crc = job.end.group_crc;
    const ScanOptions options{job.segment->name(), core.identity().log_id, &next};
    const bool has_tree = core.options().has_tree;
    MerkleTree tree(frontier_before(core, header));
    std::vector<std::uint32_t> table;
    const EventVisitor visit = [&](Position position, std::uint32_t entry, std::string_view record
                               ) {
        table.push_back(entry);
        if (has_tree) add_record(tree, position, record);
        if (table.size() % kEventsBetweenPauses == 0) pause();
    };
    const std::string_view bytes = mapping->bytes.substr(
        0, static_cast<std::size_t>(job.groups_end)
    );
    const SegmentScan scan = scan_segment(bytes, header, options, visit);
    if (!scan.damages.empty() || scan.groups_end != job.groups_end) {
        return damage_error(
            job.segment->name(), scan.groups_end, "what was written does not read back"
        );
    }
    SegmentFooter footer = make_footer({header, scan, has_tree ? &tree : nullptr});
    const std::string out = encode_segment_footer(footer, job.groups_end, table);
    ANNALS_TRY(
        const auto file, core.files().open(job.segment->path(), FileSystem::Mode::kReadWrite)
    );
    ANNALS_CHECK(file->write_at(job.groups_end, out));
    ANNALS_CHECK(file->sync());
    ANNALS_CHECK(file->resize(footer.file_bytes));
    ANNALS_CHECK(file->sync());
    core.put_segment(std::make_shared<Segment>(core.directory(), header, std::move(footer)));
    return ok();
}

}  // namespace annals::log::detail
