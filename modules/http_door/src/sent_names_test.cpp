// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "sent_names.hpp"

#include <gtest/gtest.h>

#include "annals/base/error_code.hpp"

namespace annals::http_door::detail {
namespace {

TEST(NamesAsSaid, StandForTheStoresInTheWholeMessage) {
    const Error refused = Error(
                              ErrorCode::kInvalidArgument,
                              "a read of the stream \"a-1\" takes no filter.stream_pattern, which "
                              "says which streams: leave it out, or the stream"
    )
                              .with("field", "filter.stream_pattern")
                              .with("stream", "a-1");
    const Error said = as_said(refused);
    EXPECT_EQ(said.field("field"), "filter.match");
    EXPECT_EQ(said.field("stream"), "a-1");
    EXPECT_EQ(
        said.message(),
        "a read of the stream \"a-1\" takes no filter.match, which says which streams: leave it "
        "out, or the stream"
    );
}

TEST(NamesAsSaid, AreAlsoThoseOfAMessageThatIsKept) {
    EXPECT_EQ(
        words_as_said("filter.stream_pattern \"^(a+)+$\" takes too many steps"),
        "filter.match \"^(a+)+$\" takes too many steps"
    );
    EXPECT_EQ(words_as_said("start it again"), "start it again") << "words stay";
}

}  // namespace
}  // namespace annals::http_door::detail
