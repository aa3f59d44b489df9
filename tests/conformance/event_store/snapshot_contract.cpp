// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "snapshot_contract.hpp"

namespace annals::conformance {

TEST_P(SnapshotContract, TheHighestRevisionOfExactlyTheKeyIsLoaded) {
    accept_events("a-1", 5);
    EXPECT_EQ(loaded(key_of("a-1")), "");
    const std::string bytes("\0x\xFF", 3);
    must_store(key_of("a-1"), 3, bytes);
    must_store(key_of("a-1"), 1, "one");
    must_store(key_of("a-1", 2), 4, "other");
    EXPECT_EQ(loaded(key_of("a-1")), "3 " + bytes);
    EXPECT_EQ(loaded(key_of("a-1"), Revision(2)), "1 one");
    EXPECT_EQ(loaded(key_of("a-1"), Revision(0)), "");
    EXPECT_EQ(loaded(key_of("a-1", 2)), "4 other");
    EXPECT_EQ(loaded(key_of("a-1", 3)), "");
    EXPECT_EQ(loaded({"a-1", "totals", 2, 1}), "");
    EXPECT_EQ(loaded({"a-1", "other", 1, 1}), "");
    must_store(key_of("a-1"), 3, "again");
    EXPECT_EQ(loaded(key_of("a-1")), "3 again");
    const auto found = must(store().load_snapshot({}, {key_of("a-1"), {}}));
    EXPECT_EQ(found->content_type, "text/plain");
    EXPECT_GT(found->stored_time.value, 0);
}

TEST_P(SnapshotContract, AreListedAndDeleted) {
    accept_events("a-1", 5);
    must_store(key_of("a-1"), 1, "12");
    must_store(key_of("a-1"), 2, "1234");
    must_store({"a-1", "other", 1, 1}, 2, "x");
    const auto list = [&](const api::SnapshotSelection& selection) {
        std::string text;
        for (const auto& summary : must(store().list_snapshots({}, selection))) {
            text += summary.key.reducer + "@" + std::to_string(summary.revision.value) + ":" +
                    std::to_string(summary.bytes) + " ";
        }
        return text;
    };
    EXPECT_EQ(list({"a-1", "", {}}), "other@2:1 totals@2:4 totals@1:2 ");
    EXPECT_EQ(list({"a-1", "totals", Revision(1)}), "totals@1:2 ");
    EXPECT_EQ(must(store().delete_snapshots({}, {"a-1", "totals", Revision(2)})), 1u);
    EXPECT_EQ(list({"a-1", "", {}}), "other@2:1 totals@1:2 ");
    EXPECT_EQ(loaded(key_of("a-1")), "1 12");
    EXPECT_EQ(must(store().delete_snapshots({}, {"a-1", "", {}})), 2u);
    EXPECT_EQ(must(store().delete_snapshots({}, {"a-1", "", {}})), 0u);
    EXPECT_EQ(list({"a-1", "", {}}), "");
    must_store(key_of("a-1"), 2, "new");
    EXPECT_EQ(loaded(key_of("a-1")), "2 new");
}

TEST_P(SnapshotContract, ChangeNothingThatReadersSee) {
    accept_events("a-1", 2);
    must_store(key_of("a-1"), 1, "x");
    EXPECT_EQ(positions(read_of("")), (Numbers{1, 2}));
    api::ReadRequest everything = read_of("");
    everything.filter.include_system = true;
    EXPECT_EQ(positions(everything), (Numbers{1, 2})) << "they lie in a log of their own";
    EXPECT_EQ(accept("a-1", {event_of()}).last_position, Position(3));
}

TEST_P(SnapshotContract, ASoftDeleteTakesTheSnapshotsAwayAndATombstoneAll) {
    accept_events("a-1", 3);
    must_store(key_of("a-1"), 2, "old");
    must(store().truncate_stream({}, {"a-1", Revision(2), {}}));
    EXPECT_EQ(loaded(key_of("a-1")), "2 old") << "a truncated stream lives on in its snapshot";
    must(store().delete_stream({}, {"a-1", {}, ""}));
    expect_error(store().load_snapshot({}, {key_of("a-1"), {}}), ErrorCode::kStreamNotFound);
    accept_events("a-1", 1);
    EXPECT_EQ(loaded(key_of("a-1")), "");
    must_store(key_of("a-1"), 3, "new");
    EXPECT_EQ(loaded(key_of("a-1")), "3 new");
    must(store().tombstone_stream({}, {"a-1", {}, ""}));
    expect_error(store().load_snapshot({}, {key_of("a-1"), {}}), ErrorCode::kStreamDeleted);
    expect_error(store_of(key_of("a-1"), 3, "x").error(), ErrorCode::kStreamDeleted);
}

TEST_P(SnapshotContract, WhatCannotBeIsATypedError) {
    const auto refused = [&](const api::SnapshotKey& key, std::uint64_t revision, std::string data
                         ) {
        const Status stored = store_of(key, revision, std::move(data));
        EXPECT_FALSE(stored);
        return stored ? Error(ErrorCode::kInternal, "stored") : stored.error();
    };
    expect_error(refused(key_of("a-1"), 0, ""), ErrorCode::kStreamNotFound, "stream", "a-1");
    accept_events("a-1", 2);
    const auto invalid = ErrorCode::kInvalidArgument;
    expect_error(refused(key_of("a-1"), 2, ""), invalid, "field", "revision");
    expect_error(refused({"a-1", "", 1, 1}, 1, ""), invalid, "field", "reducer");
    expect_error(refused(key_of(""), 1, ""), invalid, "field", "stream");
    const std::string large(api::kSnapshotBytesMax + 1, 'x');
    expect_error(refused(key_of("a-1"), 1, large), ErrorCode::kLimitExceeded, "field", "data");
    must_store(key_of("a-1"), 1, large.substr(1));
    EXPECT_EQ(loaded(key_of("a-1")).size(), large.size() + 1);
    for (const std::string& type : {std::string("text/plain\r\nX: y"), std::string(256, 'x')}) {
        const Status stored = store().store_snapshot(
            {}, {key_of("a-1"), Revision(1), type, "x", {}}
        );
        ASSERT_FALSE(stored);
        expect_error(stored.error(), invalid, "field", "content_type");
    }
    const auto nowhere = in_namespace("nowhere");
    expect_error(
        store().load_snapshot(nowhere, {key_of("a-1"), {}}), ErrorCode::kNamespaceNotFound
    );
}

}  // namespace annals::conformance
