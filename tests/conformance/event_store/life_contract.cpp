// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "life_contract.hpp"

#include <algorithm>
#include <chrono>

namespace annals::conformance {

/// A state and what each expectation meets in it.
struct ExpectedVersionRow {
    std::string_view state;
    /// Of "any", "no stream", "exists", "last revision", "another revision", "deleted": `+`
    /// accepted, `c` conflict, `d` stream_deleted.
    std::string_view append;
    std::string_view remove;
    std::string_view tombstone;
};

TEST_P(StreamLifeContract, ExpectedVersionsMeetWhatTheTableSays) {
    using Make = std::function<void(const std::string&)>;
    const std::vector<std::pair<ExpectedVersionRow, Make>> rows{
        {{"new", "++cccc", "cccccc", "++cccc"}, [this](const std::string& s) { make_new(s); }},
        {{"live", "+c++cc", "+c++cc", "+c++cc"}, [this](const std::string& s) { make_live(s); }},
        {{"deleted", "++c+c+", "++c+c+", "++c+c+"},
         [this](const std::string& s) { make_deleted(s); }},
        {{"tombstoned", "dddddd", "dddddd", "dddddd"},
         [this](const std::string& s) { make_tombstoned(s); }},
        {{"metadata", "+++ccc", "cccccc", "+++ccc"},
         [this](const std::string& s) { make_metadata_alone(s); }},
        {{"revived", "+c++cc", "+c++cc", "+c++cc"},
         [this](const std::string& s) { make_revived(s); }},
        {{"undeleted", "+c++cc", "+c++cc", "+c++cc"},
         [this](const std::string& s) { make_undeleted(s); }},
    };
    const std::vector<Expected> expectations{
        Expected::any(),
        Expected::no_stream(),
        Expected::exists(),
        Expected::exactly(Revision(1)),
        Expected::exactly(Revision(7)),
        Expected::deleted(),
    };
    const auto sign_of = [](const auto& answer) {
        if (answer) return '+';
        if (answer.error().code() == ErrorCode::kConflict) return 'c';
        return answer.error().code() == ErrorCode::kStreamDeleted ? 'd' : '?';
    };
    int number = 0;
    for (const auto& [row, make] : rows) {
        const auto column = [&](const std::function<char(const std::string&, Expected)>& ask) {
            std::string met;
            for (const Expected& expected : expectations) {
                const std::string stream = "s-" + std::to_string(++number);
                make(stream);
                met += ask(stream, expected);
            }
            return met;
        };
        SCOPED_TRACE(row.state);
        EXPECT_EQ(row.append, column([&](const std::string& stream, Expected expected) {
                      return sign_of(append_expecting(stream, expected));
                  }));
        EXPECT_EQ(row.remove, column([&](const std::string& stream, Expected expected) {
                      return sign_of(remove(stream, expected));
                  }));
        EXPECT_EQ(row.tombstone, column([&](const std::string& stream, Expected expected) {
                      return sign_of(tombstone(stream, expected));
                  }));
    }
}

/// 5.5, by log-and-rules 2.2: ids are known for as long as the events are.
TEST_P(StreamLifeContract, EventsOfADeletedStreamAreStillKnownByTheirIds) {
    model::NewEvent event = event_of();
    event.id = make_uuid_v4();
    const api::AppendResponse first = accept("a-1", {event});
    must(remove("a-1"));
    const api::AppendResponse again = accept("a-1", {event});
    EXPECT_TRUE(again.is_replay);
    EXPECT_EQ(again.position, first.position);
    must(tombstone("a-1"));
    EXPECT_TRUE(accept("a-1", {event}).is_replay);
    expect_error(append("a-1", {event_of()}), ErrorCode::kStreamDeleted, "stream", "a-1");
}

TEST_P(StreamLifeContract, AKeyMakesADeletionARepeatableCall) {
    make_live("a-1");
    const api::LifeResponse first = must(store().delete_stream({}, {"a-1", {}, "key-1"}));
    accept_events("a-1", 1);
    const api::LifeResponse again = must(store().delete_stream({}, {"a-1", {}, "key-1"}));
    EXPECT_TRUE(again.is_replay);
    EXPECT_EQ(again.position, first.position);
    EXPECT_EQ(shown("a-1"), (Numbers{2})) << "the second call deleted nothing";
}

TEST_P(StreamLifeContract, ASoftlyDeletedStreamIsNotFoundAndGoesOnWhenUsedAgain) {
    make_live("a-1");
    say("a-1", count_of(1));
    must(remove("a-1"));
    expect_error(
        store().read({}, read_of("a-1")), ErrorCode::kStreamNotFound, "is_deleted", "true"
    );
    expect_error(store().read({}, read_back("a-1")), ErrorCode::kStreamNotFound);
    EXPECT_TRUE(must(store().get_stream({}, "a-1")).is_deleted);
    EXPECT_TRUE(must(metadata_of("a-1")).is_deleted);
    EXPECT_EQ(must(metadata_of("a-1")).metadata, model::StreamMetadata())
        << "a delete takes the other keys away";
    EXPECT_TRUE(must(store().list_streams({}, list_of("a-"))).streams.empty());

    EXPECT_EQ(accept("a-1", {event_of(), event_of()}).streams.front().first, Revision(2));
    EXPECT_EQ(shown("a-1"), (Numbers{2, 3}));
    const api::StreamInfo info = must(store().get_stream({}, "a-1"));
    EXPECT_FALSE(info.is_deleted);
    EXPECT_EQ(info.first_revision, Revision(2));
    EXPECT_EQ(info.events, 2u);
    EXPECT_EQ(must(metadata_of("a-1")).effective.truncate_before, Revision(2));
    ASSERT_EQ(must(store().list_streams({}, list_of("a-"))).streams.size(), 1u);
    EXPECT_EQ(must(store().list_streams({}, list_of("a-"))).streams.front().events, 2u);
}

TEST_P(StreamLifeContract, MetadataUndeleteAStreamWithoutItsOldEvents) {
    make_deleted("a-1");
    say("a-1", count_of(9));
    EXPECT_TRUE(shown("a-1").empty());
    const api::StreamMetadataInfo said = must(metadata_of("a-1"));
    EXPECT_FALSE(said.is_deleted);
    EXPECT_EQ(said.metadata.max_count, 9u);
    accept_events("a-1", 1);
    EXPECT_EQ(shown("a-1"), (Numbers{2}));
    say("a-1", {});
    EXPECT_EQ(shown("a-1"), (Numbers{2})) << "what was deleted stays so, whatever is said later";
}

TEST_P(StreamLifeContract, ATombstonedStreamIsGoneForEver) {
    make_live("a-1");
    must(tombstone("a-1"));
    for (const std::string stream : {"a-1", "never-1"}) {
        if (stream == "never-1") must(tombstone(stream));
        const auto gone = ErrorCode::kStreamDeleted;
        expect_error(store().read({}, read_of(stream)), gone, "stream", stream);
        expect_error(store().get_stream({}, stream), gone, "stream", stream);
        expect_error(append(stream, {event_of()}), gone, "stream", stream);
        expect_error(remove(stream), gone, "stream", stream);
        expect_error(tombstone(stream), gone, "stream", stream);
        expect_error(truncate(stream, 0), gone, "stream", stream);
        expect_error(metadata_of(stream), gone, "stream", stream);
        expect_error(
            store().set_stream_metadata({}, metadata_for(stream, {})), gone, "stream", stream
        );
        expect_error(subscription_error(subscribe_to(stream)), gone, "stream", stream);
    }
    EXPECT_TRUE(must(store().list_streams({}, list_of(""))).streams.empty());
}

TEST_P(StreamLifeContract, EverythingAndCategoriesGoOnShowingWhatIsHidden) {
    make_live("a-1");
    accept_events("a-2", 3);
    accept_events("a-3", 1);
    must(remove("a-1"));
    say("a-2", count_of(1));
    must(tombstone("a-3"));
    // Until they are scavenged; 5 is shown in its stream and stays in any case.
    const Numbers all = {1, 2, 3, 4, 5, 6};
    const auto expect_all = [&](const Numbers& seen) {
        if (!removes_hidden()) {
            EXPECT_EQ(seen, all);
        } else {
            EXPECT_TRUE(std::includes(all.begin(), all.end(), seen.begin(), seen.end()));
            EXPECT_TRUE(std::binary_search(seen.begin(), seen.end(), 5u));
        }
    };
    expect_all(positions(read_of("")));
    api::ReadRequest category = read_of("");
    category.filter.categories = {"a"};
    expect_all(positions(category));
    const auto subscription = subscribe(subscribe_to(""));
    expect_all(positions_of(next_events(*subscription).events));
}

TEST_P(StreamLifeContract, MetadataComeBackAsTheyWereGivenAndOnlyTheLastCounts) {
    EXPECT_EQ(must(metadata_of("a-1")).revision, std::nullopt);
    const model::StreamMetadata given{
        3'600, 5, Revision(1), "sku", "{\"owner\" : 1.50,\"owner\":\"zoë\"}"
    };
    EXPECT_EQ(say("a-1", given).metadata_revision, Revision(0));
    const api::StreamMetadataInfo said = must(metadata_of("a-1"));
    EXPECT_EQ(said.target.stream, "a-1");
    EXPECT_EQ(said.metadata, given);
    EXPECT_EQ(said.revision, Revision(0));
    EXPECT_GT(said.recorded_time.value, 0);
    EXPECT_FALSE(said.position.empty());
    say("a-1", count_of(2));
    EXPECT_EQ(must(metadata_of("a-1")).metadata, count_of(2));
    EXPECT_EQ(must(metadata_of("a-1")).revision, Revision(1));
    EXPECT_EQ(shown("$$a-1"), (Numbers{1})) << "a metadata stream shows its last event";
    accept_events("a-1", 3);
    EXPECT_EQ(shown("a-1"), (Numbers{1, 2}));
}

TEST_P(StreamLifeContract, MetadataAreWrittenOnTheRevisionThatWasExpected) {
    const auto set = [&](Expected expected) {
        return store().set_stream_metadata({}, metadata_for("a-1", count_of(3), expected));
    };
    accept_events("a-1", 4);
    expect_error(set(Expected::exactly(Revision(0))), ErrorCode::kConflict);
    must(set(Expected::no_stream()));
    const auto refused = set(Expected::no_stream());
    expect_error(refused, ErrorCode::kConflict);
    const auto* details = refused.error().details<model::ConflictDetails>();
    ASSERT_NE(details, nullptr);
    ASSERT_EQ(details->failed_checks.size(), 1u);
    EXPECT_EQ(details->failed_checks.front().stream, "$$a-1");
    EXPECT_EQ(details->failed_checks.front().current_revision, Revision(0));
    must(set(Expected::exactly(Revision(0))));
    must(set(Expected::any()));
    must(set(Expected::exists()));
}

/// First readable = max(last - max count + 1, truncate before).
TEST_P(StreamLifeContract, TheFirstReadableRevisionIsWhatTheTableSays) {
    // Of five events the first two are 100 s older than the others.
    struct Row {
        std::optional<std::uint64_t> max_count;
        std::optional<std::uint64_t> truncate_before;
        Numbers shown;
        std::optional<std::uint64_t> max_age_s = {};
    };
    const std::vector<Row> rows{
        {{}, {}, {0, 1, 2, 3, 4}},
        {1, {}, {4}},
        {3, {}, {2, 3, 4}},
        {5, {}, {0, 1, 2, 3, 4}},
        {99, {}, {0, 1, 2, 3, 4}},
        {{}, 0, {0, 1, 2, 3, 4}},
        {{}, 3, {3, 4}},
        {{}, 4, {4}},
        {{}, 5, {}},
        {{}, 99, {}},
        {2, 1, {3, 4}},
        {4, 3, {3, 4}},
        {{}, {}, {2, 3, 4}, 60},
        {{}, {}, {0, 1, 2, 3, 4}, 3'600},
        {1, {}, {4}, 60},
        {4, {}, {2, 3, 4}, 60},
        {{}, 1, {2, 3, 4}, 60},
        {{}, 4, {4}, 60},
        {4, 3, {3, 4}, 60},
    };
    for (const Row& row : rows) {
        // Each on a stream of its own: what a scavenge has removed for one row does not come back.
        const std::string stream = "a-" + std::to_string(&row - rows.data());
        accept_events(stream, 2);
        pass_time(std::chrono::seconds(100));
        accept_events(stream, 3);
        model::StreamMetadata metadata;
        metadata.max_count = row.max_count;
        metadata.max_age_s = row.max_age_s;
        if (row.truncate_before) metadata.truncate_before = Revision(*row.truncate_before);
        say(stream, metadata);
        SCOPED_TRACE(model::format_stream_metadata(metadata));
        EXPECT_EQ(shown(stream), row.shown);
        const api::ReadPage page = read(read_of(stream));
        EXPECT_EQ(page.last_revision, Revision(4));
        for (std::uint64_t from = 0; from < 6; ++from) {
            Numbers forwards;
            Numbers backwards;
            for (const std::uint64_t revision : row.shown) {
                if (revision >= from) forwards.push_back(revision);
                if (revision <= from) backwards.insert(backwards.begin(), revision);
            }
            const api::FromRevision start{Revision(from)};
            EXPECT_EQ(revisions(read_of(stream, start)), forwards) << "from " << from;
            EXPECT_EQ(revisions(read_back(stream, start)), backwards) << "back from " << from;
        }
    }
}

/// All of it where nothing was scavenged; where something may have been, at least what was visible,
/// and what is shown now stays.
TEST_P(StreamLifeContract, LoosenedRetentionShowsAgainWhatIsStillThere) {
    const auto expect_shown = [&](const Numbers& all, std::size_t visible_before) {
        const Numbers now = shown("a-1");
        if (!removes_hidden()) {
            EXPECT_EQ(now, all);
        } else {
            const auto kept = static_cast<std::ptrdiff_t>(visible_before);
            ASSERT_GE(now.size(), visible_before);
            EXPECT_EQ(Numbers(now.end() - kept, now.end()), Numbers(all.end() - kept, all.end()));
            for (int i = 0; i < 20; ++i) EXPECT_EQ(shown("a-1"), now);
        }
    };
    api::SetMetadataRequest defaults;
    defaults.target.category = "a";
    defaults.metadata = count_of(2);
    must(store().set_stream_metadata({}, defaults));
    accept_events("a-1", 5);
    EXPECT_EQ(shown("a-1"), (Numbers{3, 4}));
    say("a-1", count_of(3));
    expect_shown({2, 3, 4}, 2);
    say("a-1", count_of(99));
    expect_shown({0, 1, 2, 3, 4}, 2);
    model::StreamMetadata truncated;
    truncated.truncate_before = Revision(4);
    truncated.max_count = 99;
    say("a-1", truncated);
    EXPECT_EQ(shown("a-1"), (Numbers{4}));
    say("a-1", count_of(99));
    expect_shown({0, 1, 2, 3, 4}, 1);
}

TEST_P(StreamLifeContract, ASubscriptionOnAStreamShowsWhatReadingShows) {
    accept_events("a-1", 5);
    say("a-1", count_of(2));
    const auto subscription = subscribe(subscribe_to("a-1"));
    EXPECT_EQ(positions_of(next_events(*subscription).events), (Numbers{4, 5}));
    const auto from_first = subscribe(subscribe_to("a-1", api::FromRevision{Revision(1)}));
    EXPECT_EQ(positions_of(next_events(*from_first).events), (Numbers{4, 5}));
    next_mark(*subscription);
    must(remove("a-1"));
    accept_events("a-1", 1);
    EXPECT_EQ(positions_of(next_events(*subscription).events), (Numbers{8}))
        << "what comes after a deletion is delivered to those who wait";
    const auto after = subscribe(subscribe_to("a-1"));
    EXPECT_EQ(positions_of(next_events(*after).events), (Numbers{8}));
}

TEST_P(StreamLifeContract, ATombstoneEndsASubscriptionThatRuns) {
    make_live("a-1");
    make_live("a-2");
    const auto history = subscribe(subscribe_to("a-1"));
    const auto live = subscribe(subscribe_to("a-1"));
    const auto other = subscribe(subscribe_to("a-2"));
    EXPECT_EQ(next_mark(*live).mark, api::SubscriptionMark::kCaughtUp);
    EXPECT_EQ(next_mark(*other).mark, api::SubscriptionMark::kCaughtUp);
    accept_events("a-1", 1);
    EXPECT_EQ(positions_of(next_events(*live).events), (Numbers{5}));
    must(tombstone("a-1"));
    // What was not delivered is gone with the rest; over a wire some was on its way.
    const auto events_to_the_end = [](api::Subscription& subscription) {
        std::size_t events = 0;
        while (true) {
            const Result<api::SubscriptionFrame> frame = subscription.next(kForever);
            if (!frame) {
                expect_error(frame.error(), ErrorCode::kStreamDeleted, "stream", "a-1");
                return events;
            }
            events += frame->events.size();
        }
    };
    EXPECT_EQ(events_to_the_end(*live), 0u);
    EXPECT_LE(events_to_the_end(*history), 3u);
    accept_events("a-2", 1);
    EXPECT_EQ(positions_of(next_events(*other).events), (Numbers{7})) << "others go on";
}

TEST_P(StreamLifeContract, TruncatingHidesWhatIsBeforeAndKeepsTheOtherKeys) {
    expect_error(truncate("a-1", 0), ErrorCode::kStreamNotFound, "stream", "a-1");
    accept_events("a-1", 4);
    model::StreamMetadata metadata = count_of(3);
    metadata.custom = "{\"owner\":\"zoë\"}";
    say("a-1", metadata);
    must(truncate("a-1", 2));
    EXPECT_EQ(shown("a-1"), (Numbers{2, 3}));
    metadata.truncate_before = Revision(2);
    EXPECT_EQ(must(metadata_of("a-1")).metadata, metadata);
    expect_error(truncate("a-1", 3, Expected::exactly(Revision(2))), ErrorCode::kConflict);
    must(truncate("a-1", 4, Expected::exactly(Revision(3))));
    EXPECT_TRUE(shown("a-1").empty());
    expect_error(truncate("a-1", 5), ErrorCode::kInvalidArgument, "field", "before");
    accept_events("a-1", 1);
    EXPECT_EQ(shown("a-1"), (Numbers{4}));
    must(remove("a-1"));
    expect_error(truncate("a-1", 5), ErrorCode::kStreamNotFound, "is_deleted", "true");
}

TEST_P(StreamLifeContract, ConcurrentTruncationsAllTakeEffect) {
    accept_events("a-1", 9);
    std::vector<std::thread> callers;
    std::atomic<int> failures = 0;
    for (std::uint64_t before = 1; before <= 8; ++before) {
        callers.emplace_back([&, before] {
            if (!truncate("a-1", before)) ++failures;
        });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(must(metadata_of("a-1")).revision, Revision(7));
}

TEST_P(StreamLifeContract, ACategoryHasDefaultsAndItsStreamsOverrule) {
    api::SetMetadataRequest request;
    request.target.category = "a";
    request.metadata = count_of(2);
    request.metadata.compact_by = "key";
    must(store().set_stream_metadata({}, request));
    accept_events("a-0", 4);
    accept_events("b-1", 4);
    EXPECT_EQ(shown("a-0"), (Numbers{2, 3}));
    EXPECT_EQ(shown("b-1"), (Numbers{0, 1, 2, 3}));
    say("a-1", count_of(3));
    accept_events("a-1", 4);
    EXPECT_EQ(shown("a-1"), (Numbers{1, 2, 3}));
    const api::StreamMetadataInfo said = must(metadata_of("a-1"));
    EXPECT_EQ(said.metadata, count_of(3));
    EXPECT_EQ(said.effective.max_count, 3u);
    EXPECT_EQ(said.effective.compact_by, "key");
    const auto defaults = must(store().get_stream_metadata({}, {"", "a"}));
    EXPECT_EQ(defaults.metadata.max_count, 2u);
    EXPECT_EQ(defaults.target.category, "a");
    const auto subscription = subscribe(subscribe_to("a-2"));
    accept_events("a-2", 3);
    request.metadata.truncate_before = Revision(1);
    expect_error(
        store().set_stream_metadata({}, request),
        ErrorCode::kInvalidArgument,
        "field",
        "metadata.truncate_before"
    );
}

TEST_P(StreamLifeContract, EventsPassTheirAgeWhileNobodyWrites) {
    accept_events("a-1", 2);
    model::StreamMetadata metadata;
    metadata.max_age_s = 60;
    say("a-1", metadata);
    EXPECT_EQ(shown("a-1"), (Numbers{0, 1}));
    pass_time(std::chrono::seconds(61));
    EXPECT_EQ(shown("a-1"), Numbers{});
    accept_events("a-1", 1);
    EXPECT_EQ(shown("a-1"), Numbers{2});
}

TEST_P(StreamLifeContract, AnAgeHidesNoYoungerEvents) {
    accept_events("a-1", 2);
    model::StreamMetadata metadata;
    metadata.max_age_s = 3'600;
    say("a-1", metadata);
    EXPECT_EQ(shown("a-1"), (Numbers{0, 1}));
    metadata.max_age_s = model::kMetadataNumberMax;
    say("a-1", metadata);
    EXPECT_EQ(shown("a-1"), (Numbers{0, 1})) << "an age beyond all time hides nothing";
}

TEST_P(StreamLifeContract, RequestsThatCannotBeMeantNameTheirField) {
    const auto invalid = ErrorCode::kInvalidArgument;
    const auto forbidden = ErrorCode::kNotPermitted;
    expect_error(remove(""), invalid, "field", "stream");
    expect_error(remove("$a"), forbidden, "field", "stream");
    expect_error(tombstone("$$a-1"), forbidden, "field", "stream");
    expect_error(truncate("$a", 1), forbidden, "field", "stream");
    expect_error(metadata_of(""), invalid, "field", "stream");
    expect_error(store().get_stream_metadata({}, {"a-1", "a"}), invalid, "field", "stream");
    expect_error(store().get_stream_metadata({}, {"", "a-b"}), invalid, "field", "category");
    expect_error(
        store().set_stream_metadata({}, metadata_for("a-1", count_of(0))),
        invalid,
        "field",
        "metadata.max_count"
    );
    model::StreamMetadata metadata;
    metadata.custom = "[1]";
    expect_error(
        store().set_stream_metadata({}, metadata_for("a-1", metadata)),
        invalid,
        "field",
        "metadata.custom"
    );
    expect_error(append("$$a-1", {event_of("$metadata")}), forbidden, "field", "stream");
    const api::CallContext nowhere = in_namespace("nowhere");
    const auto unknown = ErrorCode::kNamespaceNotFound;
    expect_error(store().get_stream_metadata(nowhere, {"a-1", ""}), unknown);
    expect_error(store().set_stream_metadata(nowhere, metadata_for("a-1", {})), unknown);
    expect_error(store().delete_stream(nowhere, {"a-1", {}, ""}), unknown);
    expect_error(store().tombstone_stream(nowhere, {"a-1", {}, ""}), unknown);
    expect_error(store().truncate_stream(nowhere, {"a-1", {}, {}}), unknown);
}

}  // namespace annals::conformance
