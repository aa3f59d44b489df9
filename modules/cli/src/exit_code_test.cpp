// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "exit_code.hpp"

#include <gtest/gtest.h>

namespace annals::cli {
namespace {

ExitCode of(ErrorCode code) { return exit_code(error_info(code)); }

TEST(ExitCode, FollowsTheCatalogue) {
    EXPECT_EQ(of(ErrorCode::kInvalidArgument), ExitCode::kUsage);
    EXPECT_EQ(of(ErrorCode::kConflict), ExitCode::kPreconditionFailed);
    EXPECT_EQ(of(ErrorCode::kIdConflict), ExitCode::kPreconditionFailed);
    EXPECT_EQ(of(ErrorCode::kTokenUnknown), ExitCode::kPreconditionFailed);
    EXPECT_EQ(of(ErrorCode::kStreamNotFound), ExitCode::kNotFound);
    EXPECT_EQ(of(ErrorCode::kNamespaceNotFound), ExitCode::kNotFound);
    EXPECT_EQ(of(ErrorCode::kUnavailable), ExitCode::kUnavailable);
    EXPECT_EQ(of(ErrorCode::kDeadlineExceeded), ExitCode::kTimeout);
    EXPECT_EQ(of(ErrorCode::kDirectoryLocked), ExitCode::kFailed);
    EXPECT_EQ(of(ErrorCode::kDataLoss), ExitCode::kFailed);
}

TEST(ExitCode, NoErrorOfTheCatalogueIsASuccess) {
    for (const ErrorInfo& info : error_catalogue()) {
        EXPECT_NE(exit_code(info), ExitCode::kOk) << info.name;
    }
}

}  // namespace
}  // namespace annals::cli
