// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace annals::dialect_eskit {

/// `com.x.Y` of `com.x.Y.Created`: what stands before the last dot; empty without one.
std::string_view entity_type_of(std::string_view event_type);
/// `Created`
std::string_view event_name_of(std::string_view event_type);

/// The originator id as it appears in names of ours: itself, or `sha256.<hex>` where it is longer
/// than kKeyBytesMax, has control characters, or begins like one of those.
std::string key_of(std::string_view originator_id);
inline constexpr std::size_t kKeyBytesMax = 256;
bool is_hashed(std::string_view key);

/// `originator:<key>`, on every event of an originator.
std::string originator_tag(std::string_view key);
inline constexpr std::string_view kOriginatorTag = "originator:";
/// `eskit:<key>@<version>`, on one event only: what makes (id, version) unique.
std::string version_tag(std::string_view key, std::uint64_t version);

/// `<entity type>-<key>`. In the entity type `-`, `%`, control characters and a leading `$` are
/// percent-encoded; one too long for a stream name becomes `%sha256.<hex>`. Without an entity type
/// the name is `-<key>`: such a stream is in no category.
std::string stream_name(std::string_view entity_type, std::string_view key);

/// The id that a stream written by another door has for eskit: what follows the first `-`, or all
/// of it.
std::string_view originator_of_stream(std::string_view stream);

}  // namespace annals::dialect_eskit
