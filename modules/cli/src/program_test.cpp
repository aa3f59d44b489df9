// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "program.hpp"

#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

class ProgramTest : public ::testing::Test {
  protected:
    ExitCode run(std::vector<std::string> arguments) {
        err_.str("");
        session_.options = GlobalOptions();
        Program program(session_);
        add_commands(program);
        return program.run(std::move(arguments));
    }

    std::istringstream in_;
    std::ostringstream out_;
    std::ostringstream err_;
    Terminal terminal_{in_, out_, err_};
    Session session_{terminal_, [](const GlobalOptions&) {
                         return Result<std::unique_ptr<api::EventStore>>(
                             Error(ErrorCode::kInternal, "nobody asks for events")
                         );
                     }};
};

TEST_F(ProgramTest, OutputThatCannotBeWrittenIsAFailureOfEveryCommand) {
    const std::vector<std::vector<std::string>> commands{
        {"version"}, {"config", "print"}, {"demo", "csv"}, {"--help"}, {"--version"}
    };
    for (const auto& command : commands) {
        out_.clear();
        EXPECT_EQ(run(command), ExitCode::kOk) << command.front() << err_.str();
        out_.setstate(std::ios::badbit);
        EXPECT_EQ(run(command), ExitCode::kFailed) << command.front();
        EXPECT_NE(err_.str().find("io_error"), std::string::npos) << err_.str();
    }
    EXPECT_EQ(run({"straem"}), ExitCode::kUsage) << "the first failure counts";
}

TEST_F(ProgramTest, NumbersBelowZeroAndTooLargeOnesAreRefusedWithFlagAndValue) {
    const std::vector<std::vector<std::string>> commands{
        {"stream", "read", "--all", "--limit"},
        {"stream", "read", "--all", "--from"},
        {"stream", "tail", "--lines"},
        {"demo", "csv", "--rows"},
        {"crud", "history", "pen", "7", "--from"},
    };
    for (const std::string value : {"-1", "99999999999999999999", "many"}) {
        for (std::vector<std::string> command : commands) {
            const std::string flag = command.back();
            command.push_back(value);
            EXPECT_EQ(run(command), ExitCode::kUsage) << flag << ' ' << value;
            EXPECT_NE(err_.str().find(flag), std::string::npos) << err_.str();
            EXPECT_NE(err_.str().find(value), std::string::npos) << err_.str();
        }
    }
    EXPECT_EQ(run({"demo", "csv", "--rows", "10000001"}), ExitCode::kUsage);
    EXPECT_NE(err_.str().find("10000000"), std::string::npos) << err_.str();
    EXPECT_EQ(run({"demo", "csv", "--rows", "3"}), ExitCode::kOk) << err_.str();
}

}  // namespace
}  // namespace annals::cli
