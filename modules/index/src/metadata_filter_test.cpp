// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "metadata_filter.hpp"

#include <string>

#include <gtest/gtest.h>

#include "annals/codec/checksum.hpp"

namespace annals::index {
namespace {

bool may_have(const MetadataFilter& filter, const std::string& stream) {
    return filter.may_have(codec::hash64(stream));
}

TEST(MetadataFilter, IsNeverWrongAboutAStreamThatHasMetadata) {
    MetadataFilter filter;
    EXPECT_FALSE(may_have(filter, "order-1"));
    filter.note("order-1");
    filter.note("$settings");
    filter.note("$$");
    EXPECT_FALSE(may_have(filter, "order-1")) << "only metadata streams are noted";
    for (int i = 0; i < 50'000; ++i) filter.note("$$order-" + std::to_string(i));
    int wrong = 0;
    for (int i = 0; i < 50'000; ++i) {
        ASSERT_TRUE(may_have(filter, "order-" + std::to_string(i)));
        if (may_have(filter, "other-" + std::to_string(i))) ++wrong;
    }
    EXPECT_LT(wrong, 500) << "about the others it is seldom wrong";
}

TEST(MetadataFilter, SaturatedItSaysYesToAll) {
    MetadataFilter filter;
    filter.saturate();
    EXPECT_TRUE(may_have(filter, "order-1"));
}

}  // namespace
}  // namespace annals::index
