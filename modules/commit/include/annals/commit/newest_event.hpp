// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"

namespace annals::commit {

/// For streams whose last event says all, as those of consumers and groups do: the last one, or,
/// where damage took it and is accepted (LogOptions::accept_damage), the newest that is whole. Its
/// views live as long as the reader. Nothing: there is no such stream, or nothing whole in it.
/// data_loss: the last one is damaged. May read the disk.
Result<std::optional<log::StoredEvent>> read_newest(
    const index::Index& index,
    const log::SegmentLog& log,
    log::LogReader& reader,
    std::string_view stream
);

}  // namespace annals::commit
