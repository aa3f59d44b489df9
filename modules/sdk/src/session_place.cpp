// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "session_place.hpp"

#include "annals/model/token.hpp"

#include "failures.hpp"

namespace annals::sdk {

std::string SessionPlace::latest() const {
    const std::lock_guard lock(mutex_);
    return latest_;
}

void SessionPlace::observe(std::string_view position) {
    if (position.empty()) return;
    const model::PositionToken seen = value_of(model::parse_token(position));
    const std::lock_guard lock(mutex_);
    if (!latest_.empty()) {
        const model::PositionToken known = value_of(model::parse_token(latest_));
        // of another history, positions say nothing of each other: the newer observation counts
        if (known.log_id_bits == seen.log_id_bits && seen.position < known.position) return;
    }
    latest_ = position;
}

}  // namespace annals::sdk
