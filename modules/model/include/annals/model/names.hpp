// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include "annals/base/result.hpp"

namespace annals::model {

/// Part of a stream name before the first `-`; empty when the name has none: such a stream is in no
/// category.
std::string_view category_of(std::string_view stream);

/// Names of `$…` belong to the server.
inline bool is_system_name(std::string_view name) { return name.starts_with('$'); }

/// Each of these names the field, the value (shortened) and what is accepted. `field` is for the
/// error alone.
Status check_stream_name(std::string_view name, std::string_view field = "stream");
Status check_type_name(std::string_view name, std::string_view field = "type");
Status check_tag(std::string_view tag, std::string_view field = "tags");
/// `[a-z0-9][a-z0-9-]{0,62}`; `$system` is the one name beside it.
Status check_namespace_name(std::string_view name, std::string_view field = "namespace");
/// What a user (not the server) may write to: refuses `$…` with not_permitted.
Status check_user_stream_name(std::string_view name, std::string_view field = "stream");

/// The text, cut at 64 bytes and with control characters replaced, for error messages.
std::string shown(std::string_view text);

}  // namespace annals::model
