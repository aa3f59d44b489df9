// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <fstream>
#include <string>
#include <string_view>

#include "annals/interchange/record_source.hpp"

namespace annals::cli {

/// Bad records go into a file of their own that is one of their format, so that they can be mended
/// and imported. Made with the first of them.
class RejectsFile {
  public:
    /// `source` must outlive this: its frame is asked for with the first record.
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
