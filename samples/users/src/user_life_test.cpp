// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_life.hpp"

#include <string>

#include <gtest/gtest.h>

#include "email.hpp"
#include "refused.hpp"

namespace users {
namespace {

using Scenario = annals::Scenario<UserLife>;
using nlohmann::json;

const Profile kAda{"ada@example.com", "Ada", "Lovelace", true, {}};

/// That the command is refused for this reason.
void expect_refused(Reason reason, const UserLife::State& state, const UserLife::Command& command) {
    try {
        (void)UserLife::decide(command, state);
        FAIL() << "nothing was refused, want " << name_of(reason);
    } catch (const Refused& refused) {
        EXPECT_EQ(refused.reason(), reason) << refused.message();
    }
}

TEST(UserLife, BeginsWithTheWholeProfile) {
    Scenario().given({}).when(UserLife::Create{kAda}).then({UserLife::Created{kAda}});
}

TEST(UserLife, KeepsWhatAnUpdateChanges) {
    Scenario()
        .given({UserLife::Created{kAda}})
        .when(UserLife::Update{{
            .email = kAda.email,
            .first_name = "Augusta",
            .active = false,
            .workspaces = {{"engine", "notes"}},
        }})
        .then({UserLife::Updated{
            {.first_name = "Augusta", .active = false, .workspaces = {{"engine", "notes"}}}
        }})
        .then_state([](const UserLife::State& state) {
            const Profile now{kAda.email, "Augusta", "Lovelace", false, {"engine", "notes"}};
            return state.profile == now;
        });
}

TEST(UserLife, HasNoEventWhereNothingChanges) {
    Scenario()
        .given({UserLife::Created{kAda}})
        .when(UserLife::Update{{.email = kAda.email, .active = true}})
        .then({});
}

TEST(UserLife, CanLoseItsLastWorkspace) {
    Profile member = kAda;
    member.workspaces = {"engine"};
    Scenario()
        .given({UserLife::Created{member}})
        .when(UserLife::Update{{.workspaces = std::vector<std::string>()}})
        .then({UserLife::Updated{{.workspaces = std::vector<std::string>()}}});
}

TEST(UserLife, EndsWithItsDeletionAndKeepsTheProfile) {
    Scenario()
        .given({UserLife::Created{kAda}})
        .when(UserLife::Delete{})
        .then({UserLife::Deleted{}})
        .then_state([](const UserLife::State& state) {
            return state.stage == UserLife::Stage::kDeleted && state.profile == kAda;
        });
    const auto gone = annals::fold<UserLife>({UserLife::Created{kAda}, UserLife::Deleted{}});
    expect_refused(Reason::kDeleted, gone, UserLife::Delete{});
    expect_refused(Reason::kDeleted, gone, UserLife::Update{});
}

TEST(UserLife, RefusesToChangeWhatWasNeverThere) {
    Scenario().given({}).when(UserLife::Delete{}).then_refused<Refused>();
    expect_refused(Reason::kNotFound, {}, UserLife::Update{});
}

TEST(UserLife, RefusesWhatNoUserHas) {
    const auto refuses = [](const Profile& profile) {
        expect_refused(Reason::kInvalid, {}, UserLife::Create{profile});
    };
    for (const char* email : {"", "ada", "@example.com", "ada@", "ada love@example.com"}) {
        refuses({email, "", "", true, {}});
    }
    refuses({std::string(250, 'a') + "@b.de", "", "", true, {}});
    refuses({kAda.email, std::string(257, 'a'), "", true, {}});
    refuses({kAda.email, "", std::string(257, 'a'), true, {}});
    refuses({kAda.email, "", "", true, {""}});
    refuses({kAda.email, "", "", true, std::vector<std::string>(101, "w")});
    const auto ada = annals::fold<UserLife>({UserLife::Created{kAda}});
    expect_refused(Reason::kInvalid, ada, UserLife::Update{{.email = ""}});
}

TEST(UserLife, WritesDocumentsAndMergePatches) {
    EXPECT_EQ(
        json::parse(annals::encode<UserLife>(UserLife::Created{kAda}).data),
        json::parse(R"({"email":"ada@example.com","firstName":"Ada","lastName":"Lovelace",
                        "active":true,"workspaces":[]})")
    );
    EXPECT_EQ(
        annals::encode<UserLife>(UserLife::Updated{{.active = false}}).data, R"({"active":false})"
    );
    EXPECT_EQ(annals::encode<UserLife>(UserLife::Deleted{}).data, "{}");
}

TEST(UserLife, ReadsWhatOthersWriteForAUser) {
    const auto decoded = [](const char* type, const char* data) {
        annals::Event stored;
        stored.type = type;
        stored.data = data;
        return annals::decode<UserLife>(stored).value();
    };
    // eskit's Go client leaves out what is empty, and puts the originator into the document
    const auto created = decoded(
        UserLife::kNames[0], R"({"originator":{"id":"1","version":"1"},"email":"ada@example.com"})"
    );
    EXPECT_EQ(
        std::get<UserLife::Created>(created).profile,
        (Profile{"ada@example.com", "", "", false, {}})
    );
    const auto updated = decoded(UserLife::kNames[1], R"({"workspaces":null,"active":true})");
    EXPECT_EQ(
        std::get<UserLife::Updated>(updated).change,
        (ProfileChange{.active = true, .workspaces = std::vector<std::string>()})
    );
    EXPECT_THROW((void)decoded(UserLife::kNames[1], "[]"), json::exception);
}

TEST(Email, IsOneWhateverTheCaseOfItsLetters) {
    EXPECT_EQ(email_tag("Ada.Lovelace@Example.COM"), "email:ada.lovelace@example.com");
    EXPECT_EQ(email_tag("ÄDA@example.com"), "email:Äda@example.com");
}

}  // namespace
}  // namespace users
