// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "store_folder.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace annals::cli {
namespace {

namespace fs = std::filesystem;

/// docs/formats/log.md: the files of a log.
constexpr std::string_view kSegmentSuffix = ".seg";
constexpr std::string_view kMeta = "LOG";
constexpr std::string_view kLogFolder = "events";  ///< an index has a file LOG, too
constexpr int kDepthMax = 6;

bool holds_segments(const fs::path& directory) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
        if (entry.path().extension() == kSegmentSuffix) return true;
    }
    return false;
}

/// Also one that has lost its segments, or all but them.
bool is_log(const fs::path& directory) {
    std::error_code error;
    return holds_segments(directory) ||
           (directory.filename() == kLogFolder && fs::exists(directory / kMeta, error));
}

void collect(const fs::path& directory, int depth, std::vector<std::string>& found) {
    if (is_log(directory)) found.push_back(directory.string());
    if (depth == kDepthMax) return;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
        std::error_code ignored;
        if (entry.is_directory(ignored) && !entry.is_symlink(ignored)) {
            collect(entry.path(), depth + 1, found);
        }
    }
}

}  // namespace

Result<std::vector<std::string>> find_logs(const std::string& directory) {
    std::error_code error;
    if (!fs::is_directory(directory, error)) {
        return Error(ErrorCode::kInvalidArgument, directory + " is not a folder");
    }
    std::vector<std::string> found;
    collect(directory, 0, found);
    if (found.empty()) {
        return Error(
            ErrorCode::kInvalidArgument,
            directory + " holds no log; give the folder that annals serve was given as --data"
        );
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace annals::cli
