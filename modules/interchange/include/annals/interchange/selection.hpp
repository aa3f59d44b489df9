// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/base/named_type.hpp"
#include "annals/model/query.hpp"

namespace annals::interchange {

/// Which events of a log are wanted: those of one stream, or those that the filter lets pass,
/// within a time.
struct Selection {
    std::string stream;
    model::Filter filter;
    std::optional<TimeNs> since;  ///< recorded at or after
    std::optional<TimeNs> until;  ///< recorded before

    [[nodiscard]] bool is_everything() const {
        return stream.empty() && filter.is_everything() && filter.include_system && !since &&
               !until;
    }
    /// The same text for the same selection, to tell whether a later run asks for the same.
    [[nodiscard]] std::string to_string() const;
};

}  // namespace annals::interchange
