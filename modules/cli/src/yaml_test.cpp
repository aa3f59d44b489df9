// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "yaml.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace annals::cli {
namespace {

std::string yaml(const char* json) { return to_yaml(nlohmann::ordered_json::parse(json)); }

TEST(Yaml, WritesObjectsAndLists) {
    EXPECT_EQ(
        yaml(R"({"a":1,"b":{"c":"text"},"d":[1,"two"]})"),
        "a: 1\nb:\n  c: text\nd:\n  - 1\n  - two\n"
    );
}

TEST(Yaml, ListsOfObjectsBeginOnTheDash) {
    EXPECT_EQ(yaml(R"([{"a":1,"b":2},{"a":3}])"), "- a: 1\n  b: 2\n- a: 3\n");
    EXPECT_EQ(yaml(R"({"x":[{"a":{"b":1}}]})"), "x:\n  - a:\n      b: 1\n");
}

TEST(Yaml, QuotesWhatCouldBeTakenForSomethingElse) {
    EXPECT_EQ(
        yaml(R"({"a":"yes","b":"1","c":"","d":"x: y","e":null,"f":true})"),
        "a: \"yes\"\nb: \"1\"\nc: \"\"\nd: \"x: y\"\ne: null\nf: true\n"
    );
    EXPECT_EQ(yaml(R"({"a":"two\nlines","b":{},"c":[]})"), "a: \"two\\nlines\"\nb: {}\nc: []\n");
}

}  // namespace
}  // namespace annals::cli
