// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace annals::cli {

/// The value as YAML 1.2, block style; strings in quotes wherever a reader could take them for
/// something else.
std::string to_yaml(const nlohmann::ordered_json& value);

}  // namespace annals::cli
