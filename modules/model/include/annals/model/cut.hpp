// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"

namespace annals::model {

/// Where a log logs its cuts, one event of this type each (docs/adr/0018).
inline constexpr std::string_view kCutStream = "$cuts";
inline constexpr std::string_view kCutType = "$cut";

/// What a log has forgotten since a logged cut: stubs at or before `position` of events that were
/// removed before `removed_before`. Cuts only grow.
struct Cut {
    Position position;  ///< 0: nothing was cut yet
    TimeNs removed_before;

    bool operator==(const Cut&) const = default;
};

/// Both of them.
[[nodiscard]] Cut joined(const Cut& one, const Cut& other);

/// The data of a cut's event: `{"position":12,"removed_before":1700000000000000000}` (ns).
[[nodiscard]] std::string cut_to_json(const Cut& cut);
/// Nothing when the data is no cut's.
[[nodiscard]] std::optional<Cut> parse_cut(std::string_view json);

}  // namespace annals::model
