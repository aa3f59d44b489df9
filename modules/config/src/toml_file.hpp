// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::config::detail {

/// One value of the file, as text.
struct FileEntry {
    std::string key;       ///< "grpc.address"
    std::string value;     ///< text, number or boolean as text
    std::string where;     ///< "annals.toml:3"
    bool is_plain = true;  ///< false: an array, a date or another thing that no setting takes
};

/// Tables become dotted keys, in the order of the file's lines. config_invalid when the file cannot
/// be read or is no TOML.
Result<std::vector<FileEntry>> read_toml_file(const std::string& path);
Result<std::vector<FileEntry>> parse_toml(std::string_view text, const std::string& path);

/// Content of a file that holds a secret, without the last line end.
Result<std::string> read_secret_file(const std::string& path);

}  // namespace annals::config::detail
