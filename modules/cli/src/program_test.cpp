// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "program.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/log/file_system.hpp"
#include "annals/log/segment_log.hpp"

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

TEST_F(ProgramTest, TheHelpOfAGroupIsOfThatGroup) {
    EXPECT_EQ(run({"namespace", "--help"}), ExitCode::kOk);
    EXPECT_EQ(out_.str().find("A first walk"), std::string::npos) << out_.str();
    EXPECT_NE(out_.str().find("annals namespace <command> --help"), std::string::npos);
}

TEST_F(ProgramTest, AnEmptyFolderIsRefusedAndSettingsTellTheirFlagsAndVariables) {
    EXPECT_EQ(run({"config", "check", "--data", ""}), ExitCode::kUsage);
    EXPECT_NE(err_.str().find("--data wants a value"), std::string::npos) << err_.str();
    out_.str("");
    EXPECT_EQ(run({"config", "print", "-o", "json"}), ExitCode::kOk);
    EXPECT_NE(out_.str().find("ANNALS_GRPC_ADDRESS"), std::string::npos) << out_.str();
    EXPECT_NE(out_.str().find("\"--grpc\""), std::string::npos) << out_.str();
}

/// A data folder with one log, left in good order.
class StoreFolderTest : public ProgramTest {
  public:
    ~StoreFolderTest() override { std::filesystem::remove_all(folder_); }

  protected:
    StoreFolderTest() {
        std::filesystem::create_directories(log_);
        log::RecoveryReport report;
        const auto made = log::SegmentLog::open(log::disk_file_system(), log_, {}, report);
        EXPECT_TRUE(made) << made.error().to_string();
        std::filesystem::create_directories(folder_ + "/a/index");
        std::ofstream(folder_ + "/a/index/LOG") << "an index writes one, too";
    }

    static std::string made_folder() {
        std::string pattern = ::testing::TempDir() + "annals-cli-XXXXXX";
        return mkdtemp(pattern.data());
    }

    const std::string folder_ = made_folder();
    const std::string log_ = folder_ + "/a/events";
};

TEST_F(StoreFolderTest, ALogThatLostItsSegmentsOrItsFirstFileIsDamaged) {
    EXPECT_EQ(run({"store", "verify", folder_}), ExitCode::kOk) << err_.str();
    EXPECT_EQ(run({"store", "info", folder_}), ExitCode::kOk) << err_.str();
    std::filesystem::rename(log_ + "/LOG", log_ + "/was-LOG");
    EXPECT_EQ(run({"store", "verify", folder_}), ExitCode::kFailed);
    EXPECT_NE(err_.str().find("damage: a/events"), std::string::npos) << err_.str();
    EXPECT_EQ(run({"store", "info", folder_}), ExitCode::kFailed);
    EXPECT_NE(err_.str().find("damage: a/events"), std::string::npos) << err_.str();
    std::filesystem::rename(log_ + "/was-LOG", log_ + "/LOG");
    for (const auto& file : std::filesystem::directory_iterator(log_)) {
        if (file.path().extension() == ".seg") std::filesystem::remove(file.path());
    }
    EXPECT_EQ(run({"store", "verify", folder_}), ExitCode::kFailed);
    EXPECT_NE(err_.str().find("there are no segments"), std::string::npos) << err_.str();
    EXPECT_EQ(run({"store", "info", folder_}), ExitCode::kFailed);
    EXPECT_NE(err_.str().find("no segments"), std::string::npos) << err_.str();
}

}  // namespace
}  // namespace annals::cli
