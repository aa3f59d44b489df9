// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "own_path.hpp"

#include <filesystem>

namespace annals::cli {

Result<std::string> own_path() {
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return Error(ErrorCode::kIoError, "/proc/self/exe cannot be read");
    return path.string();
}

}  // namespace annals::cli
