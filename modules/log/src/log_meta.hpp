// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"
#include "annals/model/token.hpp"

namespace annals::log::detail {

/// The file `LOG`: what holds for the log as a whole (docs/formats/log.md).
struct LogMeta {
    static constexpr std::size_t kBytes = 64;
    static constexpr std::string_view kName = "LOG";

    model::LogIdentity identity;
    std::uint32_t required_flags = 0;
    std::uint32_t optional_flags = 0;
    TimeNs created;
};

std::string encode_log_meta(const LogMeta& meta);
Result<LogMeta> decode_log_meta(std::string_view bytes, const std::string& path);

/// Writes a whole file or nothing: temp name, sync, rename, sync of the folder.
Status write_file_durably(
    FileSystem& files, const std::string& directory, const std::string& name, std::string_view bytes
);
/// All bytes of a file.
Result<std::string> read_file(FileSystem& files, const std::string& path);

}  // namespace annals::log::detail
