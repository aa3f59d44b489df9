// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>

#include "annals/base/named_type.hpp"

namespace annals::model {

/// What is left to say of an event that was removed (docs/adr/0009, docs/adr/0018): kept in
/// archives, so that a restored log answers as the old one did.
struct RemovalNote {
    TimeNs removed_time;            ///< of a stub
    std::uint64_t fingerprint = 0;  ///< of a stub: model::fingerprint of the event that was
    bool is_folded = false;         ///< forgotten: stream and type alone are left
    bool operator==(const RemovalNote&) const = default;
};

}  // namespace annals::model
