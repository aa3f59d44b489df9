// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/importer.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annals/api/testing/refusing_event_store.hpp"
#include "annals/interchange/csv_format.hpp"
#include "annals/interchange/demo_orders.hpp"

namespace annals::interchange {
namespace {

struct Stored {
    std::string stream;
    Uuid id;
    std::string type;
    std::string actor;
    std::string data;
    std::optional<model::ValidTime> valid_time;
    std::vector<std::string> tags;
    std::uint64_t fingerprint = 0;
    int append = 0;
};

/// Takes appends as the rules say about ids (log-and-rules 2.2), and refuses what a test wants
/// refused.
class FakeStore final : public api::testing::RefusingEventStore {
  public:
    void append(const api::CallContext&, const model::AppendRequest& request, api::AppendDone done)
        override {
        ++appends;
        if (failures_left > 0) {
            --failures_left;
            return done(Error(ErrorCode::kUnavailable, "not now"));
        }
        std::set<int> known_appends;
        std::size_t known = 0;
        for (const model::NewEvent& event : request.events) {
            if (refused_streams.contains(std::string(event.stream))) {
                return done(Error(ErrorCode::kStreamDeleted, "gone"));
            }
            const auto found = by_id_.find({std::string(event.stream), event.id});
            if (found == by_id_.end()) continue;
            if (events[found->second].fingerprint != model::fingerprint(event)) {
                return done(Error(ErrorCode::kIdConflict, "other content"));
            }
            known_appends.insert(events[found->second].append);
            ++known;
        }
        if (known > 0 && !is_one_append(known_appends, known, request.events.size())) {
            return done(Error(ErrorCode::kIdConflict, "some are known, or in other appends"));
        }
        api::AppendResponse response;
        response.is_replay = known > 0;
        if (known == 0) {
            ++stored_appends_;
            for (const model::NewEvent& event : request.events) keep(event);
        }
        done(response);
    }

    Result<api::ReadPage> get_event(const api::CallContext&, const Uuid& id) override {
        api::ReadPage page;
        for (const Stored& stored : events) {
            if (stored.id != id) continue;
            model::NewEvent event;
            event.stream = stored.stream;
            event.type = stored.type;
            event.actor = stored.actor;
            event.data = stored.data;
            event.tags.assign(stored.tags.begin(), stored.tags.end());
            std::string envelope;
            std::string payload;
            model::encode_envelope(envelope, event, id);
            model::encode_payload(payload, event);
            page.events.add(envelope, payload, Position(1), Revision(0), TimeNs(1));
        }
        if (page.events.empty()) return Error(ErrorCode::kEventNotFound, "not here");
        return page;
    }

    std::vector<Stored> events;
    std::set<std::string> refused_streams;
    int failures_left = 0;
    int appends = 0;

  private:
    /// All of the request's events are known, and are all events of one append.
    bool is_one_append(const std::set<int>& touched, std::size_t known, std::size_t wanted) const {
        const auto size = std::ranges::count(events, *touched.begin(), &Stored::append);
        return known == wanted && touched.size() == 1 && static_cast<std::size_t>(size) == wanted;
    }

    void keep(const model::NewEvent& event) {
        by_id_[{std::string(event.stream), event.id}] = events.size();
        events.push_back(
            {std::string(event.stream),
             event.id,
             std::string(event.type),
             std::string(event.actor),
             std::string(event.data),
             event.valid_time,
             {event.tags.begin(), event.tags.end()},
             model::fingerprint(event),
             stored_appends_}
        );
    }

    std::map<std::pair<std::string, Uuid>, std::size_t> by_id_;
    int stored_appends_ = 0;
};

class Observer final : public ImportObserver {
  public:
    void on_rejected(const RejectedRecord& record) override { rejected[record.line] = record.raw; }
    void on_progress(const ImportReport& so_far) override { batches += so_far.records > 0 ? 1 : 0; }
    void on_waiting(const Error&) override { ++waits; }
    bool is_cancelled() override { return batches > cancel_after; }

    std::map<std::uint64_t, std::string> rejected;
    int batches = 0;
    int waits = 0;
    int cancel_after = 1'000'000;
};

CsvMapping small_mapping() {
    CsvMapping mapping;
    mapping.stream = "case-{id}";
    mapping.type_column = "what";
    mapping.time_column = "at";
    mapping.actor_column = "who";
    return mapping;
}

constexpr std::string_view kSmall =
    "id,what,at,who,note,count\n"
    "7,Opened,2024-01-01T10:00:00+01:00,ann,\"said \"\"yes\"\", then left\",1\n"
    "7,Opened,2024-01-01T10:00:00+01:00,ann,\"said \"\"yes\"\", then left\",1\n"
    "8,T02 Check it,2024-07-01T10:00:00+02:00,,,12.50\n";

class CsvImport : public ::testing::Test {
  protected:
    Status run(
        std::string_view text, const CsvMapping& mapping, std::size_t batch_events_max = 1'000
    ) {
        report_ = {};
        observer_.rejected.clear();
        std::istringstream input{std::string(text)};
        ImportOptions options;
        options.source = "small.csv";
        options.batch_events_max = batch_events_max;
        ANNALS_TRY(const std::unique_ptr<RecordSource> source, open_csv_source(input, mapping));
        return import_records(store_, {}, *source, options, observer_, report_);
    }

    FakeStore store_;
    Observer observer_;
    ImportReport report_;
};

TEST_F(CsvImport, MakesEventsOfRows) {
    CsvMapping mapping = small_mapping();
    mapping.tag_columns = {{"by", "who"}};
    mapping.number_columns = {"count"};
    ASSERT_TRUE(run(kSmall, mapping));
    ASSERT_EQ(store_.events.size(), 3u);
    const Stored& first = store_.events[0];
    EXPECT_EQ(first.stream, "case-7");
    EXPECT_EQ(first.type, "Opened");
    EXPECT_EQ(first.actor, "ann");
    EXPECT_EQ(first.data, R"({"note":"said \"yes\", then left","count":1})");
    EXPECT_EQ(first.valid_time->offset_minutes, 60);
    EXPECT_EQ(first.tags, (std::vector<std::string>{"by:ann"}));
    EXPECT_EQ(store_.events[2].data, R"({"count":12.50})");
    EXPECT_EQ(store_.events[2].type, "T02 Check it");
    EXPECT_TRUE(store_.events[2].tags.empty());
}

TEST_F(CsvImport, EqualRowsStayTwoEvents) {
    ASSERT_TRUE(run(kSmall, small_mapping()));
    EXPECT_EQ(report_.added, 3u);
    EXPECT_NE(store_.events[0].id, store_.events[1].id);
}

TEST_F(CsvImport, ImportingTwiceAddsNothing) {
    ASSERT_TRUE(run(kSmall, small_mapping()));
    ASSERT_TRUE(run(kSmall, small_mapping()));
    EXPECT_EQ(report_.added, 0u);
    EXPECT_EQ(report_.already_there, 3u);
    EXPECT_EQ(store_.events.size(), 3u);
}

TEST_F(CsvImport, AFileThatGrewAddsItsNewRowsInOrder) {
    ASSERT_TRUE(run(kSmall, small_mapping(), 2));
    // The third row was an append of its own; now it would travel with the fourth.
    ASSERT_TRUE(run(std::string(kSmall) + "9,A,,,,\n9,B,,,,\n9,C,,,,\n", small_mapping(), 2));
    EXPECT_EQ(report_.added, 3u);
    EXPECT_EQ(report_.already_there, 3u);
    ASSERT_EQ(store_.events.size(), 6u);
    EXPECT_EQ(store_.events[3].type, "A");
    EXPECT_EQ(store_.events[4].type, "B");
    EXPECT_EQ(store_.events[5].type, "C");
}

TEST_F(CsvImport, OtherBatchesThanBeforeAddNothingTwice) {
    ASSERT_TRUE(run(kSmall, small_mapping(), 1));
    ASSERT_TRUE(run(kSmall, small_mapping(), 1'000));
    EXPECT_EQ(report_.already_there, 3u);
    EXPECT_EQ(report_.rejected, 0u);
    EXPECT_EQ(store_.events.size(), 3u);
    // The same place in the file with other content is no retry: that row alone is refused.
    std::string changed(kSmall);
    changed.replace(changed.rfind("12.50"), 5, "99.99");
    ASSERT_TRUE(run(changed, small_mapping()));
    EXPECT_EQ(report_.already_there, 2u);
    EXPECT_EQ(report_.rejected, 1u);
    EXPECT_EQ(store_.events.size(), 3u);
}

TEST_F(CsvImport, BadRowsAreNamedAndTheRestGoesOn) {
    const std::string text =
        "id,what,at,who,note,count\n"
        "1,A,2024-01-01T10:00:00Z,,,\n"
        "2,B,yesterday,,,\n"
        "3,C,2024-01-01T10:00:00Z,,x\"y,\n"
        "4,D,2024-01-01T10:00:00Z\n"
        ",E,2024-01-01T10:00:00Z,,,\n"
        "6,,2024-01-01T10:00:00Z,,,\n"
        "7,G,2024-01-01T10:00:00Z,,\xFF,\n"
        "8,H,2024-01-01T10:00:00Z,,,\n";
    ASSERT_TRUE(run(text, small_mapping()));
    EXPECT_EQ(report_.records, 8u);
    EXPECT_EQ(report_.added, 2u);
    EXPECT_EQ(report_.rejected, 6u);
    std::vector<std::uint64_t> lines;
    lines.reserve(observer_.rejected.size());
    for (const auto& [line, raw] : observer_.rejected) lines.push_back(line);
    EXPECT_EQ(lines, (std::vector<std::uint64_t>{3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(observer_.rejected[4], "3,C,2024-01-01T10:00:00Z,,x\"y,");
    EXPECT_EQ(store_.events[1].stream, "case-8");
}

TEST_F(CsvImport, ARowThatTheServerRefusesDoesNotTakeOthersWithIt) {
    store_.refused_streams = {"case-8"};
    ASSERT_TRUE(run(std::string(kSmall) + "9,A,,,,\n", small_mapping()));
    EXPECT_EQ(report_.added, 3u);
    EXPECT_EQ(report_.rejected, 1u);
    EXPECT_TRUE(observer_.rejected.contains(4));
}

TEST_F(CsvImport, AnUnreachableServerIsAskedAgain) {
    store_.failures_left = 2;
    ASSERT_TRUE(run(kSmall, small_mapping()));
    EXPECT_EQ(observer_.waits, 2);
    EXPECT_EQ(report_.added, 3u);
}

TEST_F(CsvImport, AMappingThatDoesNotFitIsRefusedBeforeAnythingIsStored) {
    const auto code = [&](const CsvMapping& mapping) {
        const Status status = run(kSmall, mapping);
        return status ? std::string("ok") : std::string(status.error().info().name);
    };
    EXPECT_EQ(code(CsvMapping{}), "config_invalid");
    CsvMapping mapping = small_mapping();
    mapping.stream = "case-{nr}";
    EXPECT_EQ(code(mapping), "config_invalid");
    mapping.stream = "case-{id";
    EXPECT_EQ(code(mapping), "config_invalid");
    mapping = small_mapping();
    mapping.type = "Row";
    EXPECT_EQ(code(mapping), "config_invalid");
    EXPECT_EQ(store_.appends, 0);
    EXPECT_EQ(run("", small_mapping()).error().code(), ErrorCode::kUnreadableInput);
    EXPECT_EQ(run("a,a\n", small_mapping()).error().code(), ErrorCode::kConfigInvalid);
}

TEST_F(CsvImport, AFirstLineThatCannotBeReadIsNamed) {
    const Error broken = run("id,wh\rat\n1,Opened\n", small_mapping()).error();
    EXPECT_TRUE(broken.message().starts_with("line 1, the names of the columns: "))
        << broken.message();
}

TEST_F(CsvImport, AStoppedImportGoesOnWhereItWas) {
    observer_.cancel_after = 1;
    EXPECT_EQ(run(kSmall, small_mapping(), 1).error().code(), ErrorCode::kCancelled);
    EXPECT_LT(store_.events.size(), 3u);
    observer_.cancel_after = 1'000;
    ASSERT_TRUE(run(kSmall, small_mapping(), 1));
    EXPECT_EQ(store_.events.size(), 3u);
    EXPECT_EQ(report_.added + report_.already_there, 3u);
}

/// Takes so many bytes, then fails.
class NarrowBuffer final : public std::streambuf {
  public:
    explicit NarrowBuffer(std::size_t bytes_max) : left_(bytes_max) {}

  private:
    int_type overflow(int_type sign) override {
        if (left_ == 0) return traits_type::eof();
        --left_;
        return traits_type::not_eof(sign);
    }
    std::size_t left_;
};

TEST(DemoOrders, AShorterFileIsWrittenToTheRowAndAFailedOneEndsAtOnce) {
    for (const std::uint64_t rows : {0u, 1u, 7u, 1'000u}) {
        std::ostringstream out;
        write_demo_orders(out, rows);
        const std::string text = out.str();
        EXPECT_EQ(std::ranges::count(text, '\n'), static_cast<std::ptrdiff_t>(rows + 1)) << rows;
    }
    NarrowBuffer narrow(4'096);
    std::ostream out(&narrow);
    write_demo_orders(out, 1'000'000'000'000);
    EXPECT_FALSE(out) << "written as it is made, or this would not come back";
}

TEST_F(CsvImport, TheDemoFileIsTheSameEachTimeAndGoesInWhole) {
    std::ostringstream first;
    std::ostringstream second;
    write_demo_orders(first, 4'000);
    write_demo_orders(second, 4'000);
    ASSERT_EQ(first.str(), second.str());
    CsvMapping mapping;
    mapping.stream = "order-{order}";
    mapping.type_column = "event";
    mapping.time_column = "at";
    mapping.actor_column = "by";
    mapping.number_columns = {"quantity"};
    ASSERT_TRUE(run(first.str(), mapping));
    EXPECT_EQ(report_.added, 4'000u);
    EXPECT_EQ(report_.rejected, 0u);
    std::int64_t last = 0;
    std::set<std::int32_t> offsets;
    for (const Stored& event : store_.events) {
        EXPECT_GE(event.valid_time->at.value, last);
        last = event.valid_time->at.value;
        offsets.insert(event.valid_time->offset_minutes);
        EXPECT_TRUE(nlohmann::json::accept(event.data)) << event.data;
    }
    EXPECT_EQ(offsets, (std::set<std::int32_t>{60, 120}));
}

TEST(CsvMappingToml, ReadsEveryKey) {
    const auto mapping = parse_mapping(
        "stream = \"case-{id}\"\ntype_column = \"what\"\ntime_zone = \"UTC\"\ndelimiter = \";\"\n"
        "number_columns = [\"count\"]\n[tags]\nwho = \"user\"\n",
        "m.toml"
    );
    ASSERT_TRUE(mapping) << mapping.error().to_string();
    EXPECT_EQ(mapping->stream, "case-{id}");
    EXPECT_EQ(mapping->delimiter, ';');
    EXPECT_EQ(mapping->tag_columns[0].second, "user");
}

TEST(CsvMappingToml, NamesTheLineOfWhatItDoesNotKnow) {
    for (const std::string_view text : {"stream = 7", "\nstraem = \"x\"", "tags = 1", "x ="}) {
        const auto mapping = parse_mapping(text, "m.toml");
        ASSERT_FALSE(mapping);
        EXPECT_EQ(mapping.error().code(), ErrorCode::kConfigInvalid);
        EXPECT_TRUE(mapping.error().message().starts_with("m.toml:")) << mapping.error().message();
    }
}

}  // namespace
}  // namespace annals::interchange
