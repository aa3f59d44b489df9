// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <fstream>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/interchange/record_source.hpp"

namespace annals::cli {

/// Bad records go into a file of their own that is one of their format, so that they can be mended
/// and imported. Made with the first of them; nothing that is there is overwritten.
class RejectsFile {
  public:
    /// Where it is to be. A file that was `wanted` and is there already is not_empty with field
    /// (`--rejects`) and value: it may be the input, or hold what somebody mended. Where none was,
    /// `usual`, or with the first number behind its stem that is free; nothing in a dry run.
    static Result<std::string> place(
        const std::string& wanted, const std::string& usual, bool is_dry_run
    );

    /// `source` must outlive this: its frame is asked for with the first record. An empty path: bad
    /// records go nowhere.
    RejectsFile(std::string path, const interchange::RecordSource& source)
        : path_(std::move(path)), source_(source) {}

    void add(std::string_view raw);
    /// Behind the last record. False when it could not be written whole.
    bool finish();

    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
    const interchange::RecordSource& source_;
    std::ofstream file_;
    bool has_failed_ = false;
};

}  // namespace annals::cli
