// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/model/cut.hpp"

namespace annals::commit {

/// Whether a cut may fold what is left of a removed event (docs/adr/0018): it was removed before
/// the time, and no answer needs it. Soft deletions stay: what they hide is found by them.
[[nodiscard]] bool may_fold(const log::StoredEvent& event, TimeNs removed_before);

/// Whether the rules have forgotten the event: it is folded, or will be, with its whole append. Ids
/// and query checks pass it over. Depends on the log alone, not on how far folding has come. May
/// read the disk: costs the append's events.
Result<bool> is_forgotten(
    log::LogReader& reader, const log::StoredEvent& event, const model::Cut& cut
);

/// The cut as of the end of the index. May read the disk.
Result<model::Cut> read_cut(const index::Index& index, const log::SegmentLog& log);

}  // namespace annals::commit
