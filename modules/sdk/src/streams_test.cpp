// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/annals.hpp"

#include "sdk_test_support.hpp"

namespace annals {
namespace {

using testing::all_of;
using testing::failure_of;
using testing::memory_store;
using testing::types_of;

TEST(StreamInfo, CountsWhatIsShown) {
    const Client client = memory_store();
    client.append("order-1", {{.type = "A"}, {.type = "B"}, {.type = "C"}});
    client.truncate_stream("order-1", Revision(1));
    const StreamInfo info = client.stream_info("order-1");
    EXPECT_EQ(info.events, 2u);
    EXPECT_EQ(info.first_revision, Revision(1));
    EXPECT_EQ(info.last_revision, Revision(2));
    EXPECT_EQ(types_of(client, "order-1"), (std::vector<std::string>{"B", "C"}));
    EXPECT_EQ(
        failure_of([&] { (void)client.stream_info("order-2"); }).code(), ErrorCode::kStreamNotFound
    );
}

TEST(Select, ChoosesWithinAStreamAndByRecordedTime) {
    const Client client = memory_store();
    client.append("order-1", {{.type = "A"}, {.type = "B"}, {.type = "A"}});
    client.append("order-1", {{.type = "A"}});
    const auto read = [&](Select select) {
        std::vector<std::uint64_t> positions;
        for (const Event& event : client.read(std::move(select))) {
            positions.push_back(event.position.value);
        }
        return positions;
    };
    using Positions = std::vector<std::uint64_t>;
    EXPECT_EQ(read({.stream = "order-1", .types = {"A"}}), (Positions{1, 3, 4}));
    TimeNs last;
    for (const Event& event : client.read({})) last = event.recorded_time;
    EXPECT_EQ(read({.recorded_since = last}), Positions{4});
    EXPECT_EQ(
        read({.stream = "order-1", .types = {"A"}, .recorded_until = last}), (Positions{1, 3})
    );
    EXPECT_EQ(
        failure_of([&] { read({.stream = "order-1", .categories = {"order"}}); }).code(),
        ErrorCode::kInvalidArgument
    );
}

TEST(Names, ComePageAfterPage) {
    const Client client = memory_store();
    constexpr int kStreams = 2'001;  // two pages and one
    std::vector<NewEvent> events;
    events.reserve(kStreams);
    for (int i = 0; i < kStreams; ++i) {
        events.push_back({.type = i % 2 == 0 ? "Even" : "Odd", .stream = "s-" + std::to_string(i)});
    }
    client.append("", std::move(events));
    client.append("other-1", {{.type = "Other"}});
    EXPECT_EQ(all_of(client.streams("s-")).size(), static_cast<std::size_t>(kStreams));
    EXPECT_EQ(all_of(client.categories()), (std::vector<std::string>{"other", "s"}));
    EXPECT_EQ(all_of(client.types("O")), (std::vector<std::string>{"Odd", "Other"}));
    EXPECT_TRUE(all_of(client.streams("none")).empty());
}

TEST(DeleteStream, HidesWhatWasAndLetsItBeginAnew) {
    const Client client = memory_store();
    client.append("order-1", {{.type = "A"}});
    EXPECT_EQ(
        failure_of([&] { client.delete_stream("order-1", at(Revision(7))); }).code(),
        ErrorCode::kConflict
    );
    client.delete_stream("order-1", at(Revision(0)));
    EXPECT_TRUE(client.stream_metadata("order-1").is_deleted);
    client.append("order-1", {{.type = "B"}}, {.expected = kNoStream});
    EXPECT_EQ(types_of(client, "order-1"), (std::vector<std::string>{"B"}));
    EXPECT_EQ(testing::event_of(client, "order-1").revision, Revision(1));
}

TEST(TombstoneStream, IsForEver) {
    const Client client = memory_store();
    client.append("order-1", {{.type = "A"}});
    client.tombstone_stream("order-1");
    const Failure failure = failure_of([&] { client.append("order-1", {{.type = "B"}}); });
    EXPECT_EQ(failure.code(), ErrorCode::kStreamDeleted);
}

TEST(StreamMetadata, IsWhatWasWrittenAndWhatHolds) {
    const Client client = memory_store();
    EXPECT_FALSE(client.stream_metadata("order-1").revision);
    client.set_category_metadata("order", {.max_age = std::chrono::hours(1), .max_count = 5});
    client.set_stream_metadata(
        "order-1", {.max_count = 2, .custom = R"({"owner":"sales"})"}, kNoStream
    );
    const StreamMetadataInfo info = client.stream_metadata("order-1");
    EXPECT_EQ(info.written.max_count, 2u);
    EXPECT_FALSE(info.written.max_age);
    EXPECT_EQ(info.written.custom, R"({"owner":"sales"})");
    EXPECT_EQ(info.effective.max_count, 2u);
    EXPECT_EQ(info.effective.max_age, std::chrono::hours(1));
    ASSERT_TRUE(info.revision);
    EXPECT_EQ(client.category_metadata("order").written.max_count, 5u);
    EXPECT_EQ(
        failure_of([&] { client.set_stream_metadata("order-1", {}, kNoStream); }).code(),
        ErrorCode::kConflict
    );
    client.set_stream_metadata("order-1", {}, at(*info.revision));
    EXPECT_EQ(client.stream_metadata("order-1").written, StreamMetadata());
}

TEST(StreamMetadata, RefusesAnAgeBelowASecond) {
    const Client client = memory_store();
    const Failure failure = failure_of([&] {
        client.set_stream_metadata("order-1", {.max_age = std::chrono::seconds(0)});
    });
    EXPECT_EQ(failure.code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(failure.field("field"), "metadata.max_age");
}

TEST(Session, ComesAlongWithChangesOfStreams) {
    const Client session = memory_store().session();
    const std::string appended = session.append("order-1", {{.type = "A"}}).position;
    session.delete_stream("order-1");
    EXPECT_NE(session.position(), appended);
    EXPECT_EQ(session.position(), session.info().position);
}

}  // namespace
}  // namespace annals
