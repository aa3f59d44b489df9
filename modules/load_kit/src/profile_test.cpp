// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/profile.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::load_kit {
namespace {

using testing::HasSubstr;

constexpr const char* kSmall = R"(name = "small"
duration = "5s"

[[actors]]
name = "writers"
does = "append"
keys = { distribution = "zipf", count = 50 }

[[actors]]
name = "readers"
does = "read"
)";

TEST(Profile, IsReadAsItIsWritten) {
    const auto profile = parse_profile(
        R"(
name = "whole"
what = "Everything once."
duration = "1m"
warm_up = "500ms"
seed = 42
[[actors]]
name = "a"
does = "append"
count = 3
in_flight = 4
rate = 12.5
operations = 1210
delay = "2s"
category = "order"
types = ["One", "Two"]
batch = 7
expected = "exact"
keys = { distribution = "latest", count = 99, skew = 1.5 }
size = { distribution = "lognormal", bytes = 500, min = 100, max = 9_000, sigma = 0.7 }
[[actors]]
name = "b"
does = "group-member"
after = "a"
group = "g"
strategy = "round_robin"
category = "order"
)",
        "whole.toml"
    );
    ASSERT_TRUE(profile) << profile.error().message();
    EXPECT_EQ(profile->duration_ns, 60'000'000'000);
    EXPECT_EQ(profile->warm_up_ns, 500'000'000);
    EXPECT_EQ(profile->seed, 42U);
    ASSERT_EQ(profile->actors.size(), 2U);
    Actor wanted;
    wanted.name = "a";
    wanted.does = Does::kAppend;
    wanted.workers = 3;
    wanted.in_flight = 4;
    wanted.rate = 12.5;
    wanted.operations = 1'210;
    wanted.delay_ns = 2'000'000'000;
    wanted.category = "order";
    wanted.types = {"One", "Two"};
    wanted.batch = 7;
    wanted.expecting = Expecting::kExact;
    wanted.keys = {KeyDistribution::kLatest, 99, 1.5};
    wanted.size = {SizeDistribution::kLognormal, 500, 100, 9'000, 0.7};
    EXPECT_EQ(profile->actors[0], wanted);
    EXPECT_EQ(profile->actors[1].after, "a");
    EXPECT_EQ(profile->actors[1].strategy, api::GroupStrategy::kRoundRobin);
    EXPECT_EQ(profile->actors[1].group, "g");
}

struct Bad {
    const char* what;
    std::string text;
    std::string key;
    std::string origin;
    std::string remedy;
};

std::string with(const std::string& line) {
    return std::string(R"(name = "bad"
duration = "5s"
[[actors]]
name = "w"
does = "append"
)") + line +
           "\n";
}

TEST(Profile, SaysWhereAndWhatIsWrongAndWhatToDo) {
    const std::vector<Bad> table{
        {"not TOML", "name = ", "profile", "bad.toml:1", "this is not TOML"},
        // Ended the program where assertions are on (toml++ 3.3).
        {"a table without a name", "[# x", "profile", "bad.toml:1", "this is not TOML"},
        {"a letter beyond ASCII", "w\u0495=1", "profile", "bad.toml:1", "this is not TOML"},
        {"no name", "duration = \"1s\"", "name", "bad.toml", "must be given"},
        {"a typing error", with("rat = 5"), "actors.w.rat", "bad.toml:6", "did you mean rate?"},
        {"a stranger", with("xyzzy = 5"), "actors.w.xyzzy", "bad.toml:6", "known here: name"},
        {"of another kind of actor",
         with("group = \"g\""),
         "actors.w.group",
         "bad.toml:6",
         "does not apply to actors that do append"},
        {"a text for a number", with("count = \"two\""), "actors.w.count", "bad.toml:6", "1 to 256"
        },
        {"too many", with("count = 257"), "actors.w.count", "bad.toml:6", "1 to 256"},
        {"below nothing", with("rate = -3"), "actors.w.rate", "bad.toml:6", "from 0 to 1e+07"},
        {"not a number", with("rate = nan"), "actors.w.rate", "bad.toml:6", "from 0"},
        {"no unit", with("delay = \"5\""), "actors.w.delay", "bad.toml:6", "250ms"},
        {"a number of seconds", with("delay = 5"), "actors.w.delay", "bad.toml:6", "250ms"},
        {"no such deed",
         "name = \"bad\"\n[[actors]]\ndoes = \"apend\"",
         "actors.actor 1.does",
         "bad.toml:3",
         "give one of append, read"},
        {"no deed",
         "name = \"bad\"\n[[actors]]\nname = \"w\"",
         "actors.w.does",
         "bad.toml:2",
         "must be given"},
        {"no such distribution",
         with("keys = { distribution = \"normal\" }"),
         "actors.w.keys.distribution",
         "bad.toml:6",
         "uniform, zipf, latest, sequential"},
        {"a skew of nothing",
         with("keys = { skew = 1.0 }"),
         "actors.w.keys.skew",
         "bad.toml:6",
         "only zipf and latest"},
        {"too many keys",
         with("keys = { count = 10_000_001 }"),
         "actors.w.keys.count",
         "bad.toml:6",
         "10000000"},
        {"keys that are no table", with("keys = 5"), "actors.w.keys", "bad.toml:6", "give a table"},
        {"too small", with("size = { bytes = 79 }"), "actors.w.size.bytes", "bad.toml:6", "80"},
        {"upside down",
         with("size = { distribution = \"uniform\", min = 200, max = 100 }"),
         "actors.w.size.max",
         "bad.toml:6",
         "must not be below min (200): raise it, or lower min"},
        {"no types", with("types = []"), "actors.w.types", "bad.toml:6", "1 to 64 texts"},
        {"a category with a dash",
         with("category = \"a-b\""),
         "actors.w.category",
         "bad.toml:6",
         "leave out -"},
        {"nobody to wait for",
         with("after = \"x\""),
         "actors.w.after",
         "bad.toml",
         "no actor has this name: give one of w"},
        {"after one that never ends",
         with("after = \"w\""),
         "actors.w.after",
         "bad.toml",
         "never ends"},
        {"after itself",
         with("operations = 1\nafter = \"w\""),
         "actors.w.after",
         "bad.toml",
         "wait for each other: leave one"},
        {"twice the same name",
         with("[[actors]]\nname = \"w\"\ndoes = \"read\""),
         "actors.w.name",
         "bad.toml",
         "two actors have this name: give one of them another"},
        {"nothing to read",
         with("[[actors]]\nname = \"r\"\ndoes = \"read\"\ncategory = \"other\""),
         "actors.r.category",
         "bad.toml",
         "does append"},
        {"objects among events",
         with("[[actors]]\nname = \"c\"\ndoes = \"crud-create\""),
         "actors.c.category",
         "bad.toml",
         "categories of their own, and w has this one: give another"},
        {"a member without a group",
         with("[[actors]]\nname = \"m\"\ndoes = \"group-member\""),
         "actors.m.group",
         "bad.toml:6",
         "must be given"},
        {"a listener with a rate",
         with("[[actors]]\nname = \"s\"\ndoes = \"subscribe\"\nrate = 5"),
         "actors.s.rate",
         "bad.toml:9",
         "does not apply to actors that do subscribe"},
        {"too many threads",
         with("[[actors]]\nname = \"r\"\ndoes = \"read\"\nin_flight = 512"),
         "actors",
         "bad.toml",
         "at most 512"},
        {"without an end",
         "name = \"bad\"\n[[actors]]\ndoes = \"append\"",
         "duration",
         "bad.toml",
         "never end"},
        {"nothing but warm-up",
         "name = \"bad\"\nduration = \"2s\"\nwarm_up = \"2s\"\n[[actors]]\ndoes = \"append\"",
         "warm_up",
         "bad.toml",
         "shorter than the duration"},
        {"no actors", "name = \"bad\"\nduration = \"1s\"", "actors", "bad.toml", "1 to 64 actors"},
        {"one actor in the wrong brackets",
         "name = \"bad\"\nduration = \"1s\"\n[actors]\ndoes = \"append\"",
         "actors",
         "bad.toml:3",
         "[[actors]]"},
        {"a name that is no folder",
         "name = \"../x\"\nduration = \"1s\"",
         "name",
         "bad.toml:1",
         "give small letters, digits and -, at most 64"},
        {"a key of actors beside them",
         "name = \"bad\"\nrate = 5\n[[actors]]\ndoes = \"append\"",
         "rate",
         "bad.toml:2",
         "a key of actors: write it below the line [[actors]] of one"},
        {"another category in the same group",
         with("[[actors]]\nname = \"m\"\ndoes = \"group-member\"\ngroup = \"g\"\n"
              "[[actors]]\nname = \"n\"\ndoes = \"group-member\"\ngroup = \"g\"\n"
              "category = \"other\""),
         "actors.n.group",
         "bad.toml",
         "share category and strategy: give those of m, or another group"},
    };
    for (const Bad& bad : table) {
        const auto profile = parse_profile(bad.text, "bad.toml");
        ASSERT_FALSE(profile) << bad.what;
        const Error& error = profile.error();
        EXPECT_EQ(error.code(), ErrorCode::kConfigInvalid) << bad.what;
        EXPECT_EQ(error.field("key"), bad.key) << bad.what;
        EXPECT_EQ(error.field("origin"), bad.origin) << bad.what;
        EXPECT_THAT(std::string(error.field("remedy")), HasSubstr(bad.remedy)) << bad.what;
        EXPECT_THAT(std::string(error.message()), HasSubstr(bad.origin)) << bad.what;
        EXPECT_THAT(std::string(error.message()), HasSubstr(bad.key)) << bad.what;
    }
}

TEST(Profile, IsChangedFromTheCommandLine) {
    const auto profile = parse_profile(
        kSmall,
        "small.toml",
        {{"duration", "90s"},
         {"seed", "7"},
         {"actors.writers.keys.count", "5"},
         {"actors.writers.size.bytes", "100"},
         {"actors.readers.rate", "2.5"},
         {"actors.writers.types", R"(["Changed"])"}}
    );
    ASSERT_TRUE(profile) << profile.error().message();
    EXPECT_EQ(profile->duration_ns, 90'000'000'000);
    EXPECT_EQ(profile->seed, 7U);
    EXPECT_EQ(profile->actors[0].keys.count, 5U);
    EXPECT_EQ(profile->actors[0].keys.distribution, KeyDistribution::kZipf);
    EXPECT_EQ(profile->actors[0].size.bytes, 100U);
    EXPECT_EQ(profile->actors[0].types, std::vector<std::string>{"Changed"});
    EXPECT_EQ(profile->actors[1].rate, 2.5);
}

TEST(Profile, NamesTheFlagWhenAChangeIsWrong) {
    const auto fails = [](const Override& change, const std::string& remedy) {
        const auto profile = parse_profile(kSmall, "small.toml", {change});
        ASSERT_FALSE(profile) << change.key;
        EXPECT_EQ(profile.error().field("origin"), "--set " + change.key);
        EXPECT_THAT(std::string(profile.error().field("remedy")), HasSubstr(remedy));
    };
    fails({"durration", "5s"}, "did you mean duration?");
    fails({"duration", "soon"}, "duration of at most a day");
    fails({"duration", "5"}, "a number and its unit");
    fails({"rate", "5"}, "--set actors.NAME.rate");
    fails({"actors.nobody.rate", "5"}, "no actor has this name: give one of writers, readers");
    fails({"keys.", "5"}, "ends with a dot");
    fails({"actors.writers.rate", "-1"}, "from 0");
    fails({"actors.rate", "5"}, "say which");
    fails({"name.first", "x"}, "name is a value and has no keys");
    fails({"actors.writers.keys.distribution", "normal"}, "uniform, zipf");
}

TEST(Profile, CallsAFlagByItsName) {
    const auto fails = [](const std::string& value) {
        const Override change{"duration", value, "--duration"};
        const auto profile = parse_profile(kSmall, "small.toml", {change});
        ASSERT_FALSE(profile) << value;
        EXPECT_EQ(profile.error().field("key"), "duration");
        EXPECT_EQ(profile.error().field("origin"), "--duration");
        EXPECT_THAT(
            std::string(profile.error().message()),
            testing::AllOf(HasSubstr("--duration: duration = "), HasSubstr(value))
        );
    };
    for (const char* value : {"soon", "5", "-5s", "48h"}) fails(value);
}

TEST(Profile, TakesOverridesApart) {
    const auto good = parse_override("actors.a.types=[\"x=y\"]");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->key, "actors.a.types");
    EXPECT_EQ(good->value, "[\"x=y\"]");
}

TEST(Profile, SaysWhatIsMissingInAnOverride) {
    for (const auto& [text, words] : std::vector<std::pair<std::string, std::string>>{
             {"a.b", "--set a.b: it has no value: give KEY=VALUE, as in duration=5s"},
             {"=5", "it has no key: give KEY=VALUE"},
             {"a.b=", "there is nothing behind the '=': give KEY=VALUE"},
             {"a.b= ", "there is nothing behind the '=': give KEY=VALUE"},
             {"a =5", "its key has a space: give KEY=VALUE"},
             {"a..b=5", "there is nothing before or behind a dot of its key: give KEY=VALUE"},
             {".a=5", "there is nothing before or behind a dot of its key: give KEY=VALUE"},
             {"a.=5", "there is nothing before or behind a dot of its key: give KEY=VALUE"},
         }) {
        const auto refused = parse_override(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_THAT(std::string(refused.error().message()), HasSubstr(words));
    }
}

TEST(Profile, ComesWithTheProgramInThreeKinds) {
    std::vector<std::string> names;
    for (const BuiltInProfile& built_in : built_in_profiles()) {
        const auto profile = parse_profile(built_in.text, std::string(built_in.name));
        ASSERT_TRUE(profile) << profile.error().message();
        EXPECT_EQ(profile->name, built_in.name);
        EXPECT_FALSE(profile->what.empty());
        names.push_back(profile->name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"order-desk", "sensor-feed", "document-editor"}));
}

TEST(Profile, IsFoundByNameOrPath) {
    EXPECT_TRUE(find_profile("order-desk"));
    const auto from_file = find_profile("../../bench/profiles/order-desk.toml");
    ASSERT_TRUE(from_file) << from_file.error().message();
    EXPECT_EQ(from_file->text, built_in_profiles()[0].text);
    const auto unknown = find_profile("order-dsk");
    ASSERT_FALSE(unknown);
    EXPECT_THAT(std::string(unknown.error().message()), HasSubstr("order-desk, sensor-feed"));
    const auto missing = find_profile("./nowhere.toml");
    ASSERT_FALSE(missing);
    EXPECT_THAT(
        std::string(missing.error().message()),
        testing::AllOf(HasSubstr("cannot be read"), HasSubstr("order-desk, sensor-feed"))
    );
}

TEST(Profile, HasABoundOnItsSize) {
    const std::string large(Bounds::kProfileBytesMax + 1, '#');
    EXPECT_THAT(
        std::string(parse_profile(large, "large.toml").error().message()), HasSubstr("1 MiB")
    );
}

}  // namespace
}  // namespace annals::load_kit
