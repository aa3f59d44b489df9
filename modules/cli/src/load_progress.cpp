// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "load_progress.hpp"

#include <array>
#include <cstdio>

#include "interrupt.hpp"
#include "progress_bar.hpp"

namespace annals::cli {

std::string load_progress_text(const load_kit::LoadProgress& progress) {
    std::string text = progress.seconds_left ? left_text(*progress.seconds_left)
                                             : count_text(progress.seconds) + " s";
    if (progress.operations_wanted > 0) {
        text += "  " + std::to_string(progress.operations) + " of " +
                std::to_string(progress.operations_wanted);
    }
    text += "  " + count_text(progress.per_second) + "/s";
    std::array<char, 48> p99{};
    std::snprintf(
        p99.data(), p99.size(), "  p99 %.2f ms", static_cast<double>(progress.p99_us) / 1e3
    );
    text += p99.data();
    if (progress.conflicts > 0) text += "  " + std::to_string(progress.conflicts) + " conflicts";
    return text + "  " + std::to_string(progress.errors) + " errors";
}

void LoadProgressLine::on_progress(const load_kit::LoadProgress& progress) {
    constexpr double kPlainSeconds = 5;
    if (session_.options.is_quiet) return;
    std::ostream& err = session_.terminal().err;
    if (session_.terminal().is_err_tty) {
        err << "\r\033[K" << load_progress_text(progress) << std::flush;
        is_visible_ = true;
        return;
    }
    if (progress.seconds - shown_seconds_ < kPlainSeconds) return;
    shown_seconds_ = progress.seconds;
    err << load_progress_text(progress) << std::endl;
}

void LoadProgressLine::on_checking() {
    clear();
    session_.remark("reading back what was stored");
}

bool LoadProgressLine::is_cancelled() { return is_interrupted(); }

void LoadProgressLine::clear() {
    if (!is_visible_) return;
    session_.terminal().err << "\r\033[K" << std::flush;
    is_visible_ = false;
}

}  // namespace annals::cli
