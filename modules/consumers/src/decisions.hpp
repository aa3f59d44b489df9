// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"

#include "record.hpp"

namespace annals::consumers {

// What a change makes of what is there: pure functions from the last record (nothing: none) to the
// next one. The log decides whether the last record was still the last one.

/// A position of the users' log that was checked, and its token.
struct Place {
    std::string token;
    Position at;
    bool operator==(const Place&) const = default;
};

/// Whether a stored token is still one of this log's history.
using CheckStored = std::function<Status(const std::string& token)>;

/// Nothing: all is as asked for, no event is needed.
using Decision = Result<std::optional<Record>>;
using Current = std::optional<Record>;

/// There is something to show.
bool is_there(const Current& current);

Error consumer_not_found(std::string_view consumer);

Decision decide_save(
    std::string_view consumer,
    const Current& current,
    const Place& place,
    std::uint64_t epoch,
    const CheckStored& check_stored
);
/// Never nothing.
Decision decide_claim(const Current& current, const std::string& owner);
Decision decide_rewind(
    std::string_view consumer, const Current& current, const Place& place, const std::string& reason
);
Decision decide_remove(
    std::string_view consumer, const Current& current, const std::string& reason
);
/// `place` where the offset is a position of the log.
Decision decide_offset(
    std::string_view consumer,
    const Current& current,
    const std::string& offset,
    const std::string& foreign_id,
    const std::optional<Place>& place
);

}  // namespace annals::consumers
