// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "annals/base/named_type.hpp"

namespace annals {

struct FromRevision {
    Revision revision;  ///< inclusive; only with a stream
};
/// Exclusive: behind a token that an answer gave.
struct After {
    std::string position;
};
struct FromPosition {
    Position position;  ///< inclusive
};
struct FromTime {
    TimeNs time;  ///< first recorded at or after it
};
/// Only what comes from now on; not for reads.
struct FromEnd {};
/// std::monostate: the start (of a read backwards: the end).
using Start = std::variant<std::monostate, FromRevision, After, FromPosition, FromTime, FromEnd>;

/// Which events: those of a stream, or of the namespace, that meet all that is said. Within one
/// list any will do, of the tags all must be there. Beside a stream nothing may say which streams.
struct Select {
    std::string stream = {};
    std::vector<std::string> categories = {};
    std::vector<std::string> types = {};
    std::vector<std::string> tags = {};
    std::vector<std::string> stream_prefixes = {};
    std::string stream_pattern = {};  ///< PCRE2, found anywhere in the name
    std::string type_pattern = {};
    bool include_system = false;  ///< streams named `$…`
    TimeNs recorded_since = {};   ///< recorded then or later; 0: whenever
    TimeNs recorded_until = {};   ///< recorded before then
    Start start = {};
};

/// How a read goes.
struct ReadOptions {
    bool backwards = false;
    std::uint64_t limit = 0;        ///< 0: to the end
    std::string min_position = {};  ///< token that the log must have reached; a session sets it
};

/// How a subscription gives what it gives.
struct SubscribeOptions {
    std::uint32_t batch_events_max = 100;  ///< at most 4,096; 0: 100
    /// Positions without a match after which the place moves on; 0: 10,000.
    std::uint32_t checkpoint_interval = 10'000;
};

}  // namespace annals
