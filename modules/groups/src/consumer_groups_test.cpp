// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What a restart of the server leaves of groups, and what the system log says of them.
#include "annals/groups/consumer_groups.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/clock.hpp"
#include "annals/base/testing/comes_true.hpp"
#include "annals/groups/testing/server.hpp"

namespace annals::groups {
namespace {

using base::testing::comes_true;

class ConsumerGroupsRestart : public ::testing::Test {
  protected:
    void append(const std::string& stream, const std::string& data) {
        model::NewEvent event;
        event.stream = stream;
        event.type = "happened";
        event.data = data;
        event.content_type = "text/plain";
        model::AppendRequest request;
        request.events.push_back(event);
        ASSERT_TRUE(server_.events().append_and_wait({}, request));
    }
    void create(const api::GroupSettings& settings = {}) {
        const auto created = server_.groups().create({}, {"orders", settings, "ann"});
        ASSERT_TRUE(created) << created.error().to_string();
    }
    std::unique_ptr<api::GroupMembership> join() {
        auto joined = server_.groups().join({}, {"orders", "m", 0, false});
        EXPECT_TRUE(joined) << (joined ? "" : joined.error().to_string());
        return joined ? std::move(*joined) : nullptr;
    }
    /// The data of what came, each settled so.
    std::vector<std::string> work(
        api::GroupMembership& member, std::size_t count, api::Settling what = api::Settling::kAck
    ) {
        std::vector<std::string> texts;
        while (texts.size() < count) {
            api::GroupDeliveries deliveries;
            const auto has_some = member.next(
                deliveries, system_clock().monotonic_ns() + 60'000'000'000
            );
            EXPECT_TRUE(has_some && *has_some) << "no delivery came in time";
            if (!has_some || !*has_some) break;
            std::vector<api::Settlement> settled;
            settled.reserve(deliveries.deliveries.size());
            for (const auto delivery : deliveries.deliveries)
                settled.push_back({delivery, what, "it failed", {}});
            const Status read = deliveries.events.for_each([&](const model::RecordedEvent& event) {
                texts.emplace_back(event.data);
                return ok();
            });
            EXPECT_TRUE(read);
            const auto refused = member.settle(settled);
            EXPECT_TRUE(refused && refused->empty());
        }
        return texts;
    }
    /// Type and actor of the events of a stream of the system log.
    std::vector<std::string> system_events(const std::string& stream) {
        std::vector<std::string> list;
        const auto system = server_.events().system_log("default");
        EXPECT_TRUE(system);
        log::LogReader reader = (*system)->log().reader();
        const std::uint64_t end = (*system)->visible_end().get().value;
        for (std::uint64_t at = 1; at <= end; ++at) {
            const auto stored = reader.at(Position(at));
            model::RecordedEvent event;
            EXPECT_TRUE(stored && model::decode_event_fields(stored->envelope, event));
            if (event.stream == stream) {
                list.push_back(std::string(event.type) + " " + std::string(event.actor));
            }
        }
        return list;
    }

    /// Parks the event that is there; where it lies.
    Position park() {
        const auto member = join();
        work(*member, 1, api::Settling::kPark);
        const auto list = server_.groups().list_parked({}, {"orders", Position(0), 10});
        EXPECT_TRUE(list && list->parked.size() == 1);
        return list && !list->parked.empty() ? list->parked[0].at : Position(0);
    }
    /// As a scavenge removes an event; `folds`: as one does after the cut, when its id goes, too.
    void remove(Position at, bool folds) {
        const auto events = server_.events().events_log("default");
        ASSERT_TRUE(events);
        ASSERT_TRUE((*events)->seal_segments());
        log::ScavengeRequest request;
        request.is_removable = [at](const log::StoredEvent& event) -> Result<bool> {
            return event.position == at;
        };
        if (folds) request.is_foldable = request.is_removable;
        std::uint64_t removed = 0;
        for (const log::SealedSegment& segment : (*events)->log().sealed_segments()) {
            const auto done = (*events)->scavenge_segment(segment.first, request);
            ASSERT_TRUE(done) << done.error().to_string();
            removed += folds ? done->folded_events : done->removed_events;
        }
        ASSERT_EQ(removed, 1u);
    }
    Status edit(Position at, const std::string& content_type = "") {
        api::EditParkedRequest request;
        request.group = "orders";
        request.at = at;
        request.data = "mended";
        request.content_type = content_type;
        request.reason = "a typing error";
        return server_.groups().edit_parked({}, request);
    }
    /// "<stream> <type> <content type> <data>" of the one event that is retried.
    std::string retried() {
        api::ChangeParkedRequest retry;
        retry.group = "orders";
        retry.all = true;
        EXPECT_TRUE(server_.groups().change_parked({}, retry));
        const auto member = join();
        api::GroupDeliveries deliveries;
        const auto has_some = member->next(
            deliveries, system_clock().monotonic_ns() + 60'000'000'000
        );
        EXPECT_TRUE(has_some && *has_some) << "no delivery came in time";
        std::string text;
        EXPECT_TRUE(deliveries.events.for_each([&](const model::RecordedEvent& event) {
            EXPECT_FALSE(event.id.is_nil());
            for (const std::string_view part :
                 {event.stream, event.type, event.content_type, event.data}) {
                text += (text.empty() ? "" : " ") + std::string(part);
            }
            return ok();
        }));
        for (const auto delivery : deliveries.deliveries) {
            EXPECT_TRUE(member->settle({{delivery, api::Settling::kAck}}));
        }
        return text;
    }

    using Texts = std::vector<std::string>;
    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    testing::Server server_{*files_};
};

TEST_F(ConsumerGroupsRestart, AGroupGoesOnBehindWhatWasAcknowledged) {
    create();
    append("a", "a1");
    append("b", "b1");
    auto member = join();
    EXPECT_EQ(work(*member, 2), (Texts{"a1", "b1"}));
    member.reset();
    server_.reopen();
    append("c", "c1");
    member = join();
    EXPECT_EQ(work(*member, 1), (Texts{"c1"}));
}

TEST_F(ConsumerGroupsRestart, WhatIsParkedStaysParkedAndGoesOnInOrder) {
    create();
    append("a", "a1");
    auto member = join();
    work(*member, 1, api::Settling::kPark);
    append("a", "a2");
    append("b", "b1");
    EXPECT_EQ(work(*member, 1), (Texts{"b1"}));
    member.reset();
    server_.reopen();
    append("a", "a3");
    append("b", "b2");
    member = join();
    EXPECT_EQ(work(*member, 1), (Texts{"b2"}));
    const auto parked = server_.groups().list_parked({}, {"orders", Position(0), 10});
    ASSERT_TRUE(parked);
    ASSERT_EQ(parked->parked.size(), 1u);
    EXPECT_EQ(parked->parked[0].queued, 2u);
    EXPECT_EQ(parked->parked[0].member, "m");
    api::ChangeParkedRequest retry;
    retry.group = "orders";
    retry.all = true;
    ASSERT_TRUE(server_.groups().change_parked({}, retry));
    EXPECT_EQ(work(*member, 3), (Texts{"a1", "a2", "a3"}));
    member.reset();
    server_.reopen();
    const auto status = server_.groups().get({}, "orders");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->parked_events, 0u);
}

TEST_F(ConsumerGroupsRestart, AnEditIsDeliveredThoughItsEventWasRemovedBefore) {
    create();
    append("a", "a1");
    const Position at = park();
    remove(at, false);
    ASSERT_TRUE(edit(at, "text/html"));
    server_.reopen();
    EXPECT_EQ(retried(), "a happened text/html mended");
}

TEST_F(ConsumerGroupsRestart, AnEditIsDeliveredThoughItsEventIsRemovedAfterwards) {
    create();
    append("a", "a1");
    const Position at = park();
    ASSERT_TRUE(edit(at));
    server_.reopen();
    remove(at, false);
    ASSERT_TRUE(edit(at)) << "again, and as it was";
    remove(at, true);
    ASSERT_TRUE(edit(at)) << "the edit before knows what the log does not";
    EXPECT_EQ(retried(), "a happened text/plain mended");
}

TEST_F(ConsumerGroupsRestart, AnEditOfWhatIsGoneToItsIdIsRefused) {
    create();
    append("a", "a1");
    const Position at = park();
    remove(at, true);
    const Status refused = edit(at);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kPositionRemoved);
    EXPECT_EQ(refused.error().field("position"), std::to_string(at.value));
    const auto list = server_.groups().list_parked({}, {"orders", Position(0), 10});
    ASSERT_TRUE(list);
    ASSERT_EQ(list->parked.size(), 1u);
    EXPECT_FALSE(list->parked[0].is_edited);
}

TEST_F(ConsumerGroupsRestart, WhatCannotBeReadIsNotStored) {
    api::GroupSettings bad;
    bad.filter.type_pattern = "(";
    const auto refused = server_.groups().create({}, {"orders", bad, "ann"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(server_.groups().get({}, "orders").error().code(), ErrorCode::kGroupNotFound);
    create();
    const auto kept = server_.groups().update({}, {"orders", bad, "", "ann", {}});
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code(), ErrorCode::kInvalidArgument);
    const auto status = server_.groups().get({}, "orders");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->state, api::GroupState::kRunning);
    EXPECT_EQ(status->revision, Revision(0));
}

/// A pattern that takes too many steps is found out when events are read.
TEST_F(ConsumerGroupsRestart, OtherSettingsLeadOutOfAFailure) {
    append("long-" + std::string(200, 'a') + "!", "a1");
    api::GroupSettings slow;
    slow.filter.stream_pattern = "^long-(a+)+$";
    ASSERT_TRUE(server_.groups().create({}, {"orders", slow, "ann"}));
    ASSERT_TRUE(comes_true([&] {
        const auto status = server_.groups().get({}, "orders");
        return status && status->state == api::GroupState::kFailed;
    }));
    const auto mended = server_.groups().update({}, {"orders", {}, "too slow", "ann", {}});
    ASSERT_TRUE(mended) << mended.error().to_string();
    EXPECT_EQ(mended->state, api::GroupState::kRunning);
    auto member = join();
    EXPECT_EQ(work(*member, 1), (Texts{"a1"}));
}

TEST_F(ConsumerGroupsRestart, WhatIsParkedKeepsItsKeyAndWhatIsRetriedStallsAudibly) {
    api::GroupSettings settings;
    settings.stalled_after_ms = 1'000;
    create(settings);
    append("a", "a1");
    auto member = join();
    work(*member, 1, api::Settling::kPark);
    member.reset();
    api::GroupSettings by_tag = settings;
    by_tag.key = {api::GroupKeyKind::kTag, "customer"};
    const auto refused = server_.groups().update({}, {"orders", by_tag, "", "ann", {}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kGroupState);
    EXPECT_EQ(refused.error().field("parked_events"), "1");
    EXPECT_EQ(server_.groups().get({}, "orders")->waits_for, "") << "somebody decided to park it";
    api::ChangeParkedRequest retry;
    retry.group = "orders";
    retry.all = true;
    ASSERT_TRUE(server_.groups().change_parked({}, retry));
    ASSERT_TRUE(comes_true([&] {
        const auto status = server_.groups().get({}, "orders");
        return status && status->waits_for == "members" && status->stalled_for_seconds > 0;
    }));
    member = join();
    EXPECT_EQ(work(*member, 1), (Texts{"a1"}));
    ASSERT_TRUE(comes_true([&] {
        return bool(server_.groups().update({}, {"orders", by_tag, "", "ann", {}}));
    }));
}

TEST_F(ConsumerGroupsRestart, AnEditOutlivesTheServer) {
    create();
    append("a", "a1");
    auto member = join();
    work(*member, 1, api::Settling::kPark);
    api::EditParkedRequest edit;
    edit.group = "orders";
    edit.at = Position(1);
    edit.data = "mended";
    edit.reason = "wrong";
    edit.actor = "bob";
    ASSERT_TRUE(server_.groups().edit_parked({}, edit));
    member.reset();
    server_.reopen();
    member = join();
    api::ChangeParkedRequest retry;
    retry.group = "orders";
    retry.positions = {Position(1)};
    retry.actor = "bob";
    ASSERT_TRUE(server_.groups().change_parked({}, retry));
    EXPECT_EQ(work(*member, 1), (Texts{"mended"}));
    const auto journal = system_events("$group.parked-orders");
    ASSERT_GE(journal.size(), 3u);
    EXPECT_EQ(journal[0], "$event-parked ");
    EXPECT_EQ(journal[1], "$parked-edited bob");
    EXPECT_EQ(journal[2], "$parked-retried bob");
}

TEST_F(ConsumerGroupsRestart, PausesAndGenerationsOutliveTheServer) {
    create();
    append("a", "a1");
    const auto control = [&](api::GroupCommand command) {
        const auto done = server_.groups().control({}, {"orders", command, {}, "why", "bob"});
        ASSERT_TRUE(done) << done.error().to_string();
    };
    auto member = join();
    work(*member, 1);
    control(api::GroupCommand::kRewind);
    control(api::GroupCommand::kPause);
    member.reset();
    server_.reopen();
    const auto status = server_.groups().get({}, "orders");
    ASSERT_TRUE(status);
    EXPECT_EQ(status->state, api::GroupState::kPaused);
    EXPECT_EQ(status->generation, 2u);
    EXPECT_EQ(status->checkpoint, Position(0));
    control(api::GroupCommand::kResume);
    member = join();
    EXPECT_EQ(work(*member, 1), (Texts{"a1"}));
    EXPECT_EQ(
        system_events("$group-orders"),
        (Texts{
            "$group-created ann", "$group-rewound bob", "$group-paused bob", "$group-resumed bob"
        })
    );
}

TEST_F(ConsumerGroupsRestart, APollingMemberGetsWhatItAsksFor) {
    create();
    append("a", "a1");
    append("b", "b1");
    append("c", "c1");
    auto joined = server_.groups().join({}, {"orders", "poller", 0, true});
    ASSERT_TRUE(joined);
    api::GroupDeliveries deliveries;
    const std::int64_t until = system_clock().monotonic_ns() + 60'000'000'000;
    auto has_some = (*joined)->next(deliveries, until, 2);
    ASSERT_TRUE(has_some && *has_some);
    EXPECT_LE(deliveries.deliveries.size(), 2u);
}

TEST_F(ConsumerGroupsRestart, ALagObjectiveIsNamedWhileItIsMissed) {
    api::GroupSettings settings;
    settings.ready_lag_seconds = 1;
    settings.start = api::FromPosition{Position(1)};
    create(settings);
    EXPECT_FALSE(server_.groups().late_group());
    append("a", "a1");
    EXPECT_TRUE(comes_true([&] { return server_.groups().late_group().has_value(); }));
    const auto late = server_.groups().late_group();
    ASSERT_TRUE(late);
    EXPECT_NE(late->find("default/orders"), std::string::npos);
    EXPECT_NE(late->find("members"), std::string::npos);
    const auto member = join();
    work(*member, 1);
    EXPECT_FALSE(server_.groups().late_group());
}

TEST_F(ConsumerGroupsRestart, AGroupWhoseLogIsGoneHasFailedAndSaysSo) {
    api::GroupSettings settings;
    settings.ready_lag_seconds = 1;
    settings.start = api::FromPosition{Position(1)};
    create(settings);
    append("a", "a1");
    const auto member = join();
    work(*member, 1);
    ASSERT_TRUE(comes_true([&] { return server_.groups().get({}, "orders")->checkpoint.value == 1; }
    ));
    EXPECT_FALSE(server_.groups().late_group());
    server_.close();
    const auto folders = files_->list("data/namespaces");
    ASSERT_TRUE(folders);
    for (const std::string& folder : *folders) {
        if (!folder.starts_with("default")) continue;
        const std::string events = "data/namespaces/" + folder + "/events";
        ASSERT_TRUE(files_->remove_all(events));
        ASSERT_TRUE(files_->create_directories(events));
    }
    server_.open();
    ASSERT_TRUE(comes_true([&] {
        const auto status = server_.groups().get({}, "orders");
        return status && status->state == api::GroupState::kFailed &&
               status->stalled_for_seconds > 0;
    }));
    const auto status = server_.groups().get({}, "orders");
    EXPECT_FALSE(status->is_behind_exact) << "nobody knows what is behind";
    EXPECT_NE(status->last_error, "");
    const auto late = server_.groups().late_group();
    ASSERT_TRUE(late);
    EXPECT_NE(late->find("default/orders has failed: "), std::string::npos) << *late;
}

TEST_F(ConsumerGroupsRestart, AllThatMatchesIsCountedHoweverFarBehind) {
    constexpr std::uint64_t kEvents = 30'000;
    constexpr std::uint64_t kBatch = 1'000;
    for (std::uint64_t done = 0; done < kEvents; done += kBatch) {
        model::AppendRequest request;
        for (std::uint64_t i = 0; i < kBatch; ++i) {
            for (const char* stream : {"a-1", "b-1"}) {
                model::NewEvent event;
                event.stream = stream;
                event.type = "happened";
                request.events.push_back(event);
            }
        }
        ASSERT_TRUE(server_.events().append_and_wait({}, request));
    }
    api::GroupSettings settings;
    settings.filter.categories = {"a"};
    settings.start = api::FromPosition{Position(1)};
    create(settings);
    const auto status = [&] { return *server_.groups().get({}, "orders"); };
    ASSERT_TRUE(comes_true([&] { return status().is_behind_exact; }));
    EXPECT_EQ(status().behind, kEvents);
    EXPECT_FALSE(status().seconds_to_catch_up) << "there is no rate to go by";
    const auto member = join();
    const std::size_t handled = work(*member, 5'000).size();
    ASSERT_TRUE(comes_true([&] {
        const auto now = status();
        return now.is_behind_exact && now.behind == kEvents - handled;
    })) << status().behind;
    EXPECT_TRUE(status().seconds_to_catch_up);
    model::AppendRequest more;
    for (const char* stream : {"a-2", "a-3", "b-2"}) {
        model::NewEvent event;
        event.stream = stream;
        event.type = "happened";
        more.events.push_back(event);
    }
    ASSERT_TRUE(server_.events().append_and_wait({}, more));
    ASSERT_TRUE(comes_true([&] { return status().behind == kEvents - handled + 2; }))
        << status().behind;
    EXPECT_TRUE(status().is_behind_exact);
}

TEST_F(ConsumerGroupsRestart, GroupsOfAllNamespacesRunFromTheStartWithoutACall) {
    api::CallContext tenant;
    tenant.name_space = "tenant";
    ASSERT_TRUE(server_.events().create_namespace({}, "tenant"));
    ASSERT_TRUE(server_.events().create_namespace({}, "without"));
    api::GroupSettings settings;
    settings.ready_lag_seconds = 1;
    ASSERT_TRUE(server_.groups().create(tenant, {"late", settings, ""}));
    model::NewEvent event;
    event.stream = "a";
    event.type = "happened";
    model::AppendRequest request;
    request.events.push_back(event);
    ASSERT_TRUE(server_.events().append_and_wait(tenant, request));
    server_.reopen();
    EXPECT_TRUE(comes_true([&] { return server_.groups().late_group().has_value(); }));
    EXPECT_EQ(server_.groups().late_group().value_or("").find("consumer group tenant/late"), 0u);
    const auto gauges = server_.groups().gauges();
    ASSERT_EQ(gauges.size(), 1u);
    EXPECT_EQ(gauges[0].name_space, "tenant");
    // One that has no groups is not opened, and gets no system log by being looked at.
    for (const auto& open : server_.events().status()) EXPECT_NE(open.name, "without");
    EXPECT_EQ(*server_.events().with_system_log(), std::vector<std::string>{"tenant"});
}

TEST_F(ConsumerGroupsRestart, ARestartGivesAnEventAllItsAttemptsAgain) {
    api::GroupSettings settings;
    settings.retry_base_ms = 1;
    settings.retry_max_ms = 1;
    settings.attempts_max = 2;
    create(settings);
    append("a", "a1");
    const auto fail_once = [&](api::GroupMembership& member, std::uint32_t attempt) {
        api::GroupDeliveries deliveries;
        const auto has_some = member.next(
            deliveries, system_clock().monotonic_ns() + 60'000'000'000
        );
        ASSERT_TRUE(has_some && *has_some);
        EXPECT_EQ(deliveries.attempts, std::vector<std::uint32_t>{attempt});
        EXPECT_TRUE(member.settle({{deliveries.deliveries[0], api::Settling::kRetry}}));
    };
    {
        const auto member = join();
        fail_once(*member, 1);
    }
    server_.reopen();
    const auto parked = [&] {
        const auto status = server_.groups().get({}, "orders");
        return status ? status->parked_keys : 99;
    };
    auto member = join();
    fail_once(*member, 1);
    EXPECT_EQ(parked(), 0u);
    fail_once(*member, 2);
    EXPECT_EQ(parked(), 1u);
    // What is parked keeps its count.
    member.reset();
    server_.reopen();
    const auto list = server_.groups().list_parked({}, {"orders", Position(0), 10});
    ASSERT_TRUE(list && list->parked.size() == 1);
    EXPECT_EQ(list->parked[0].attempts, 2u);
}

TEST_F(ConsumerGroupsRestart, WhatWentWrongLastIsStillKnown) {
    api::GroupSettings settings;
    settings.retry_base_ms = 60'000;
    settings.retry_max_ms = 60'000;
    create(settings);
    append("a", "a1");
    {
        const auto member = join();
        work(*member, 1, api::Settling::kRetry);
    }
    const auto before = server_.groups().get({}, "orders");
    ASSERT_TRUE(before);
    EXPECT_NE(before->last_error.find("position 1: it failed"), std::string::npos);
    for (int restart = 1; restart <= 2; ++restart) {
        server_.reopen();
        const auto after = server_.groups().get({}, "orders");
        ASSERT_TRUE(after);
        EXPECT_EQ(after->last_error, before->last_error) << restart;
        EXPECT_EQ(after->last_error_time, before->last_error_time) << restart;
    }
    // A reset begins without it.
    const auto reset = server_.groups().control(
        {}, {"orders", api::GroupCommand::kReset, {}, "why", "ann"}
    );
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->last_error, "");
    server_.reopen();
    const auto anew = server_.groups().get({}, "orders");
    ASSERT_TRUE(anew);
    EXPECT_EQ(anew->last_error, "");
}

}  // namespace
}  // namespace annals::groups
