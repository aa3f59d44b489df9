// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "load_progress.hpp"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

struct Shown {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{in, out, err};
    Session session{terminal, nullptr};
};

load_kit::LoadProgress after(double seconds) {
    load_kit::LoadProgress progress;
    progress.seconds = seconds;
    progress.seconds_left = 30 - seconds;
    progress.per_second = 1'200;
    progress.p99_us = 3'456;
    progress.errors = 2;
    return progress;
}

TEST(LoadProgress, SaysInOneLineHowItGoes) {
    EXPECT_EQ(load_progress_text(after(18)), "12 s left  1200/s  p99 3.46 ms  2 errors");
    load_kit::LoadProgress finite = after(18);
    finite.seconds_left.reset();
    finite.operations = 3;
    finite.operations_wanted = 10;
    finite.conflicts = 7;
    EXPECT_EQ(
        load_progress_text(finite), "18 s  3 of 10  1200/s  p99 3.46 ms  7 conflicts  2 errors"
    );
}

TEST(LoadProgress, IsALineEachFiveSecondsWhereThereIsNoTerminal) {
    Shown shown;
    LoadProgressLine line(shown.session);
    for (int second = 1; second <= 11; ++second) line.on_progress(after(second));
    EXPECT_EQ(
        shown.err.str(),
        "25 s left  1200/s  p99 3.46 ms  2 errors\n20 s left  1200/s  p99 3.46 ms  2 errors\n"
    );
}

TEST(LoadProgress, IsOneLineThatIsWrittenAnewOnATerminal) {
    Shown shown;
    shown.terminal.is_err_tty = true;
    LoadProgressLine line(shown.session);
    line.on_progress(after(1));
    line.on_progress(after(2));
    line.clear();
    line.clear();
    EXPECT_EQ(
        shown.err.str(),
        "\r\033[K29 s left  1200/s  p99 3.46 ms  2 errors"
        "\r\033[K28 s left  1200/s  p99 3.46 ms  2 errors\r\033[K"
    );
}

TEST(LoadProgress, IsSilentWhenQuiet) {
    Shown shown;
    shown.terminal.is_err_tty = true;
    shown.session.options.is_quiet = true;
    LoadProgressLine line(shown.session);
    line.on_progress(after(7));
    line.on_checking();
    EXPECT_EQ(shown.err.str(), "");
}

}  // namespace
}  // namespace annals::cli
