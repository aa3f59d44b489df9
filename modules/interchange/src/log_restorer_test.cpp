// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/log_restorer.hpp"

#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "annals/interchange/csv_format.hpp"
#include "annals/interchange/json_formats.hpp"
#include "annals/interchange/log_source.hpp"

#include "interchange_test_support.hpp"

namespace annals::interchange {
namespace {

class Restoring : public ::testing::Test {
  protected:
    Status restore(const std::deque<Record>& records) {
        ANNALS_TRY(const auto restorer, LogRestorer::open(*files_, "ns", {}));
        ANNALS_CHECK(restorer->begin(false));
        for (const Record& record : records) ANNALS_CHECK(restorer->write(record));
        return restorer->end();
    }

    /// What an export of the log's folder writes.
    std::string exported(std::unique_ptr<RecordSink> (*make)(std::ostream&) = make_ndjson_sink) {
        log::RecoveryReport report;
        const auto log = log::SegmentLog::open(*files_, "ns/events", {}, report);
        EXPECT_TRUE(log);
        if (!log) return {};
        Selection all;
        all.filter.include_system = true;
        const auto source = open_log_source(**log, all);
        std::ostringstream out;
        const auto sink = make(out);
        EXPECT_TRUE(sink->begin(false));
        Record record;
        while (true) {
            const Result<bool> has_record = (*source)->next(record);
            EXPECT_TRUE(has_record);
            if (!has_record || !*has_record) break;
            if (record.removal && !sink->keeps_removed()) continue;
            EXPECT_TRUE(sink->write(record));
        }
        EXPECT_TRUE(sink->end());
        return out.str();
    }

    static std::unique_ptr<KeptRecords> random_records(std::uint64_t seed, int count) {
        RandomRecords random(seed);
        auto kept = std::make_unique<KeptRecords>();
        for (int n = 0; n < count; ++n) kept->add(random.next());
        return kept;
    }

    static std::string code(const Status& status) {
        return status ? "ok" : std::string(status.error().info().name);
    }
    static std::string name(ErrorCode code) { return std::string(Error(code, "").info().name); }

    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
};

TEST_F(Restoring, WhatWasExportedIsExportedAgainByteForByte) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        files_ = log::make_memory_file_system();
        ASSERT_EQ(code(restore(random_records(seed, 3'000)->records)), "ok");
        const std::string ndjson = exported();
        const std::string csv = exported(make_csv_sink);
        for (const std::string& text : {ndjson, csv}) {
            files_ = log::make_memory_file_system();
            std::istringstream in(text);
            const bool is_csv = text.starts_with("position,");
            const std::unique_ptr<RecordSource> source = is_csv
                                                             ? std::move(*open_csv_source(in, {}))
                                                             : make_ndjson_source(in);
            KeptRecords read;
            Record record;
            while (*source->next(record)) read.add(record);
            ASSERT_EQ(code(restore(read.records)), "ok");
            EXPECT_EQ(exported(), ndjson);
            EXPECT_EQ(exported(make_csv_sink), csv);
        }
    }
}

TEST_F(Restoring, AppendsStayTogetherWithWhatTheySay) {
    auto kept = random_records(3, 6);
    kept->records[1].append = model::AppendNote{3, "ann", {}, 0, 1};
    kept->records[1].append->tracking = model::Tracking{"source", "consumer", "key", 7};
    kept->records[1].append->tracking_fingerprint = 99;
    for (std::size_t at : {2u, 3u}) {
        kept->records[at].event.recorded_time = kept->records[1].event.recorded_time;
    }
    ASSERT_EQ(code(restore(kept->records)), "ok");
    log::RecoveryReport report;
    const auto log = log::SegmentLog::open(*files_, "ns/events", {}, report);
    log::LogReader reader = (*log)->reader();
    const auto third = reader.at(Position(3));
    const auto append = reader.append_of(*third);
    EXPECT_EQ(append->event_count, 3u);
    EXPECT_EQ(append->event_ordinal, 1u);
    EXPECT_EQ(append->principal, "ann");
    EXPECT_EQ(append->tracking->key, "key");
    EXPECT_EQ(append->tracking_fingerprint, 99u);
    EXPECT_EQ(reader.append_of(*reader.at(Position(5)))->event_count, 1u);
}

TEST_F(Restoring, RemovedEventsComeBackAsStubsAndRanges) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        files_ = log::make_memory_file_system();
        auto kept = random_records(seed, 400);
        kept->records[3].append = model::AppendNote{2, "", {}, 0, 1};
        kept->records[3].append->tracking = model::Tracking{"source", "consumer", "key", 7};
        kept->records[3].append->tracking_fingerprint = 99;
        kept->records[4].event.recorded_time = kept->records[3].event.recorded_time;
        ASSERT_EQ(code(restore(kept->records)), "ok");
        const std::string whole = exported();
        {
            log::LogOptions options;
            log::RecoveryReport report;
            const auto log = log::SegmentLog::open(*files_, "ns/events", options, report);
            ASSERT_TRUE((*log)->begin_segment());
            (*log)->wait_for_seals();
            log::ScavengeRequest request;
            request.now = TimeNs(1'800'000'000'123'456'789);
            request.is_removable = [seed](const log::StoredEvent& event) -> Result<bool> {
                return event.position.value % 7 > seed % 3;
            };
            request.is_foldable = [](const log::StoredEvent& event) -> Result<bool> {
                return event.position.value < 250;
            };
            for (const auto& segment : (*log)->sealed_segments()) {
                const auto done = (*log)->scavenge(segment.first, request);
                ASSERT_TRUE(done && done->removed_events > 100 && done->folded_events > 50);
            }
        }
        const std::string scavenged = exported();
        EXPECT_NE(scavenged, whole);
        EXPECT_NE(scavenged.find("\"removed\":{\"forgotten\":true}"), std::string::npos);
        EXPECT_NE(scavenged.find("\"removed\":{\"time\":\""), std::string::npos);
        files_ = log::make_memory_file_system();
        std::istringstream in(scavenged);
        const std::unique_ptr<RecordSource> source = make_ndjson_source(in);
        const auto restorer = LogRestorer::open(*files_, "ns", {});
        ASSERT_TRUE((*restorer)->begin(false));
        Record record;
        while (true) {
            const Result<bool> has_record = source->next(record);
            ASSERT_TRUE(has_record) << has_record.error().to_string();
            if (!*has_record) break;
            const Status written = (*restorer)->write(record);
            ASSERT_TRUE(written) << written.error().to_string();
        }
        ASSERT_TRUE((*restorer)->end());
        EXPECT_EQ(exported(), scavenged);
        const auto report = log::verify_log(*files_, "ns/events", {});
        ASSERT_TRUE(report);
        EXPECT_TRUE(report->damages.empty());
        EXPECT_GT(report->folded_events, 50u);
        // A table has no place for them.
        EXPECT_EQ(exported(make_csv_sink).find("forgotten"), std::string::npos);
    }
}

TEST_F(Restoring, ALogWithEventsIsLeftAlone) {
    auto kept = random_records(4, 10);
    ASSERT_EQ(code(restore(kept->records)), "ok");
    const std::string before = exported();
    EXPECT_EQ(code(restore(random_records(5, 10)->records)), name(ErrorCode::kNotEmpty));
    EXPECT_EQ(exported(), before);
}

TEST_F(Restoring, ARunThatWasStoppedLeavesNothingAndTheNextOneGoesThrough) {
    auto kept = random_records(6, 2'000);
    {
        const auto restorer = LogRestorer::open(*files_, "ns", {});
        ASSERT_TRUE((*restorer)->begin(false));
        for (std::size_t n = 0; n < 1'500; ++n) ASSERT_TRUE((*restorer)->write(kept->records[n]));
    }
    EXPECT_FALSE(*files_->exists("ns/events"));
    ASSERT_EQ(code(restore(kept->records)), "ok");
    EXPECT_FALSE(*files_->exists("ns/events.restoring"));
}

TEST_F(Restoring, WhatIsNoWholeHistoryIsRefused) {
    const std::string refused = name(ErrorCode::kNotRestorable);
    const auto with = [&](auto change) {
        files_ = log::make_memory_file_system();
        auto kept = random_records(8, 20);
        change(kept->records);
        std::string answer = code(restore(kept->records));
        EXPECT_FALSE(*files_->exists("ns/events"));
        return answer;
    };
    using Records = std::deque<Record>&;
    EXPECT_EQ(with([](Records all) { all.erase(all.begin() + 5); }), refused);
    EXPECT_EQ(with([](Records all) { all.pop_front(); }), refused);
    EXPECT_EQ(with([](Records all) { std::swap(all[3], all[4]); }), refused);
    EXPECT_EQ(with([](Records all) { all[7].has_stamp = false; }), refused);
    EXPECT_EQ(with([](Records all) { ++all[7].event.revision; }), refused);
    EXPECT_EQ(with([](Records all) { all[7].event.id = {}; }), refused);
    EXPECT_EQ(with([](Records all) { all[7].event.type = ""; }), refused);
    EXPECT_EQ(with([](Records all) { all[19].event.recorded_time = TimeNs(1); }), refused);
    EXPECT_EQ(with([](Records all) { all[19].event.recorded_time = TimeNs(INT64_MAX); }), refused);
    EXPECT_EQ(
        with([](Records all) { all[19].append = model::AppendNote{2, "", {}, 0, 1}; }), refused
    );
    EXPECT_EQ(
        with([](Records all) {
            all[3].append = model::AppendNote{3, "", {}, 0, 1};
            all[4].append = model::AppendNote{1, "", {}, 0, 1};
        }),
        refused
    );
}

TEST_F(Restoring, ASelectionOfALogHasNoNotesOfAppends) {
    auto kept = random_records(9, 30);
    ASSERT_EQ(code(restore(kept->records)), "ok");
    log::RecoveryReport report;
    const auto log = log::SegmentLog::open(*files_, "ns/events", {}, report);
    Selection one;
    one.stream = "order-1";
    const auto source = open_log_source(**log, one);
    Record record;
    int count = 0;
    while (*(*source)->next(record)) {
        EXPECT_EQ(record.event.stream, "order-1");
        EXPECT_FALSE(record.append.has_value());
        ++count;
    }
    EXPECT_GT(count, 0);
    one.filter.recorded_until = kept->records[10].event.recorded_time;
    one.stream.clear();
    const auto early = open_log_source(**log, one);
    while (*(*early)->next(record))
        EXPECT_LT(record.event.recorded_time, one.filter.recorded_until);
}

}  // namespace
}  // namespace annals::interchange
