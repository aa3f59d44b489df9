// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/error.hpp"

#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "annals/base/result.hpp"

namespace annals {
namespace {

struct SampleDetails final : ErrorDetails {
    int number = 7;
};
struct OtherDetails final : ErrorDetails {};

Result<int> half(int number) {
    if (number % 2 != 0)
        return Error(ErrorCode::kInvalidArgument, "odd").with("number", std::to_string(number));
    return number / 2;
}

Result<int> quarter(int number) {
    ANNALS_TRY(const int first, half(number));
    ANNALS_TRY(const int second, half(first));
    return second;
}

Status check_quarter(int number) {
    ANNALS_CHECK(quarter(number));
    return ok();
}

TEST(Result, HandsOnValuesAndErrors) {
    EXPECT_EQ(quarter(8).value(), 2);
    const Result<int> failed = quarter(6);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(failed.error().field("number"), "3");
    EXPECT_TRUE(check_quarter(4));
    EXPECT_FALSE(check_quarter(5));
}

TEST(Error, KeepsFieldsAndTypedDetails) {
    const Error error = Error(ErrorCode::kConflict, "too late")
                            .with("stream", "a-1")
                            .with_details(std::make_shared<SampleDetails>());
    EXPECT_EQ(error.to_string(), "conflict: too late");
    EXPECT_EQ(error.field("stream"), "a-1");
    EXPECT_EQ(error.field("absent"), "");
    ASSERT_NE(error.details<SampleDetails>(), nullptr);
    EXPECT_EQ(error.details<SampleDetails>()->number, 7);
    EXPECT_EQ(error.details<OtherDetails>(), nullptr);
}

TEST(ErrorCatalogue, NamesEveryCodeOnceAndSaysWhatToDo) {
    std::set<int> numbers;
    for (const ErrorInfo& info : error_catalogue()) {
        EXPECT_TRUE(numbers.insert(info.number).second) << info.name;
        EXPECT_EQ(error_code_from_name(info.name), info.code);
        EXPECT_EQ(error_info(info.code).name, info.name);
        EXPECT_FALSE(info.sentence.empty());
        EXPECT_FALSE(info.help.empty());
    }
    EXPECT_FALSE(error_code_from_name("no_such_error"));
}

}  // namespace
}  // namespace annals
