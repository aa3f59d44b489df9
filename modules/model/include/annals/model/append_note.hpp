// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "annals/model/append.hpp"

namespace annals::model {

/// What an append says once for all its events, beside them (docs/formats/log.md): kept in
/// archives, so that a restored log decides retries as the old one did. Views, as in the events.
struct AppendNote {
    std::uint32_t events = 1;
    std::string_view principal;
    std::optional<Tracking> tracking;
    std::uint64_t tracking_fingerprint = 0;
    std::uint32_t rules_version = 1;

    /// Whether it says nothing that one event alone would not say.
    [[nodiscard]] bool is_plain() const {
        return events == 1 && principal.empty() && !tracking && rules_version == 1;
    }
};

}  // namespace annals::model
