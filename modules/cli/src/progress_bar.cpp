// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "progress_bar.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "annals/base/clock.hpp"

namespace annals::cli {
namespace {

constexpr std::int64_t kPauseNs = 100'000'000;
constexpr std::size_t kBarColumns = 24;

}  // namespace

std::string left_text(double seconds) {
    std::array<char, 32> text{};
    if (seconds >= 3'600) {
        std::snprintf(text.data(), text.size(), "%.1f h left", seconds / 3'600);
    } else if (seconds >= 90) {
        std::snprintf(text.data(), text.size(), "%.0f min left", seconds / 60);
    } else {
        std::snprintf(text.data(), text.size(), "%.0f s left", seconds);
    }
    return text.data();
}

std::string count_text(double count) {
    std::array<char, 32> text{};
    if (count >= 1e6) {
        std::snprintf(text.data(), text.size(), "%.2f M", count / 1e6);
    } else if (count >= 1e4) {
        std::snprintf(text.data(), text.size(), "%.1f k", count / 1e3);
    } else {
        std::snprintf(text.data(), text.size(), "%.0f", count);
    }
    return text.data();
}

ProgressBar::ProgressBar(Session& session, std::uint64_t total, std::string_view what)
    : session_(session), total_(total), what_(what), started_ns_(system_clock().monotonic_ns()) {}

double ProgressBar::elapsed_seconds() const {
    return static_cast<double>(system_clock().monotonic_ns() - started_ns_) / 1e9;
}

void ProgressBar::show(std::uint64_t done, std::uint64_t total, std::uint64_t count) {
    total_ = total;
    show(done, count);
}

void ProgressBar::show(std::uint64_t done, std::uint64_t count) {
    if (!session_.terminal().is_err_tty || session_.options.is_quiet) return;
    const std::int64_t now_ns = system_clock().monotonic_ns();
    if (now_ns - shown_ns_ < kPauseNs) return;
    shown_ns_ = now_ns;
    const double seconds = std::max(elapsed_seconds(), 0.001);
    std::string line;
    if (total_ > 0) {
        const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
        const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarColumns));
        line = "[" + std::string(filled, '#') + std::string(kBarColumns - filled, '.') + "] " +
               std::to_string(static_cast<int>(share * 100)) + " %  ";
        if (share > 0) line += left_text(seconds / share - seconds) + "  ";
    }
    line += count_text(static_cast<double>(count)) + " " + what_ + "  " +
            count_text(static_cast<double>(count) / seconds) + "/s";
    session_.terminal().err << "\r\033[K" << line << std::flush;
    is_visible_ = true;
}

void ProgressBar::clear() {
    if (!is_visible_) return;
    session_.terminal().err << "\r\033[K" << std::flush;
    is_visible_ = false;
    shown_ns_ = 0;
}

}  // namespace annals::cli
