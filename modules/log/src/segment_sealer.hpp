// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <memory>

#include "log_core.hpp"
#include "segment_scan.hpp"

namespace annals::log::detail {

/// A full segment that waits for its footer.
struct SealJob {
    std::shared_ptr<Segment> segment;
    std::uint64_t groups_end = 0;
    LogState end;  ///< after its last group
};

/// Checks all groups once more, computes the trees, writes footer and trailer, cuts the file to its
/// size and puts the sealed segment in the place of the other. `pause` is called now and then. An
/// error leaves the segment as it was, which is readable; the next opening tries again.
Status seal_segment(LogCore& core, const SealJob& job, const std::function<void()>& pause);

/// The footer that a scanned segment must have. `previous` gives the frontier of its tree, if there
/// is one.
struct FooterSource {
    const SegmentHeader& header;
    const SegmentScan& scan;
    const MerkleTree* tree = nullptr;
    TimeNs scavenged_time = {};
};
SegmentFooter make_footer(const FooterSource& source);
/// The tree as it stood where the segment begins; empty when that is not known.
[[nodiscard]] TreeFrontier frontier_before(const LogCore& core, const SegmentHeader& header);
/// Leaf of an event's record.
[[nodiscard]] codec::Sha256 leaf_of_record(std::string_view record);
/// Takes an event into the tree, whose record may be that of its removed range.
void add_record(MerkleTree& tree, Position position, std::string_view record);

}  // namespace annals::log::detail
