// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "annals/annals.hpp"

namespace annals::scenarios {

using Json = nlohmann::json;

/// The list as JSON, from YAML.
Json load_yaml(const std::string& file);

std::string text(const Json& arguments, const char* name);
std::vector<std::string> texts(const Json& arguments, const char* name);
/// 0 where there is none.
std::int64_t number(const Json& arguments, const char* name);
bool flag(const Json& arguments, const char* name);

Expected expected_of(const Json& value);
/// A step's stream, filter and start.
Select selected(const Json& arguments);

Json shown(const Failure& failure);
Json shown(const std::vector<Event>& events);
/// Events, or with `only: numbers` the numbers in them, which must follow each other.
Json given(const Json& arguments, const std::vector<Event>& events);

/// Compares what is wanted with what came: objects may have more, lists must be as long. Empty, or
/// what differs.
std::string mismatch(const std::string& place, const Json& wanted, const Json& got);

}  // namespace annals::scenarios
