// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/cut.hpp"

#include <gtest/gtest.h>

namespace annals::model {
namespace {

TEST(Cut, ComesBackFromItsJson) {
    const Cut cut{Position(12), TimeNs(1'700'000'000'000'000'000)};
    EXPECT_EQ(cut_to_json(cut), R"({"position":12,"removed_before":1700000000000000000})");
    EXPECT_EQ(parse_cut(cut_to_json(cut)), cut);
}

TEST(Cut, AnythingElseIsNone) {
    for (const char* bad :
         {"",
          "[]",
          "{}",
          R"({"position":12})",
          R"({"position":-1,"removed_before":1})",
          R"({"position":1.5,"removed_before":1})",
          R"({"position":1,"removed_before":"1"})"}) {
        EXPECT_FALSE(parse_cut(bad).has_value()) << bad;
    }
}

TEST(Cut, OnlyGrows) {
    const Cut one{Position(12), TimeNs(5)};
    const Cut other{Position(7), TimeNs(9)};
    EXPECT_EQ(joined(one, other), (Cut{Position(12), TimeNs(9)}));
}

}  // namespace
}  // namespace annals::model
