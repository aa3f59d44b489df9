// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/uuid.hpp"

#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace annals {
namespace {

constexpr const char* kDns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

TEST(Uuid, TextComesBack) {
    const Uuid uuid = make_uuid_v4();
    EXPECT_EQ(Uuid::parse(uuid.to_string()), uuid);
    EXPECT_EQ(Uuid::from_bytes(uuid.view()), uuid);
}

TEST(Uuid, TakesUpperCase) {
    EXPECT_EQ(Uuid::parse("6BA7B810-9DAD-11D1-80B4-00C04FD430C8"), Uuid::parse(kDns));
}

TEST(Uuid, RefusesAnythingElse) {
    EXPECT_FALSE(Uuid::parse(""));
    EXPECT_FALSE(Uuid::parse("6ba7b8109dad11d180b400c04fd430c8"));
    EXPECT_FALSE(Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430cg"));
    EXPECT_FALSE(Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8 "));
    EXPECT_FALSE(Uuid::from_bytes("short"));
}

TEST(Uuid, Version5IsThatOfRfc9562) {
    const Uuid dns = Uuid::parse(kDns).value();
    EXPECT_EQ(
        make_uuid_v5(dns, "www.example.com").to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2"
    );
}

TEST(Uuid, Version7RisesStrictlyWithinAThreadAndNeverRepeats) {
    Uuid last = make_uuid_v7(system_clock());
    for (int i = 0; i < 10'000; ++i) {
        const Uuid next = make_uuid_v7(system_clock());
        ASSERT_LT(last, next);
        ASSERT_EQ(next.bytes[6] >> 4u, 7);
        ASSERT_EQ(next.bytes[8] >> 6u, 2);
        last = next;
    }
}

TEST(Uuid, Version7OfManyThreadsDiffers) {
    std::vector<std::vector<Uuid>> made(4);
    {
        std::vector<std::jthread> threads;
        threads.reserve(made.size());
        for (auto& mine : made) {
            threads.emplace_back([&mine] {
                mine.reserve(5'000);
                for (int i = 0; i < 5'000; ++i) mine.push_back(make_uuid_v7(system_clock()));
            });
        }
    }
    std::set<Uuid> all;
    for (const auto& mine : made) all.insert(mine.begin(), mine.end());
    EXPECT_EQ(all.size(), 20'000u);
}

}  // namespace
}  // namespace annals
