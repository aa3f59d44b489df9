// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/base/named_type.hpp"
#include "annals/model/query.hpp"

namespace annals::interchange {

/// Which events of a log are wanted: of one stream or of all, those that the filter lets pass.
struct Selection {
    std::string stream;
    model::Filter filter;

    [[nodiscard]] bool is_everything() const {
        return stream.empty() && filter.is_everything() && filter.include_system;
    }
    /// The same text for the same selection, to tell whether a later run asks for the same.
    [[nodiscard]] std::string to_string() const;
};

}  // namespace annals::interchange
