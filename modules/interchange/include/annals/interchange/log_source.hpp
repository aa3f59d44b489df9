// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/base/result.hpp"
#include "annals/interchange/record_source.hpp"
#include "annals/interchange/selection.hpp"
#include "annals/log/segment_log.hpp"

namespace annals::interchange {

/// Reads a log's own files, by position, up to what was durable when it was opened; where
/// everything is selected, with the notes of the appends, which no server tells. There,
/// removed events are records with a RemovalNote; otherwise they are passed over. A position whose
/// bytes are damaged ends it with the log's own error. The log must outlive it.
Result<std::unique_ptr<RecordSource>> open_log_source(
    const log::SegmentLog& log, const Selection& selection
);

}  // namespace annals::interchange
