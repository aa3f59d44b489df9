// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "progress_bar.hpp"

#include <regex>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

struct Screen {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Terminal terminal{in, out, err};
    Session session{terminal, nullptr};

    explicit Screen(bool is_tty) { terminal.is_err_tty = is_tty; }

    [[nodiscard]] bool shows(const std::string& pattern) const {
        return std::regex_match(err.str(), std::regex(pattern));
    }
};

TEST(ProgressBar, ShowsShareTimeLeftCountAndRate) {
    Screen screen(true);
    ProgressBar bar(screen.session, 200, "events");
    bar.show(50, 12'345);
    EXPECT_TRUE(screen.shows(
        "\r\x1b\\[K\\[#{6}\\.{18}\\] 25 %  [0-9]+ s left  12\\.3 k events  [0-9.]+ [kM]/s"
    )) << screen.err.str();
    bar.show(60, 13'000);
    EXPECT_EQ(screen.err.str().find("30 %"), std::string::npos) << "ten times a second at most";
    bar.clear();
    EXPECT_TRUE(screen.err.str().ends_with("\r\033[K")) << "the line is taken away";
    const std::string cleared = screen.err.str();
    bar.clear();
    EXPECT_EQ(screen.err.str(), cleared);
    bar.show(180, 400, 7);
    EXPECT_NE(screen.err.str().find("45 %"), std::string::npos) << "the total may change";
}

TEST(ProgressBar, WithoutATotalCountsAlone) {
    Screen screen(true);
    ProgressBar bar(screen.session, 0, "events");
    bar.show(50, 7);
    EXPECT_TRUE(screen.shows("\r\x1b\\[K7 events  [0-9.]+( [kM])?/s")) << screen.err.str();
}

TEST(ProgressBar, BeforeAnythingIsDoneNoTimeIsLeftAndBeyondItsEndItIsFull) {
    Screen screen(true);
    ProgressBar begun(screen.session, 10, "events");
    begun.show(0, 0);
    EXPECT_TRUE(screen.shows("\r\x1b\\[K\\[\\.{24}\\] 0 %  0 events  0/s")) << screen.err.str();
    screen.err.str("");
    ProgressBar over(screen.session, 10, "events");
    over.show(12, 1);
    EXPECT_NE(screen.err.str().find("[########################] 100 %"), std::string::npos);
}

TEST(ProgressBar, IsForTerminalsAndNotForTheQuiet) {
    Screen piped(false);
    ProgressBar unseen(piped.session, 10, "events");
    unseen.show(5, 5);
    unseen.clear();
    EXPECT_EQ(piped.err.str(), "");
    Screen quiet(true);
    quiet.session.options.is_quiet = true;
    ProgressBar silent(quiet.session, 10, "events");
    silent.show(5, 5);
    EXPECT_EQ(quiet.err.str(), "");
}

TEST(ProgressBar, TextsForPeople) {
    EXPECT_EQ(left_text(12), "12 s left");
    EXPECT_EQ(left_text(180), "3 min left");
    EXPECT_EQ(left_text(5'400), "1.5 h left");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(12'345), "12.3 k");
    EXPECT_EQ(count_text(3'400'000), "3.40 M");
}

}  // namespace
}  // namespace annals::cli
