// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "rejects_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace annals::cli {
namespace {

/// A file or a link to whatever; a pipe, a terminal or /dev/null may be written to.
bool is_taken(const std::filesystem::path& path) {
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (std::filesystem::is_other(status)) return false;
    return std::filesystem::exists(std::filesystem::symlink_status(path, ignored));
}

/// False when something came to be there meanwhile.
bool make_new(const std::string& path) {
    const int made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (made < 0) return false;
    ::close(made);
    return true;
}

}  // namespace

Result<std::string> RejectsFile::place(
    const std::string& wanted, const std::string& usual, bool is_dry_run
) {
    if (!wanted.empty()) {
        if (!is_taken(wanted)) return wanted;
        return Error(ErrorCode::kNotEmpty, "--rejects " + wanted + " is there already")
            .with("remedy", "Give the name of a file that is not there yet.")
            .with("field", "--rejects")
            .with("value", wanted);
    }
    if (is_dry_run) return std::string();
    const std::filesystem::path path(usual);
    const std::filesystem::path stem = path.parent_path() / path.stem();
    std::string free = usual;
    for (int number = 2; is_taken(free); ++number)
        free = stem.string() + "-" + std::to_string(number) + path.extension().string();
    return free;
}

void RejectsFile::add(std::string_view raw) {
    if (path_.empty()) return;
    if (!file_.is_open() && !has_failed_) {
        if (std::error_code ignored; std::filesystem::is_other(path_, ignored) || make_new(path_))
            file_.open(path_, std::ios::binary | std::ios::app);
        has_failed_ = !file_.is_open();
        if (!has_failed_) file_ << source_.rejects_frame().head;
    }
    if (!has_failed_) file_ << raw << '\n';
}

bool RejectsFile::finish() {
    if (file_.is_open()) {
        file_ << source_.rejects_frame().tail;
        has_failed_ = has_failed_ || file_.flush().fail();
        file_.close();
    }
    return !has_failed_;
}

}  // namespace annals::cli
