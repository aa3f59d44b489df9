// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Each sentence of log-and-rules.md section 1.3 that concerns the log, as a test.

#include <gtest/gtest.h>

#include "annals/log/testing/faulty_file_system.hpp"

#include "log_rules_support.hpp"

namespace annals::log {
namespace {

using testing::FaultyFileSystem;

// ---- 1.3 ----

TEST(LogRules1_3, AFailedSyncPoisonsTheLogAndTheGroupsOutcomeIsUnknown) {
    FaultyFileSystem files(1);
    TestLog log(files);
    log.must_open();
    log.must_append(2);
    log.log->wait_for_background();
    ASSERT_TRUE(log.add(1).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    files.fail_next_sync();
    const Status synced = log.log->sync();
    ASSERT_FALSE(synced.has_value());
    EXPECT_EQ(synced.error().code(), ErrorCode::kOutcomeUnknown);
    EXPECT_TRUE(log.log->is_poisoned());
    // A second sync would succeed, and lie.
    EXPECT_EQ(log.log->sync().error().code(), ErrorCode::kReadOnly);
    EXPECT_EQ(log.log->write().has_value(), true) << "nothing is built";
    EXPECT_EQ(log.log->reserve(100, 1).error().code(), ErrorCode::kReadOnly);
    EXPECT_EQ(log.log->mark().error().code(), ErrorCode::kReadOnly);
    // Reads go on from what is durable.
    EXPECT_EQ(log.log->durable_end(), Position(2));
    log.check_all();
    LogReader reader = log.log->reader();
    EXPECT_EQ(reader.at(Position(3)).error().code(), ErrorCode::kTokenBeyondEnd);
}

TEST(LogRules1_3, AFailedWritePoisonsTheLog) {
    FaultyFileSystem files(1);
    TestLog log(files);
    log.must_open();
    log.must_append(2);
    log.log->wait_for_background();
    ASSERT_TRUE(log.add(1).has_value());
    files.fail_writes(ErrorCode::kIoError);
    EXPECT_EQ(log.log->write().error().code(), ErrorCode::kOutcomeUnknown);
    EXPECT_TRUE(log.log->is_poisoned());
    files.clear_faults();
    EXPECT_EQ(log.append().error().code(), ErrorCode::kReadOnly);
    log.check_all();
}

TEST(LogRules1_3, AFailureOfTheBackgroundsSyncReachesTheWriter) {
    FaultyFileSystem files(1);
    const IdleClock clock;
    LogOptions options = small_options();
    options.clock = &clock;
    TestLog log(files, options);
    log.must_open();
    log.must_append(1);
    log.log->wait_for_background();
    ASSERT_TRUE(log.add(1, 7000).has_value());
    files.fail_next_sync();  // met by whoever comes first: the background fills now, too
    ASSERT_TRUE(log.log->write().has_value());
    log.log->wait_for_background();
    EXPECT_FALSE(log.log->sync().has_value());
    EXPECT_TRUE(log.log->is_poisoned());
}

TEST(LogRules1_3, OnlyAReopeningGoesOn) {
    FaultyFileSystem files(3);
    TestLog log(files);
    log.must_open();
    log.must_append(2);
    log.log->wait_for_background();
    ASSERT_TRUE(log.add(1).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    files.fail_next_sync();
    ASSERT_FALSE(log.log->sync().has_value());
    log.log = nullptr;
    files.restart_after_kill();
    log.must_open();
    // The page cache shows the group. It was rewritten, so that it is true.
    EXPECT_EQ(log.log->durable_end(), Position(3));
    EXPECT_GE(log.report.rewritten_groups, 1u);
    files.stop();
    log.log = nullptr;
    files.restart_after_power_loss();
    log.must_open();
    EXPECT_EQ(log.log->durable_end(), Position(3));
    log.must_append();
    log.check_all();
}

TEST(LogRules1_3, OpeningRewritesAndSyncsTheTailThatNoMarkCoversAlsoAfterKill9) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(seed);
        const bool has_sync_failed = seed % 2 == 0;
        FaultyFileSystem files(seed);
        // All filled before the groups are written: filling syncs the whole file.
        LogOptions options = small_options();
        options.segment_bytes = options.fill_bytes_min = 128u << 10u;
        TestLog log(files, options);
        log.must_open();
        log.must_append(1);
        log.log->wait_for_background();
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(log.add(2, 6'000).has_value());
            ASSERT_TRUE(log.log->write().has_value());
        }
        if (has_sync_failed) {
            // Its pages count as clean now: syncing once more, without writing, would not help.
            log.log->wait_for_background();
            files.fail_next_sync();
            ASSERT_FALSE(log.log->sync().has_value());
        }
        files.stop();
        log.log = nullptr;
        files.restart_after_kill();
        log.must_open();
        EXPECT_FALSE(log.report.was_clean);
        EXPECT_EQ(log.report.rewritten_groups, 3u);
        EXPECT_GT(log.report.rewritten_bytes, 0u);
        EXPECT_EQ(log.log->durable_end(), Position(7));
        files.stop();
        log.log = nullptr;
        files.restart_after_power_loss();
        log.must_open();
        EXPECT_EQ(log.log->durable_end(), Position(7)) << "what was served is durable";
        EXPECT_EQ(log.report.rewritten_groups, 1u) << "only the mark of the last opening";
        log.check_all();
    }
}

TEST(LogRules1_3, WhenRewritingFailsTheTailGoesToAFreshSegment) {
    FaultyFileSystem files(4);
    TestLog log(files);
    log.must_open();
    log.must_append(2);
    log.must_append(1);
    ASSERT_TRUE(log.add(3).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    files.stop();
    log.log = nullptr;
    files.restart_after_kill();
    files.fail_writes(ErrorCode::kIoError, "0001.seg");
    log.must_open();
    EXPECT_TRUE(log.report.used_fresh_segment);
    EXPECT_FALSE(log.log->is_read_only()) << log.report.read_only_reason;
    EXPECT_EQ(log.log->durable_end(), Position(6));
    log.check_all();
    log.must_append(2);
    log.check_all();
    files.stop();
    log.log = nullptr;
    files.restart_after_power_loss();
    files.clear_faults();
    log.must_open();
    EXPECT_EQ(log.log->durable_end(), Position(8));
    log.check_all();
    log.must_append(1);
    log.log = nullptr;
    log.must_open();
    log.check_all();
    log.log = nullptr;
    expect_whole(files);
}

TEST(LogRules1_3, WhenNothingInTheSegmentIsProvenTheFreshOneTakesItsPlace) {
    FaultyFileSystem files(4);
    TestLog log(files);
    log.must_open();
    ASSERT_TRUE(log.add(3).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    files.stop();
    log.log = nullptr;
    files.restart_after_kill();
    files.fail_next_sync("0001.seg");
    log.must_open();
    EXPECT_TRUE(log.report.used_fresh_segment);
    log.must_append(2);
    files.stop();
    log.log = nullptr;
    files.restart_after_power_loss();
    log.must_open();
    EXPECT_EQ(log.log->durable_end(), Position(5));
    log.check_all();
    log.log = nullptr;
    expect_whole(files);
}

TEST(LogRules1_3, FailingBothItOpensReadOnlyAndSaysWhichPositionsAreUnproven) {
    FaultyFileSystem files(4);
    TestLog log(files);
    log.must_open();
    log.must_append(2);
    log.must_append(1);
    ASSERT_TRUE(log.add(3).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    files.stop();
    log.log = nullptr;
    files.restart_after_kill();
    files.fail_syncs();
    log.must_open();
    EXPECT_TRUE(log.log->is_read_only());
    EXPECT_FALSE(log.report.read_only_reason.empty());
    ASSERT_TRUE(log.report.unproven_from.has_value());
    EXPECT_EQ(*log.report.unproven_from, Position(4));
    log.check_all();
    EXPECT_EQ(log.append().error().code(), ErrorCode::kReadOnly);
}

TEST(LogRules1_3, AFullDiskIsMetInReserveBeforeAGroupIsAcceptedAndHealsInPlace) {
    FaultyFileSystem files(1);
    TestLog log(files);
    log.must_open();
    log.must_append(1);
    log.log->wait_for_background();
    files.limit_bytes(files.bytes());
    Status status = ok();
    std::uint64_t stored = 1;
    while ((status = log.append(1, 500))) ++stored;
    EXPECT_EQ(status.error().code(), ErrorCode::kDiskFull);
    EXPECT_FALSE(log.log->is_poisoned());
    EXPECT_EQ(log.append(1, 500).error().code(), ErrorCode::kDiskFull);
    EXPECT_EQ(log.log->last_position(), Position(stored)) << "nothing was changed";
    log.check_all();
    files.clear_faults();
    for (int i = 0; i < 200; ++i) log.must_append(1, 500);
    log.check_all();
    files.limit_bytes(files.bytes());
    while ((status = log.append(1, 500))) {
    }
    EXPECT_EQ(status.error().code(), ErrorCode::kDiskFull);
    ASSERT_TRUE(log.log->mark().has_value()) << "a mark always has room";
    log.log = nullptr;
    files.clear_faults();
    log.must_open();
    log.check_all();
    log.must_append();
    log.log = nullptr;
    expect_whole(files);
}

}  // namespace
}  // namespace annals::log
