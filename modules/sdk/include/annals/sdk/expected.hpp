// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>

#include "annals/base/named_type.hpp"

namespace annals {

/// What a stream must be like for an append to be accepted. A value.
struct Expected {
    enum class Kind { kAny, kNoStream, kExists, kDeleted, kRevision };
    Kind kind = Kind::kAny;
    Revision revision;  ///< of kRevision: the stream's last event

    bool operator==(const Expected&) const = default;
};

inline constexpr Expected kAny{};
/// It was never written to, or is deleted.
inline constexpr Expected kNoStream{Expected::Kind::kNoStream, {}};
inline constexpr Expected kExists{Expected::Kind::kExists, {}};
inline constexpr Expected kDeleted{Expected::Kind::kDeleted, {}};
/// Its last event has this revision.
constexpr Expected at(Revision revision) { return {Expected::Kind::kRevision, revision}; }

}  // namespace annals
