// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "annals/api/event_store.hpp"

namespace annals::dialect_eskit {

/// Where an originator's events are, by contract 2.5: identity is the id alone.
struct FoundStream {
    std::string stream;  ///< where its events are; empty when the id was never used
    std::string
        tag_read_upto;  ///< token: no event with the originator's tag lies below it, when empty
    bool has_tagged_events = false;
};

/// Of several streams with one id, the one of the entity type, else the oldest. Streams of the
/// dialect carry the tag `originator:<id>`; streams of other doors are found as `<category>-<id>`
/// among the categories there are (at most kCategoriesMax; in a namespace with more, only that of
/// the entity type is looked at). Waits for the disk.
Result<FoundStream> find_stream(
    api::EventStore& store,
    const api::CallContext& context,
    std::string_view key,
    std::string_view entity_type
);
inline constexpr std::size_t kCategoriesMax = 1'000;

/// The last revision of a stream; nothing when it has no events.
Result<std::optional<Revision>> last_revision(
    api::EventStore& store, const api::CallContext& context, std::string_view stream
);

}  // namespace annals::dialect_eskit
