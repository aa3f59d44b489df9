// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/annals.hpp"

#include "sdk_test_support.hpp"

namespace annals {
namespace {

using testing::failure_of;
using testing::memory_store;
using testing::types_of;

/// What a group gives out, until so many deliveries were acknowledged. Each says its stream and
/// its data.
std::vector<std::string> work(const Group& group, std::size_t deliveries) {
    std::vector<std::string> given;
    std::stop_source stop;
    group.run(
        {.concurrency = 1},
        [&](const Delivery& delivery) {
            given.push_back(
                std::string(delivery.event.stream) + " " + std::string(delivery.event.data)
            );
            if (given.size() == deliveries) stop.request_stop();
        },
        stop.get_token()
    );
    return given;
}

/// A group over order-1 (events 1 and 3) and order-2 (event 2), which has parked the event 1.
class ParkingGroup : public ::testing::Test {
  protected:
    void SetUp() override {
        client_.append("order-1", {{.type = "T", .data = "1"}});
        client_.append("order-2", {{.type = "T", .data = "2"}});
        client_.append("order-1", {{.type = "T", .data = "3"}});
        group_.create({.select = {.categories = {"order"}}});
        std::stop_source stop;
        int settled = 0;
        group_.run(
            {.concurrency = 1},
            [&](const Delivery& delivery) {
                if (++settled == 2) stop.request_stop();
                if (delivery.event.data == "1") throw Park{"no good"};
            },
            stop.get_token()
        );
        const std::vector<ParkedEvent> parked = group_.parked();
        ASSERT_EQ(parked.size(), 1u);
        EXPECT_EQ(parked[0].position, Position(1));
        EXPECT_EQ(parked[0].key, "order-1");
        EXPECT_EQ(parked[0].error, "no good");
        EXPECT_FALSE(parked[0].is_edited);
    }

    const Client client_ = memory_store();
    const Group group_ = client_.group("mail");
};

TEST_F(ParkingGroup, DeliversAParkedEventAsItWasEdited) {
    group_.edit_parked(Position(1), R"("better")", "a typing error");
    EXPECT_TRUE(group_.parked()[0].is_edited);
    EXPECT_EQ(group_.retry_parked({Position(1)}), 1u);
    EXPECT_EQ(work(group_, 2), (std::vector<std::string>{"order-1 \"better\"", "order-1 3"}));
    EXPECT_TRUE(group_.parked().empty());
    EXPECT_EQ(
        failure_of([&] { group_.edit_parked(Position(2), "1", "why not"); }).code(),
        ErrorCode::kParkedEventNotFound
    );
}

TEST_F(ParkingGroup, GoesOnBehindASkippedEvent) {
    EXPECT_EQ(group_.skip_all_parked("never mind"), 1u);
    EXPECT_EQ(work(group_, 1), (std::vector<std::string>{"order-1 3"}));
}

TEST_F(ParkingGroup, LeavesOutWhatWaitsBehindAPurgedEvent) {
    EXPECT_EQ(group_.purge_parked({Position(1)}, "all of it"), 1u);
    client_.append("order-1", {{.type = "T", .data = "4"}});
    EXPECT_EQ(work(group_, 1), (std::vector<std::string>{"order-1 4"}));
}

TEST_F(ParkingGroup, ChangesNothingWhereNoEventIsNamed) {
    for (const Failure& failure : {
             failure_of([&] { group_.retry_parked({}); }),
             failure_of([&] { group_.skip_parked({}, "none was found"); }),
             failure_of([&] { group_.purge_parked({}, "none was found"); }),
         }) {
        EXPECT_EQ(failure.code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(failure.field("field"), "positions");
    }
    EXPECT_EQ(group_.parked().size(), 1u);
    EXPECT_EQ(group_.purge_all_parked("test data"), 1u);
    EXPECT_TRUE(group_.parked().empty());
}

TEST(Group, RewindsToAPlaceAndBackToTheStart) {
    const Client client = memory_store();
    client.append("a-1", {{.type = "T", .data = "1"}, {.type = "T", .data = "2"}});
    const Group group = client.group("mail");
    group.create();
    EXPECT_EQ(work(group, 2).size(), 2u);
    group.rewind(Position(1), "again");
    EXPECT_EQ(work(group, 1), (std::vector<std::string>{"a-1 2"}));
    group.rewind(Position(), "all again");
    EXPECT_EQ(work(group, 2), (std::vector<std::string>{"a-1 1", "a-1 2"}));
}

TEST(Group, TakesOtherSettings) {
    const Client client = memory_store();
    client.append("a-1", {{.type = "A"}});
    client.append("b-1", {{.type = "B", .data = "2"}});
    const Group group = client.group("mail");
    group.create({.select = {.categories = {"a"}}});
    EXPECT_EQ(failure_of([&] { group.create(); }).code(), ErrorCode::kGroupExists);
    group.update({.select = {.categories = {"b"}}}, "the other ones");
    EXPECT_EQ(work(group, 1), (std::vector<std::string>{"b-1 2"}));
}

TEST(Group, IsListedWithItsMembers) {
    const Client client = memory_store();
    for (const char* name : {"mail", "bills", "bank"}) client.group(name).create();
    client.append("a-1", {{.type = "T"}});
    Member member = client.group("bank").join("worker");
    ASSERT_TRUE(member.next());
    const std::vector<GroupStatus> groups = testing::all_of(client.groups("b"));
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].group, "bank");
    EXPECT_EQ(groups[0].member_names, (std::vector<std::string>{"worker"}));
    EXPECT_EQ(groups[0].in_flight, 1u);
    EXPECT_EQ(groups[1].group, "bills");
}

/// Keys of tracking of the four events of TrackedDelivery in a group of these settings, by
/// position.
std::vector<std::string> tracking_keys(const GroupSettings& settings) {
    const Client client = memory_store();
    const auto tagged = [](const char* stream, const std::string& customer) {
        return NewEvent{
            .type = "T",
            .tags = {"customers:1", "customer:" + customer},
            .stream = stream,
            .correlation_id = "c" + customer
        };
    };
    client.append(
        "",
        {tagged("order-1", "7"),
         tagged("order-2", "7"),
         tagged("order-1", "8"),
         {.type = "T", .stream = "order-3"}}
    );
    const Group group = client.group("bills");
    group.create(settings);
    Member member = group.join();
    std::vector<std::string> keys(4);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::optional<Delivery> delivery = member.next();
        keys[delivery->event.position.value - 1] = delivery->tracking().key;
        delivery->ack();
    }
    return keys;
}

TEST(Delivery, IsTrackedByWhatTheGroupIsKeyedBy) {
    using Keys = std::vector<std::string>;
    EXPECT_EQ(tracking_keys({}), (Keys{"order-1", "order-2", "order-1", "order-3"}));
    EXPECT_EQ(
        tracking_keys({.key = "tag:customer"}),
        (Keys{"tag:customer:7", "tag:customer:7", "tag:customer:8", "stream:order-3"})
    );
    EXPECT_EQ(
        tracking_keys({.key = "correlation"}),
        (Keys{"correlation:c7", "correlation:c7", "correlation:c8", "stream:order-3"})
    );
}

TEST(Delivery, IsTrackedByItselfWhereKeysHaveNoOrder) {
    const std::vector<std::string> each = {"position:1", "position:2", "position:3", "position:4"};
    EXPECT_EQ(tracking_keys({.key = "field:/customer"}), each);
    EXPECT_EQ(tracking_keys({.key = "tag:customer", .key_in_flight_max = 2}), each);
    EXPECT_EQ(tracking_keys({.strategy = "round_robin", .key = "tag:customer"}), each);
}

TEST(Delivery, OfAnEarlierEventOfTheStreamIsStoredBehindThatOfAnotherKey) {
    const Client client = memory_store();
    client.append(
        "order-1", {{.type = "T", .tags = {"customer:7"}}, {.type = "T", .tags = {"customer:8"}}}
    );
    const Group group = client.group("bills");
    group.create({.select = {.categories = {"order"}}, .key = "tag:customer"});
    Member member = group.join();
    const std::optional<Delivery> first = member.next();
    const std::optional<Delivery> second = member.next();
    ASSERT_TRUE(first && second);
    for (const Delivery* delivery : {&*second, &*first}) {
        client.append("bill-1", {{.type = "Billed"}}, {.tracking = delivery->tracking()});
    }
    EXPECT_EQ(types_of(client, "bill-1").size(), 2u);
}

TEST(Member, JoinsAgainWhenTheOrderOfKeysEnds) {
    const Client client = memory_store();
    client.append("order-1", {{.type = "T"}});
    const Group group = client.group("bills");
    group.create();
    Member member = group.join();
    const std::optional<Delivery> before = member.next();
    ASSERT_TRUE(before);
    EXPECT_EQ(before->tracking().key, "order-1");
    group.update({.member_in_flight_max = 3}, "a number that nobody tracks by");
    before->extend();
    group.update({.key_in_flight_max = 4}, "order does not matter");
    const std::optional<Delivery> after = member.next();
    ASSERT_TRUE(after);
    EXPECT_EQ(after->tracking().key, "position:1");
    EXPECT_EQ(member.rejoins(), 1u);
}

TEST(Delivery, IsTrackedByItsStream) {
    const Client client = memory_store();
    client.append("order-1", {{.type = "T"}});
    const Group group = client.group("mail");
    group.create();
    Member member = group.join();
    const std::optional<Delivery> delivery = member.next();
    ASSERT_TRUE(delivery);
    const Tracking tracking = delivery->tracking();
    EXPECT_EQ(tracking.source, "default");
    EXPECT_EQ(tracking.consumer, "mail");
    EXPECT_EQ(tracking.key, "order-1");
    EXPECT_EQ(tracking.position, Position(1));
    client.append("sent-1", {{.type = "Sent"}}, {.tracking = tracking});
    EXPECT_EQ(
        failure_of([&] {
            client.append("sent-1", {{.type = "Sent"}, {.type = "More"}}, {.tracking = tracking});
        }).code(),
        ErrorCode::kAlreadyTracked
    );
}

}  // namespace
}  // namespace annals
