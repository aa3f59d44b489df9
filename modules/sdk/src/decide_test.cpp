// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <array>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "annals/typed.hpp"

#include "sdk_test_support.hpp"

namespace annals {
namespace {

using testing::Counter;
using testing::memory_store;

Client counted_to_six() {
    Client client = memory_store();
    for (const int amount : {1, 2, 3}) (void)handle<Counter>(client, "counter-1", amount);
    return client;
}

TEST(Deciding, GoesOnBehindAHiddenBeginning) {
    const Client client = counted_to_six();
    client.truncate_stream("counter-1", Revision(2));
    const auto decision = handle<Counter>(client, "counter-1", 4);
    EXPECT_EQ(decision.state, 7);
    EXPECT_EQ(decision.revision, Revision(3));
    EXPECT_EQ(decision.tries, 1);
}

TEST(Deciding, GoesOnBehindEventsThatAreAllHidden) {
    const Client client = counted_to_six();
    client.truncate_stream("counter-1", Revision(3));
    EXPECT_EQ(load<Counter>(client, "counter-1").revision, Revision(2));
    const auto decision = handle<Counter>(client, "counter-1", 4);
    EXPECT_EQ(decision.state, 4);
    EXPECT_EQ(decision.revision, Revision(3));
    EXPECT_EQ(decision.tries, 1);
}

TEST(Deciding, BeginsADeletedStreamAnew) {
    const Client client = counted_to_six();
    client.delete_stream("counter-1");
    EXPECT_FALSE(load<Counter>(client, "counter-1").revision);
    EXPECT_EQ(handle<Counter>(client, "counter-1", 4).state, 4);
}

}  // namespace
}  // namespace annals
