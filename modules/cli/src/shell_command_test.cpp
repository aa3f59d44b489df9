// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "shell_command.hpp"

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

TEST(ShellCommand, GetsItsInputAndSaysHowItEnded) {
    EXPECT_EQ(run_shell("test \"$(cat)\" = 'a b'", "a b\n"), "");
    EXPECT_EQ(run_shell("cat >/dev/null; exit 3", "a\n"), "the command ended with exit code 3");
    EXPECT_EQ(run_shell("kill -9 $$", "a\n"), "the command was ended by signal 9");
    EXPECT_EQ(
        run_shell("no-such-command-here 2>/dev/null", ""), "the command ended with exit code 127"
    );
}

TEST(ShellCommand, ThatReadsNothingIsNoFaultWhateverTheInput) {
    const std::string large(4u << 20u, 'x');
    EXPECT_EQ(run_shell("exit 0", large), "");
    EXPECT_EQ(run_shell("exit 1", large), "the command ended with exit code 1");
    EXPECT_EQ(run_shell("test $(wc -c) = 4194304", large), "");
}

}  // namespace
}  // namespace annals::cli
