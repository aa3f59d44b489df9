// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/trace_id.hpp"

#include <gtest/gtest.h>

namespace annals {
namespace {

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";

TEST(TraceId, IsTakenOutOfATraceparent) {
    EXPECT_EQ(trace_id_in("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), kTrace);
    EXPECT_EQ(trace_id_in("42-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"), kTrace);
}

TEST(TraceId, IsEmptyOfWhatIsNone) {
    for (const char* none :
         {"",
          "00-1-2-01",
          "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
          "00-00000000000000000000000000000000-b7ad6b7169203331-01",
          "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
          "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
          "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"}) {
        EXPECT_EQ(trace_id_in(none), "") << none;
    }
}

TEST(TraceId, AMadeOneIsOneAndNewEachTime) {
    const std::string made = make_trace_id();
    EXPECT_EQ(trace_id_in("00-" + made + "-b7ad6b7169203331-01"), made);
    EXPECT_NE(make_trace_id(), made);
}

}  // namespace
}  // namespace annals
