// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/log/scavenging.hpp"

#include "log_core.hpp"

namespace annals::log::detail {

/// Ends the names of files that are being written in the place of a segment; removed at opening.
inline constexpr std::string_view kScavengedSuffix = ".scavenged.tmp";

/// Writes the segment anew without what may go and puts it in the place of the old one: new file
/// beside it, synced, read back (every checksum, chain and tree as before), renamed, folder synced.
/// Groups, positions, chain and tree stay; a removed event leaves a stub. Readers that map the old
/// file keep it. An error before the rename leaves everything as it was; the log is never
/// poisoned.
///
/// One call at a time for a log, any thread. Memory: one bit and four bytes an event, a group, and
/// the pieces of 1 MiB that are written. data_loss: the segment is damaged, and left alone.
Result<ScavengeResult> scavenge_segment(
    LogCore& core, const std::shared_ptr<Segment>& segment, const ScavengeRequest& request
);

}  // namespace annals::log::detail
