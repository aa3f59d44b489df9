// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_json.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "refused.hpp"

namespace users {
namespace {

TEST(UserJson, TakesTheMembersThatAreGiven) {
    EXPECT_TRUE(parse_body("{}").is_empty());
    EXPECT_EQ(
        parse_body(R"({"firstName":"Ada","active":false,"email":null,"originator":{"id":"1"}})"),
        (ProfileChange{.first_name = "Ada", .active = false})
    );
    EXPECT_EQ(
        parse_body(R"({"workspaces":[]})"),
        (ProfileChange{.workspaces = std::vector<std::string>()})
    );
}

TEST(UserJson, RefusesAnythingElse) {
    for (const char* body :
         {"",
          "{",
          "[]",
          "1",
          "null",
          R"({"email":1})",
          R"({"active":"yes"})",
          R"({"workspaces":"a"})",
          R"({"workspaces":[1]})",
          "{\"email\":\"\xff\"}"}) {
        EXPECT_THROW((void)parse_body(body), Refused) << body;
    }
}

/// Words of the refusal; "" where there is none.
std::string refusal_of(const std::string& body) {
    try {
        (void)parse_body(body);
    } catch (const Refused& refused) {
        EXPECT_EQ(refused.reason(), Reason::kInvalid);
        return refused.message();
    }
    return "";
}

TEST(UserJson, NamesTheMemberThatAUserDoesNotHave) {
    const std::string known = ": give email, firstName, lastName, active, workspaces";
    EXPECT_EQ(refusal_of(R"({"firstname":"Ada"})"), "there is no member \"firstname\"" + known);
    EXPECT_EQ(refusal_of(R"({"id":null})"), "there is no member \"id\"" + known);
    EXPECT_EQ(
        refusal_of("{\"" + std::string(1'000, 'x') + "\":1}"),
        "there is no member with a name of 1000 bytes" + known
    );
}

TEST(UserJson, NamesTheMemberThatIsGivenTwice) {
    EXPECT_EQ(
        refusal_of(R"({"email":"a@example.com","email":"b@example.com"})"),
        "the member \"email\" is given twice: give it once"
    );
    EXPECT_EQ(
        refusal_of(R"({"active":true,"active":null})"),
        "the member \"active\" is given twice: give it once"
    );
    EXPECT_EQ(
        refusal_of(R"({"originator":{"id":"1","id":"2"}})"),
        "the member \"id\" is given twice: give it once"
    );
    EXPECT_EQ(refusal_of(R"({"originator":{"email":1},"email":"a@example.com"})"), "");
}

TEST(UserJson, NamesTheMemberOfAnotherType) {
    for (const auto& [body, words] : std::vector<std::pair<std::string, std::string>>{
             {R"({"email":1})", "email is number: give a text"},
             {R"({"lastName":[]})", "lastName is array: give a text"},
             {R"({"active":"yes"})", "active is string: give true or false"},
             {R"({"workspaces":[1]})", "workspaces is array: give a list of texts"}
         }) {
        try {
            (void)parse_body(body);
            ADD_FAILURE() << body;
        } catch (const Refused& refused) {
            EXPECT_EQ(refused.message(), words);
        }
    }
}

TEST(UserJson, ShowsAUserAsReadBack) {
    const User user{"1", 3, {"ada@example.com", "Ada", "", true, {"engine"}}};
    EXPECT_EQ(
        json_of(user),
        nlohmann::json::parse(R"({"originator":{"id":"1","version":3},"email":"ada@example.com",
            "firstName":"Ada","lastName":"","active":true,"workspaces":["engine"]})")
    );
    EXPECT_TRUE(difference(user.profile, parse_body(json_of(user).dump())).is_empty());
}

TEST(Version, IsANumberFromOneUp) {
    EXPECT_EQ(parse_version(""), std::nullopt);
    EXPECT_EQ(parse_version("18446744073709551615"), 18'446'744'073'709'551'615u);
    for (const char* text : {"0", "-1", "+1", "1.0", "a", " 1", "18446744073709551616"}) {
        EXPECT_THROW((void)parse_version(text), Refused) << text;
    }
}

}  // namespace
}  // namespace users
