// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annals/base/testing/comes_true.hpp"
#include "annals/groups/testing/server.hpp"
#include "annals/http_door/http_door.hpp"
#include "annals/http_door/testing/described_answers.hpp"
#include "annals/http_door/testing/http_connection.hpp"
#include "annals/log/file_system.hpp"

namespace annals::http_door {
namespace {

using http_door::testing::Answer;
using http_door::testing::Connection;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;
using Texts = std::vector<std::string>;

constexpr const char* kJson = "Content-Type: application/json\r\n";

class GroupRoutesTest : public ::testing::Test {
  public:
    ~GroupRoutesTest() override { door_->close_store(); }

  protected:
    GroupRoutesTest() {
        HttpHandlers handlers;
        handlers.readiness = [] { return Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return ""; };
        HttpDoorOptions options;
        options.polling_threads = 4;  // also where the machine has fewer processors
        door_ = std::move(HttpDoor::start(std::move(options), std::move(handlers)).value());
        door_->open_store(server_.events(), nullptr, &server_.groups());
        described_.emplace(door_->port());
    }

    Answer ask(
        const std::string& method,
        const std::string& path,
        const std::string& body = "",
        const std::string& header_lines = ""
    ) {
        const Answer answer = Connection(door_->port())
                                  .ask(method, "/v1/" + path, body, header_lines);
        EXPECT_EQ(described_->fault(method, "/v1/" + path, answer.status()), "");
        return answer;
    }
    Answer post(const std::string& path, const std::string& body = "") {
        return ask("POST", path, body, kJson);
    }
    Answer create(const std::string& group, const std::string& settings = "{}") {
        Answer answer = ask("PUT", "groups/" + group, settings, kJson);
        EXPECT_EQ(answer.status(), 201) << answer.body;
        return answer;
    }
    void append(const std::string& stream, const std::string& data) {
        const Answer answer = post(
            "streams/" + stream, R"({"type":"happened","data":)" + data + "}"
        );
        EXPECT_EQ(answer.status(), 201) << answer.body;
    }
    /// The member's path.
    std::string join(const std::string& group, const std::string& name = "m") {
        const Answer answer = post("groups/" + group + "/members", R"({"member":")" + name + "\"}");
        EXPECT_EQ(answer.status(), 201) << answer.body;
        const std::string path = "groups/" + group + "/members/" +
                                 std::to_string(answer.json()["member"].get<std::uint64_t>());
        EXPECT_EQ(answer.header("Location"), "/v1/" + path);
        return path;
    }
    /// Fetches until so many have come; several answers where they come one by one.
    Json take(const std::string& member, std::size_t count) {
        Json all = Json::array();
        while (all.size() < count) {
            const Answer answer = post(member + "/fetch?wait=20s");
            EXPECT_EQ(answer.status(), 200) << answer.body;
            if (answer.status() != 200) return all;
            const Json more = answer.json()["deliveries"];
            EXPECT_FALSE(more.empty()) << "no delivery came in time";
            if (more.empty()) return all;
            for (const Json& one : more) all.push_back(one);
        }
        EXPECT_EQ(all.size(), count);
        return all;
    }
    static Texts data_of(const Json& deliveries) {
        Texts texts;
        for (const Json& one : deliveries) texts.push_back(one["event"]["data"].dump());
        return texts;
    }
    Answer settle(const std::string& member, const Json& delivery, const std::string& what) {
        const Json one{{"delivery", delivery["delivery"]}, {"what", what}, {"reason", "it failed"}};
        return post(member + "/settle", Json{{"settle", Json::array({one})}}.dump());
    }
    Json status(const std::string& group) { return ask("GET", "groups/" + group).json(); }

    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    groups::testing::Server server_{*files_};
    std::unique_ptr<HttpDoor> door_;
    std::optional<testing::DescribedAnswers> described_;
};

TEST_F(GroupRoutesTest, PutsCreatesOrChangesAndConditionsSayWhich) {
    const Answer made = create("billing", R"({"key":"tag:customer","attempts_max":3})");
    EXPECT_EQ(made.header("Location"), "/v1/groups/billing");
    EXPECT_EQ(made.json()["settings"]["key"], "tag:customer");
    EXPECT_EQ(made.json()["settings"]["attempts_max"], 3);
    EXPECT_EQ(made.json()["settings"]["members_max"], 64) << "a default";
    // As it was read it is written again.
    Json settings = status("billing")["settings"];
    settings["attempts_max"] = 4;
    settings["reason"] = "more patience";
    const Answer changed = ask("PUT", "groups/billing", settings.dump(), kJson);
    EXPECT_EQ(changed.status(), 200) << changed.body;
    EXPECT_EQ(changed.json()["settings"]["attempts_max"], 4);
    EXPECT_EQ(changed.json()["settings"]["key"], "tag:customer");
    const Answer there = ask("PUT", "groups/billing", "{}", "If-None-Match: *\r\n");
    EXPECT_EQ(there.status(), 412);
    EXPECT_EQ(there.json()["code"], "group_exists");
    EXPECT_EQ(there.json()["fields"]["differs"], "key, attempts_max");
    const Answer missing = ask("PUT", "groups/none", "{}", "If-Match: *\r\n");
    EXPECT_EQ(missing.status(), 412);
    EXPECT_EQ(missing.json()["code"], "group_not_found");
    EXPECT_EQ(ask("GET", "groups/none").status(), 404);
    const Answer late = ask("PUT", "groups/billing", "{}", "If-Match: \"r0\"\r\n");
    EXPECT_EQ(late.status(), 412);
    EXPECT_EQ(late.json()["code"], "conflict");
    EXPECT_EQ(late.json()["current_revision"], 1);
    EXPECT_EQ(late.json()["failed_checks"][0]["expected"], 0);
    EXPECT_EQ(late.json()["failed_checks"][0]["current_revision"], 1);
}

TEST_F(GroupRoutesTest, ACreationKeepsItsReason) {
    const std::string why = R"({"reason":"bills go out monthly","actor":"ann"})";
    EXPECT_EQ(ask("PUT", "groups/billing", why, kJson).status(), 201);
    EXPECT_EQ(
        ask("PUT", "groups/other", why, std::string(kJson) + "If-None-Match: *\r\n").status(), 201
    );
    for (const std::string group : {"billing", "other"}) {
        const Json told = ask("GET", "groups/" + group + "/history").json()["entries"];
        ASSERT_EQ(told.size(), 1u);
        EXPECT_EQ(told[0]["deed"], "created");
        EXPECT_EQ(told[0]["actor"], "ann");
        EXPECT_EQ(told[0]["reason"], "bills go out monthly");
    }
}

TEST_F(GroupRoutesTest, SettingsThatAreNoneNameTheField) {
    const auto refused = [&](const std::string& settings) {
        const Answer answer = ask("PUT", "groups/billing", settings, kJson);
        EXPECT_EQ(answer.status(), 400) << answer.body;
        return answer.json()["fields"]["field"].get<std::string>();
    };
    EXPECT_EQ(refused(R"({"ack_deadline_ms":1})"), "ack_deadline_ms");
    EXPECT_EQ(refused(R"({"ack_deadline_ms":-1})"), "ack_deadline_ms");
    EXPECT_EQ(refused(R"({"ack_deadline_ms":4294967296})"), "ack_deadline_ms");
    EXPECT_EQ(refused(R"({"strategy":"random"})"), "strategy");
    EXPECT_EQ(refused(R"({"key":"colour"})"), "key");
    EXPECT_EQ(refused(R"({"keys":"stream"})"), "keys");
    EXPECT_EQ(refused(R"({"filter":{"category":["order"]}})"), "filter.category");
    EXPECT_EQ(refused(R"({"filter":{"categories":"order"}})"), "filter.categories");
    EXPECT_EQ(refused(R"({"from":[]})"), "from");
    EXPECT_EQ(refused(R"({"from":"nonsense"})"), "from") << "not the store's word";
    // Whatever is written for a place, the answer says what may be.
    for (const char* const place : {"5", "time:2026-01-31", "nonsense"}) {
        const Answer answer = ask(
            "PUT", "groups/billing", R"({"from":")" + std::string(place) + R"("})", kJson
        );
        EXPECT_EQ(answer.json()["fields"]["value"], place);
        for (const char* const kind : {"start", "end", "a position (17", "a time", "token"}) {
            EXPECT_THAT(answer.json()["fields"]["rule"].get<std::string>(), HasSubstr(kind));
        }
    }
    const Answer unknown = ask("PUT", "groups/billing", R"({"bogus":1})", kJson);
    EXPECT_EQ(unknown.json()["fields"]["field"], "bogus");
    EXPECT_THAT(
        unknown.json()["fields"]["rule"].get<std::string>(),
        HasSubstr("left out: the members here are stream, filter, from, strategy, key, ")
    );
    const Answer beyond = ask("PUT", "groups/billing", R"({"from":99})", kJson);
    EXPECT_EQ(beyond.json()["fields"]["field"], "from");
    EXPECT_EQ(beyond.json()["detail"].get<std::string>().find("from: position 99"), 0u);
    EXPECT_EQ(refused("[]"), "body");
    // Deeper than anything here is, and than a stack may be.
    EXPECT_EQ(
        refused(R"({"from":)" + std::string(30'000, '[') + std::string(30'000, ']') + "}"), "body"
    );
    EXPECT_EQ(ask("GET", "groups").json()["groups"].size(), 0u);
}

TEST_F(GroupRoutesTest, ListsByNameInPages) {
    for (const char* name : {"c", "a", "b"}) create(name);
    const Answer page = ask("GET", "groups?limit=2");
    ASSERT_EQ(page.json()["groups"].size(), 2u);
    EXPECT_EQ(page.json()["groups"][0]["group"], "a");
    EXPECT_EQ(page.header("Link"), "</v1/groups?limit=2&after=b>; rel=\"next\"");
    const Answer rest = ask("GET", "groups?limit=2&after=b");
    ASSERT_EQ(rest.json()["groups"].size(), 1u);
    EXPECT_EQ(rest.json()["groups"][0]["group"], "c");
    EXPECT_EQ(rest.header("Link"), "");
}

TEST_F(GroupRoutesTest, AMemberFetchesSettlesAndTheGroupComesOn) {
    append("a-1", R"({"n":1.50})");
    append("a-1", R"({"n":2})");
    append("b-1", R"({"n":3})");
    create("billing");
    const std::string member = join("billing", "host-1");
    const Json first = take(member, 2);
    EXPECT_THAT(data_of(first), ElementsAre(R"({"n":1.5})", R"({"n":3})"));
    EXPECT_EQ(first[0]["attempt"], 1);
    EXPECT_EQ(status("billing")["members"][0]["name"], "host-1");
    const Json acks{{"acks", {first[0]["delivery"], first[1]["delivery"]}}};
    const Answer settled = post(member + "/settle", acks.dump());
    EXPECT_EQ(settled.status(), 200) << settled.body;
    EXPECT_EQ(settled.json()["refused"].size(), 0u);
    const Json second = take(member, 1);
    EXPECT_THAT(data_of(second), ElementsAre(R"({"n":2})"));
    EXPECT_EQ(settle(member, second[0], "ack").json()["refused"].size(), 0u);
    EXPECT_EQ(status("billing")["behind"], 0);
    EXPECT_EQ(status("billing")["handled"], 3);
    // Taken once; a second time it is over.
    const Json refused = settle(member, second[0], "ack").json()["refused"];
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_EQ(refused[0]["delivery"], second[0]["delivery"]);
    EXPECT_EQ(refused[0]["problem"]["code"], "delivery_over");
    EXPECT_EQ(refused[0]["problem"]["status"], 409);
}

TEST_F(GroupRoutesTest, EventsLookAsReadsGiveThem) {
    append("a-1", R"({"n":1.50})");
    create("billing");
    const std::string member = join("billing");
    const Answer plain = post(member + "/fetch?wait=20s&limit=1");
    EXPECT_THAT(plain.body, HasSubstr(R"("data":{"n":1.50})")) << "byte for byte";
    EXPECT_EQ(settle(member, plain.json()["deliveries"][0], "retry").status(), 200);
    const Answer cloud = ask(
        "POST", member + "/fetch?wait=20s", "", "Accept: application/cloudevents-batch+json\r\n"
    );
    EXPECT_EQ(cloud.json()["deliveries"][0]["attempt"], 2);
    EXPECT_EQ(cloud.json()["deliveries"][0]["event"]["specversion"], "1.0");
    EXPECT_EQ(cloud.json()["deliveries"][0]["event"]["subject"], "a-1");
}

TEST_F(GroupRoutesTest, AFetchWaitsForWhatComes) {
    create("billing");
    const std::string member = join("billing");
    auto waiting = std::async(std::launch::async, [&] {
        return post(member + "/fetch?wait=60s").json();
    });
    append("a-1", R"({"n":1})");
    EXPECT_THAT(data_of(waiting.get()["deliveries"]), ElementsAre(R"({"n":1})"));
    // And with nothing there it ends when the wait is over, asking for nothing any more.
    EXPECT_EQ(post(member + "/fetch?wait=20ms").json()["deliveries"].size(), 0u);
    append("b-1", R"({"n":2})");
    EXPECT_EQ(status("billing")["in_flight"], 1) << "what nobody fetches is given to nobody";
    EXPECT_THAT(data_of(take(member, 1)), ElementsAre(R"({"n":2})"));
}

TEST_F(GroupRoutesTest, ANewerFetchTakesTheTurnOfOneBefore) {
    create("billing");
    const std::string member = join("billing");
    const auto fetch = [&] { return post(member + "/fetch?wait=60s").json(); };
    auto one = std::async(std::launch::async, fetch);
    auto other = std::async(std::launch::async, fetch);
    const auto is_over = [](const std::future<Json>& asked) {
        return asked.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    // Whichever the group hears first; at once, not after a minute.
    EXPECT_TRUE(base::testing::comes_true([&] { return is_over(one) || is_over(other); }));
    const bool is_one_over = is_over(one);
    append("a-1", R"({"n":1})");
    EXPECT_EQ((is_one_over ? one : other).get()["deliveries"].size(), 0u);
    EXPECT_EQ((is_one_over ? other : one).get()["deliveries"].size(), 1u);
}

/// Its connections are on several lanes.
TEST_F(GroupRoutesTest, AMemberThatFetchesByManyConnectionsGetsEachEventOnce) {
    constexpr std::size_t kEvents = 60;
    create("billing");
    const std::string member = join("billing");
    std::mutex mutex;
    Texts got;
    std::atomic<bool> is_over = false;
    std::vector<std::future<void>> fetching;
    fetching.reserve(4);
    for (int i = 0; i < 4; ++i) {
        fetching.push_back(std::async(std::launch::async, [&] {
            while (!is_over) {
                const Json answer = post(member + "/fetch?wait=50ms").json();
                for (const Json& one : answer["deliveries"]) {
                    EXPECT_EQ(settle(member, one, "ack").status(), 200);
                    const std::lock_guard lock(mutex);
                    got.push_back(one["event"]["data"].dump());
                }
            }
        }));
    }
    Texts appended;
    for (std::size_t i = 0; i < kEvents; ++i) {
        appended.push_back(R"({"n":)" + std::to_string(i) + "}");
        append("a-" + std::to_string(i % 7), appended.back());
    }
    EXPECT_TRUE(base::testing::comes_true([&] {
        const std::lock_guard lock(mutex);
        return got.size() >= kEvents;
    }));
    is_over = true;
    for (std::future<void>& each : fetching) each.get();
    EXPECT_THAT(got, ::testing::UnorderedElementsAreArray(appended));
}

TEST_F(GroupRoutesTest, WhatHasNoConditionRefusesOneAndAnEmptyPutChangesNothing) {
    create("billing");
    const std::string condition = "If-Match: \"r99\"\r\n";
    const std::string why = R"({"reason":"x"})";
    const Answer deleted = ask("DELETE", "groups/billing?reason=x", "", condition);
    EXPECT_EQ(deleted.status(), 400);
    EXPECT_EQ(deleted.json()["fields"]["field"], "If-Match");
    EXPECT_EQ(ask("POST", "groups/billing/reset", why, kJson + condition).status(), 400);
    EXPECT_EQ(ask("PUT", "groups/billing", "", kJson).status(), 400);
    EXPECT_EQ(status("billing")["revision"], 0);
}

TEST_F(GroupRoutesTest, WhoLeavesGivesItsEventsToTheOthers) {
    append("a-1", R"({"n":1})");
    create("billing");
    const std::string first = join("billing", "first");
    const Json got = take(first, 1);
    const std::string second = join("billing", "second");
    EXPECT_EQ(ask("DELETE", first).status(), 204);
    const Json again = take(second, 1);
    EXPECT_EQ(again[0]["attempt"], 2);
    EXPECT_NE(again[0]["delivery"], got[0]["delivery"]);
    const Answer gone = settle(first, got[0], "ack");
    EXPECT_EQ(gone.status(), 409);
    EXPECT_EQ(gone.json()["code"], "member_gone");
    EXPECT_EQ(post(first + "/fetch").json()["code"], "member_gone");
    EXPECT_EQ(ask("DELETE", first).json()["code"], "member_gone");
}

TEST_F(GroupRoutesTest, LeavingEndsAFetchThatWaits) {
    create("billing");
    const std::string member = join("billing");
    auto waiting = std::async(std::launch::async, [&] { return post(member + "/fetch?wait=60s"); });
    EXPECT_TRUE(base::testing::comes_true([&] {
        return status("billing")["members"][0]["in_flight_max"] != 0;
    }));
    EXPECT_EQ(ask("DELETE", member).status(), 204);
    EXPECT_EQ(waiting.get().json()["code"], "member_gone");
}

TEST_F(GroupRoutesTest, AZombieIsRefusedAndItsKeysMove) {
    append("a-1", R"({"n":1})");
    create("billing", R"({"ack_deadline_ms":100})");
    const std::string zombie = join("billing", "zombie");
    const Json late = take(zombie, 1);
    const std::string other = join("billing", "other");
    const Json got = take(other, 1);  // once the deadline is over
    EXPECT_EQ(got[0]["attempt"], 2);
    EXPECT_EQ(
        settle(zombie, late[0], "ack").json()["refused"][0]["problem"]["code"], "delivery_over"
    );
}

TEST_F(GroupRoutesTest, WhoIsSilentIsGoneWhoWaitsIsNot) {
    create("billing", R"({"member_silence_ms":1000})");
    const std::string silent = join("billing", "silent");
    const std::string waits = join("billing", "waits");
    EXPECT_EQ(post(waits + "/fetch?wait=2500ms").status(), 200) << "longer than the silence";
    EXPECT_EQ(post(waits + "/settle").status(), 200);
    EXPECT_EQ(post(silent + "/settle").json()["code"], "member_gone");
}

TEST_F(GroupRoutesTest, RespectsTheMembersOwnBound) {
    for (int i = 0; i < 5; ++i) append("s-" + std::to_string(i), "{}");
    create("billing");
    const Answer joined = post("groups/billing/members", R"({"member":"m","in_flight_max":2})");
    const std::string member = "groups/billing/members/" + joined.json()["member"].dump();
    const Json got = take(member, 2);
    EXPECT_EQ(post(member + "/fetch?wait=20ms").json()["deliveries"].size(), 0u);
    EXPECT_EQ(settle(member, got[0], "ack").status(), 200);
    EXPECT_EQ(take(member, 1).size(), 1u);
}

TEST_F(GroupRoutesTest, AGroupTakesNoMoreMembersThanItMay) {
    create("billing", R"({"members_max":1})");
    join("billing");
    const Answer full = post("groups/billing/members", R"({"member":"second"})");
    EXPECT_EQ(full.status(), 429);
    EXPECT_EQ(full.json()["code"], "group_full");
    EXPECT_EQ(post("groups/none/members", R"({"member":"m"})").json()["code"], "group_not_found");
    EXPECT_EQ(post("groups/billing/members", "{}").status(), 400);
}

TEST_F(GroupRoutesTest, WhatIsParkedIsListedEditedRetriedSkippedAndPurged) {
    append("a-1", R"({"n":1})");
    append("a-1", R"({"n":2})");
    append("b-1", R"({"n":3})");
    create("billing");
    const std::string member = join("billing", "host-1");
    Json got = take(member, 2);
    EXPECT_EQ(settle(member, got[0], "park").json()["refused"].size(), 0u);
    EXPECT_EQ(settle(member, got[1], "park").json()["refused"].size(), 0u);
    const Answer page = ask("GET", "groups/billing/parked?limit=1");
    ASSERT_EQ(page.json()["parked"].size(), 1u) << page.body;
    EXPECT_EQ(page.json()["parked"][0]["position"], 1);
    EXPECT_EQ(page.json()["parked"][0]["error"], "it failed");
    EXPECT_EQ(page.json()["parked"][0]["member"], "host-1");
    EXPECT_EQ(page.json()["parked"][0]["queued"], 1);
    EXPECT_EQ(page.header("Link"), "</v1/groups/billing/parked?limit=1&after=1>; rel=\"next\"");
    EXPECT_EQ(ask("GET", "groups/billing/parked?after=1").json()["parked"][0]["position"], 3);

    const std::string parked = "groups/billing/parked/1";
    EXPECT_EQ(ask("PUT", parked, "{}", kJson).json()["fields"]["field"], "reason");
    const std::string lines = std::string(kJson) + "Actor: ann\r\n";
    const Answer edited = ask("PUT", parked + "?reason=typo", R"({"n":1.10})", lines);
    EXPECT_EQ(edited.status(), 204) << edited.body;
    const Answer shown = ask("GET", parked);
    EXPECT_EQ(shown.json()["parked"]["is_edited"], true);
    EXPECT_EQ(shown.json()["queued"], Json::array({2}));
    EXPECT_THAT(shown.body, HasSubstr(R"("data":{"n":1.10})"));

    EXPECT_EQ(post("groups/billing/parked/retry", R"({"positions":[1]})").json()["changed"], 1);
    got = take(member, 1);
    EXPECT_THAT(data_of(got), ElementsAre(R"({"n":1.1})"));
    EXPECT_EQ(settle(member, got[0], "ack").status(), 200);
    got = take(member, 1);
    EXPECT_THAT(data_of(got), ElementsAre(R"({"n":2})"));
    EXPECT_EQ(settle(member, got[0], "ack").status(), 200);

    EXPECT_EQ(post("groups/billing/parked/skip", R"({"positions":[3]})").status(), 400)
        << "a reason must be given";
    EXPECT_EQ(
        post("groups/billing/parked/purge", R"({"all":true,"reason":"test data"})")
            .json()["changed"],
        1
    );
    EXPECT_EQ(status("billing")["parked_events"], 0);
    const Answer missing = post("groups/billing/parked/retry", R"({"positions":[3]})");
    EXPECT_EQ(missing.status(), 404);
    EXPECT_EQ(missing.json()["code"], "parked_event_not_found");
    EXPECT_EQ(ask("GET", "groups/billing/parked/x").json()["fields"]["field"], "position");
}

TEST_F(GroupRoutesTest, ParkedEventsAreNamedOrAllAndNotBoth) {
    create("billing");
    const auto refused = [&](const std::string& body) {
        const Answer answer = post("groups/billing/parked/retry", body);
        EXPECT_EQ(answer.status(), 400) << answer.body;
        EXPECT_EQ(answer.json()["fields"]["field"], "positions");
        const Json fields = answer.json()["fields"];
        return fields["value"].get<std::string>() + ": " + fields["rule"].get<std::string>();
    };
    EXPECT_EQ(refused("{}"), ": name those of parked events, or say all");
    EXPECT_EQ(refused(R"({"positions":[7],"all":true})"), "7: leave them out beside all");
}

TEST_F(GroupRoutesTest, AMemberThatDoesNotFetchIsWaitedFor) {
    append("a-1", R"({"n":1})");
    create("billing");
    const std::string member = join("billing", "host-1");
    EXPECT_TRUE(base::testing::comes_true([&] {
        return status("billing")["waits_for"] == "members";
    })) << status("billing");
    (void)take(member, 1);
    EXPECT_EQ(status("billing")["waits_for"], "acknowledgements");
}

TEST_F(GroupRoutesTest, PausesResumesRewindsResetsAndDeletes) {
    append("a-1", R"({"n":1})");
    append("b-1", R"({"n":2})");
    create("billing");
    EXPECT_EQ(post("groups/billing/pause").json()["state"], "paused");
    EXPECT_EQ(post("groups/billing/resume", R"({"reason":"again"})").json()["state"], "running");
    const std::string member = join("billing");
    take(member, 2);
    EXPECT_EQ(post("groups/billing/rewind", R"({"to":2})").status(), 400) << "without a reason";
    const Answer rewound = post("groups/billing/rewind", R"({"to":2,"reason":"lost"})");
    EXPECT_EQ(rewound.status(), 200) << rewound.body;
    EXPECT_EQ(rewound.json()["checkpoint"], 1);
    EXPECT_EQ(rewound.json()["generation"], 2);
    EXPECT_EQ(post(member + "/fetch?wait=60s").json()["code"], "member_gone");
    EXPECT_THAT(data_of(take(join("billing"), 1)), ElementsAre(R"({"n":2})"));
    const Answer beyond = post("groups/billing/rewind", R"({"to":99,"reason":"lost"})");
    EXPECT_EQ(beyond.json()["code"], "token_beyond_end");
    EXPECT_EQ(post("groups/billing/reset", R"({"reason":"again"})").json()["checkpoint"], 0);
    EXPECT_EQ(ask("DELETE", "groups/billing").status(), 400) << "without a reason";
    EXPECT_EQ(ask("DELETE", "groups/billing?reason=old").status(), 200);
    EXPECT_EQ(ask("GET", "groups/billing").status(), 404);
}

TEST_F(GroupRoutesTest, ClosingEndsWhoWaits) {
    create("billing");
    const std::string member = join("billing");
    const auto fetch = [&] { return post(member + "/fetch?wait=60s"); };
    auto one = std::async(std::launch::async, fetch);
    auto other = std::async(std::launch::async, fetch);
    const auto is_answered = [](std::future<Answer>& answer) {
        return answer.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready;
    };
    // The later one ends the earlier one, and so is under way itself.
    while (!is_answered(one) && !is_answered(other)) {
    }
    auto& ended = is_answered(one) ? one : other;
    auto& waiting = &ended == &one ? other : one;
    EXPECT_EQ(ended.get().json()["deliveries"].size(), 0u);
    door_->close_store();
    EXPECT_EQ(waiting.get().json()["code"], "shutting_down");
    EXPECT_EQ(server_.groups().get({}, "billing").value().members.size(), 0u);
    EXPECT_EQ(post(member + "/fetch").json()["code"], "shutting_down");
}

TEST_F(GroupRoutesTest, SettlementsThatAreNoneNameTheField) {
    create("billing");
    const std::string member = join("billing");
    const auto refused = [&](const std::string& body) {
        const Answer answer = post(member + "/settle", body);
        EXPECT_EQ(answer.status(), 400) << answer.body;
        return answer.json()["fields"]["field"].get<std::string>();
    };
    EXPECT_EQ(refused(R"({"acks":[-1]})"), "acks");
    EXPECT_EQ(refused(R"({"settle":[{"delivery":1,"what":"ok"}]})"), "settle[0].what");
    EXPECT_EQ(refused(R"({"settle":[{"what":"ack"},7]})"), "settle[1]");
    EXPECT_EQ(refused(R"({"settle":[{"what":"ack","delay":7}]})"), "settle[0].delay");
    Json many;
    many["acks"] = std::vector<int>(4'097, 1);
    const Answer too_many = post(member + "/settle", many.dump());
    EXPECT_EQ(too_many.status(), 413);
    EXPECT_EQ(too_many.json()["fields"]["field"], "settle");
    EXPECT_EQ(post("groups/billing/members/x/settle", "{}").json()["fields"]["field"], "member");
}

}  // namespace
}  // namespace annals::http_door
