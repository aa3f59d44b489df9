// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "session.hpp"

namespace annals::cli {

/// One line on the error stream that is written anew: share, count, rate, time left. Only on a
/// terminal and unless quiet; at most ten times a second.
class ProgressBar {
  public:
    /// `total` 0: unknown. `what` is counted: "events".
    ProgressBar(Session& session, std::uint64_t total, std::string_view what);
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    ~ProgressBar() { clear(); }

    void show(std::uint64_t done, std::uint64_t count);
    void show(std::uint64_t done, std::uint64_t total, std::uint64_t count);
    /// Takes the line away, before something else is written.
    void clear();

    [[nodiscard]] double elapsed_seconds() const;

  private:
    Session& session_;
    std::uint64_t total_;
    std::string what_;
    std::int64_t started_ns_;
    std::int64_t shown_ns_ = 0;
    bool is_visible_ = false;
};

/// `12 s left`, `3 min left`, `1.5 h left`
std::string left_text(double seconds);

/// `9999`, `12.3 k`, `3.40 M`
std::string count_text(double count);

}  // namespace annals::cli
