// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>

#include "totals.hpp"

namespace metrics {

/// Totals, and the place in the log that they are the totals of. One value: kept as one document,
/// so that no crash comes between the two.
struct Count {
    Totals totals;
    std::string position;    ///< token; empty: before the first event
    std::uint64_t last = 0;  ///< position of the last event taken

    /// The document, and back. Count{} for a document of another format: it is counted anew.
    [[nodiscard]] nlohmann::json to_json() const;
    [[nodiscard]] static Count from_json(const nlohmann::json& json);
};

}  // namespace metrics
