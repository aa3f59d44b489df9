// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/entity_api/entity.hpp"

namespace annals::entities {

using api::EntityKey;

inline constexpr std::size_t kTypeBytesMax = 256;
inline constexpr std::size_t kIdBytesMax = 256;

/// 1 to 256 bytes of UTF-8 without control characters each. invalid_argument or limit_exceeded with
/// `field`: type or id.
Status check_key(const EntityKey& key);
Status check_type(std::string_view type);
/// The same of an id that the request calls `field`.
Status check_id(std::string_view id, std::string_view field);

/// `<type>-<id>`; in the type `-`, `%`, control characters and a leading `$` are percent-encoded,
/// so that the type is the stream's category and no two keys share a stream.
std::string stream_of(const EntityKey& key);
/// The category of a type's streams.
std::string encode_type(std::string_view type);
/// What follows the first `-`: the id.
std::string_view id_of_stream(std::string_view stream);

}  // namespace annals::entities
