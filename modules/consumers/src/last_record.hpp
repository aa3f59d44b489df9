// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"

#include "record.hpp"

namespace annals::consumers {

/// The last event of a consumer's stream.
struct LastRecord {
    Record record;
    Revision revision;
    TimeNs recorded_time;
};

/// Nothing when there is none. A look into the index and one into the log; any thread that may read
/// the disk.
Result<std::optional<LastRecord>> read_last(
    const commit::Orderer& system, const std::string& stream
);

}  // namespace annals::consumers
