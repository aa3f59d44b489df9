// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Each sentence of log-and-rules.md section 1.2 that concerns the log, as a test.
#include <algorithm>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "annals/log/testing/faulty_file_system.hpp"

#include "fill_ahead.hpp"
#include "log_rules_support.hpp"

namespace annals::log {
namespace {

using detail::GroupHeader;
using detail::SegmentHeader;
using testing::FaultyFileSystem;

// ---- 1.2 ----

TEST(LogRules1_2, SegmentsAreZeroFilledAheadOfTheEnd) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.options().segment_bytes = 1u << 20u;
    log.must_open();
    for (int i = 0; i < 20; ++i) {
        log.must_append(1, 1000);
        log.log->wait_for_background();
        const std::string bytes = last_segment(*files);
        const auto offsets = group_offsets(bytes);
        const std::size_t end = offsets.back() + header_at(bytes, offsets.back()).total_bytes();
        EXPECT_GE(bytes.size(), end + log.options().fill_bytes_min / 2);
        EXPECT_EQ(bytes.find_first_not_of('\0', end), std::string::npos);
    }
}

/// Zeros that wait for events: behind the last group, and in the file of the next segment.
struct ZerosAhead {
    std::uint64_t in_segment = 0;
    std::uint64_t in_spares = 0;
    std::size_t spares = 0;
};

ZerosAhead zeros_ahead(FileSystem& files) {
    ZerosAhead ahead;
    const std::string bytes = last_segment(files);
    const auto offsets = group_offsets(bytes);
    ahead.in_segment = bytes.size() - SegmentHeader::kBytes;
    if (!offsets.empty()) {
        const std::size_t last = offsets.back();
        ahead.in_segment = bytes.size() - last - header_at(bytes, last).total_bytes();
    }
    for (const std::string& name : names_in(files, "log")) {
        if (!name.ends_with(".tmp")) continue;
        ++ahead.spares;
        ahead.in_spares += *(*files.open("log/" + name, FileSystem::Mode::kRead))->size();
    }
    return ahead;
}

TEST(LogRules1_2, AnIdleLogHasLittleFilledAhead) {
    const auto files = make_memory_file_system();
    const IdleClock clock;
    TestLog log(*files);
    log.options().clock = &clock;
    log.options().segment_bytes = 256u << 10u;
    log.must_open();
    for (std::size_t i = 0; i < 100; ++i) {
        log.must_append(1 + i % 3, 1000 * (i % 5));
        log.log->wait_for_background();
        const ZerosAhead ahead = zeros_ahead(*files);
        // The room of a mark belongs to the group before it.
        ASSERT_LE(ahead.in_segment, log.options().fill_bytes_min + GroupHeader::kBytes) << i;
        ASSERT_EQ(ahead.spares, 0u) << i;
    }
    EXPECT_GE(log.log->info().segments, 2u);
}

TEST(LogRules1_2, ABusyLogHasAtMostOneAndAHalfSegmentsFilledAhead) {
    constexpr std::uint64_t kStep = 1u << 20u;  // in which the next segment is filled
    const auto files = make_memory_file_system();
    const BusyClock clock;
    TestLog log(*files);
    log.options().clock = &clock;
    log.options().segment_bytes = 4u << 20u;
    log.options().fill_bytes_max = 2u << 20u;
    log.must_open();
    std::uint64_t most = 0;
    for (int i = 0; i < 600; ++i) {
        log.must_append(1, 30'000);
        log.log->wait_for_background();
        if (i % 7 != 0) continue;
        const ZerosAhead ahead = zeros_ahead(*files);
        ASSERT_LE(ahead.spares, 1u);
        ASSERT_LE(ahead.in_segment + ahead.in_spares, log.options().segment_bytes * 3 / 2 + kStep)
            << i;
        most = std::max(most, ahead.in_segment + ahead.in_spares);
        if (log.log->info().segments > 1) continue;
        ASSERT_LE(ahead.in_spares, log.options().fill_bytes_max) << "the first is a small one";
    }
    EXPECT_GT(most, log.options().segment_bytes) << "a higher rate, more ahead";
    EXPECT_GE(log.log->info().segments, 5u);
}

TEST(LogRules1_2, RoomThatWasReservedAndNotUsedDoesNotAskForAWholeSpare) {
    constexpr std::uint64_t kStep = 1u << 20u;  // in which the next segment is filled
    const auto files = make_memory_file_system();
    const BusyClock clock;
    TestLog log(*files);
    log.options().clock = &clock;
    log.options().segment_bytes = 16u << 20u;
    log.options().fill_bytes_max = 8u << 20u;
    log.must_open();
    // A group for which a spare is begun, and that comes to nothing, as when all is refused.
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(log.log->reserve(3u << 20u, 1));
        log.log->wait_for_background();
    }
    ASSERT_EQ(zeros_ahead(*files).spares, 1u);
    for (int i = 0; i < 5; ++i) {
        log.must_append(1, 100);
        log.log->wait_for_background();
        ASSERT_LE(zeros_ahead(*files).in_spares, 2 * kStep) << i;
    }
    log.check_all();
}

TEST(LogRules1_2, ASpareIsFilledTwiceAsFastAsWhatIsBeforeItIsUsed) {
    constexpr std::uint64_t kMiB = 1u << 20u;
    EXPECT_EQ(detail::spare_bytes_wanted(0, 8 * kMiB, 8 * kMiB), kMiB);
    const std::uint64_t quarter = detail::spare_bytes_wanted(2 * kMiB, 8 * kMiB, 8 * kMiB);
    EXPECT_NEAR(static_cast<double>(quarter), 5.0 * kMiB, 8);
    EXPECT_EQ(detail::spare_bytes_wanted(4 * kMiB, 8 * kMiB, 8 * kMiB), 8 * kMiB);
    EXPECT_EQ(detail::spare_bytes_wanted(9 * kMiB, 8 * kMiB, 8 * kMiB), 8 * kMiB);
    EXPECT_EQ(detail::spare_bytes_wanted(UINT64_MAX, 0, 8 * kMiB), 8 * kMiB);
    EXPECT_EQ(detail::spare_bytes_wanted(0, 0, 0), 0u);
}

TEST(LogRules1_2, ATearAtAnyByteIsCutAtTheLastWholeGroup) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(1);
    log.must_append(2);
    // The last group is not synced: nothing says that it is durable.
    ASSERT_TRUE(log.add(1).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    const std::string bytes = first_segment(*files);
    const auto offsets = group_offsets(bytes);
    const std::size_t last = offsets.back();
    const std::size_t end = last + header_at(bytes, last).total_bytes();
    // Zero behind the cut, and: the file ends there.
    for (std::size_t cut = last; cut <= end; ++cut) {
        for (const bool is_truncated : {false, true}) {
            const auto copy = killed_copy(*files);
            std::string torn = bytes.substr(0, cut);
            if (!is_truncated) torn.resize(bytes.size(), '\0');
            set_bytes(*copy, kFirstSegment, torn);
            TestLog opened(*copy);
            opened.must_open();
            const std::size_t whole_end = bytes.find_last_not_of('\0', end - 1) + 1;
            const bool is_whole = cut >= (is_truncated ? end : whole_end);
            ASSERT_EQ(opened.log->durable_end(), Position(is_whole ? 4 : 3)) << cut;
            ASSERT_TRUE(opened.report.damages.empty());
            ASSERT_EQ(
                opened.report.cut_bytes != 0,
                !is_whole && torn.find_first_not_of('\0', last) != std::string::npos
            );
            opened.check_all();
            opened.must_append(2);
            opened.check_all();
            opened.log = nullptr;
            expect_whole(*copy);
        }
    }
}

TEST(LogRules1_2, TearsOfTheFirstGroupLeaveAnEmptyLog) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    ASSERT_TRUE(log.add(2).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    const auto copy = killed_copy(*files);
    std::string bytes = first_segment(*files);
    bytes[SegmentHeader::kBytes + 200] = static_cast<char>(bytes[SegmentHeader::kBytes + 200] ^ 1);
    set_bytes(*copy, kFirstSegment, bytes);
    TestLog opened(*copy);
    opened.must_open();
    EXPECT_EQ(opened.log->durable_end(), Position(0));
    EXPECT_EQ(opened.report.cut_groups, 1u);
    opened.must_append(3);
    opened.check_all();
}

TEST(LogRules1_2, ABadGroupThatALaterDurableMarkCoversIsDamageAndNeverCut) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(1);
    log.must_append(2);
    ASSERT_TRUE(log.log->mark().has_value());
    const std::string bytes = first_segment(*files);
    const auto offsets = group_offsets(bytes);
    ASSERT_EQ(offsets.size(), 3u);
    const std::size_t bad_at = offsets[1] + GroupHeader::kBytes + 100;
    const auto copy = killed_copy(*files);
    std::string bad = bytes;
    bad[bad_at] = static_cast<char>(bad[bad_at] ^ 0x40);
    set_bytes(*copy, kFirstSegment, bad);

    TestLog opened(*copy);
    opened.must_open();
    ASSERT_EQ(opened.report.damages.size(), 1u);
    EXPECT_EQ(opened.report.damages[0].segment, "00000000000000000001.seg");
    EXPECT_EQ(opened.report.damages[0].offset, offsets[1]);
    EXPECT_EQ(opened.report.damages[0].first_position, Position(2));
    EXPECT_TRUE(opened.report.is_read_only);
    EXPECT_TRUE(opened.log->is_read_only());
    EXPECT_EQ(opened.append().error().code(), ErrorCode::kReadOnly);
    LogReader reader = opened.log->reader();
    EXPECT_TRUE(reader.at(Position(1)).has_value());
    EXPECT_EQ(opened.log->durable_end(), Position(3));
    const auto lost = reader.at(Position(2));
    ASSERT_FALSE(lost.has_value());
    EXPECT_EQ(lost.error().code(), ErrorCode::kDataLoss);
    opened.log = nullptr;
    EXPECT_EQ(first_segment(*copy), bad) << "nothing of it may be changed";

    // Told to, it reads and writes around it.
    opened.options().accept_damage = true;
    opened.must_open();
    EXPECT_FALSE(opened.log->is_read_only());
    opened.must_append(2);
    reader = opened.log->reader();
    EXPECT_FALSE(reader.at(Position(3)).has_value());
    TestLog::check_event(*reader.at(Position(4)), 4);
    TestLog::check_event(*reader.at(Position(5)), 5);
    opened.log = nullptr;
    EXPECT_EQ(
        first_segment(*copy).substr(0, bytes.find_last_not_of('\0')),
        bad.substr(0, bytes.find_last_not_of('\0'))
    );
}

TEST(LogRules1_2, ABadLastGroupThatNothingCoversIsATear) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(1);
    log.must_append(2);
    std::string bytes = first_segment(*files);
    const auto offsets = group_offsets(bytes);
    bytes[offsets[1] + 150] = static_cast<char>(bytes[offsets[1] + 150] ^ 1);
    const auto copy = killed_copy(*files);
    set_bytes(*copy, kFirstSegment, bytes);
    TestLog opened(*copy);
    opened.must_open();
    EXPECT_TRUE(opened.report.damages.empty());
    EXPECT_EQ(opened.report.cut_groups, 1u);
    EXPECT_EQ(opened.log->durable_end(), Position(1));
}

TEST(LogRules1_2, ABadGroupInASegmentThatIsNotTheLastIsAlwaysDamage) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    while (log.log->info().segments < 3) log.must_append(1, 2000);
    const auto copy = killed_copy(*files);
    log.log->wait_for_background();
    // The last group of the first segment: no durable number of that segment covers it.
    std::string bytes = first_segment(*files);
    const auto offsets = group_offsets(bytes);
    bytes.resize(offsets.back() + header_at(bytes, offsets.back()).total_bytes());  // not sealed
    bytes[offsets.back() + 130] = static_cast<char>(bytes[offsets.back() + 130] ^ 1);
    set_bytes(*copy, kFirstSegment, bytes);
    TestLog opened(*copy);
    opened.must_open();
    ASSERT_EQ(opened.report.damages.size(), 1u);
    EXPECT_EQ(opened.report.damages[0].offset, offsets.back());
    EXPECT_TRUE(opened.log->is_read_only());
    LogReader reader = opened.log->reader();
    EXPECT_EQ(reader.at(Position(offsets.size())).error().code(), ErrorCode::kDataLoss);
    TestLog::check_event(*reader.at(Position(offsets.size() + 1)), offsets.size() + 1);
}

TEST(LogRules1_2, AnIdleLogWritesAMarkOnce) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    ASSERT_TRUE(log.log->mark().has_value());
    EXPECT_TRUE(group_offsets(first_segment(*files)).empty()) << "an empty log needs none";
    log.must_append();
    ASSERT_TRUE(log.log->mark().has_value());
    ASSERT_TRUE(log.log->mark().has_value());
    const std::string bytes = first_segment(*files);
    const auto offsets = group_offsets(bytes);
    ASSERT_EQ(offsets.size(), 2u);
    EXPECT_TRUE(header_at(bytes, offsets[1]).is_mark());
    EXPECT_EQ(header_at(bytes, offsets[1]).durable_number, 1u);
}

TEST(LogRules1_2, WhatLiesBehindACutIsZeroedAndSyncedBeforeTheFirstNewAppend) {
    FaultyFileSystem files(5);
    TestLog log(files);
    log.must_open();
    log.must_append();
    // Three groups that were never synced; of them the page cache lost the first.
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(log.add(1).has_value());
        ASSERT_TRUE(log.log->write().has_value());
    }
    std::string bytes = first_segment(files);
    const auto offsets = group_offsets(bytes);
    files.stop();
    log.log = nullptr;
    files.restart_after_kill();
    {
        auto file = *files.open(kFirstSegment, FileSystem::Mode::kReadWrite);
        // Their durable numbers cover the first group only.
        ASSERT_TRUE(file->write_at(offsets[1], std::string(64, '\0')).has_value());
        ASSERT_TRUE(file->sync().has_value());
    }
    const std::uint64_t syncs = files.syncs();
    log.must_open();
    EXPECT_GT(files.syncs(), syncs);
    EXPECT_EQ(log.report.cut_groups, 2u);
    EXPECT_TRUE(log.report.damages.empty());
    files.stop();
    log.log = nullptr;
    files.restart_after_power_loss();
    bytes = first_segment(files);
    const auto left = group_offsets(bytes);
    ASSERT_EQ(left.size(), 2u);  // the first event, and the mark that opening wrote
    EXPECT_EQ(bytes.find_first_not_of('\0', left[1] + GroupHeader::kBytes), std::string::npos);
}

TEST(LogRules1_2, TheSaltKeepsOldBytesFromLiningUpAgain) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(1);
    const auto before = killed_copy(*files);
    ASSERT_TRUE(log.log->mark().has_value());
    log.must_append(1);
    const std::string old_bytes = first_segment(*files);
    const auto old_offsets = group_offsets(old_bytes);
    ASSERT_EQ(old_offsets.size(), 3u);
    // The same log, in another life: its recovery writes a mark that differs in the salt alone...
    TestLog other(*before);
    other.must_open();
    std::string bytes = first_segment(*before);
    const auto offsets = group_offsets(bytes);
    ASSERT_EQ(offsets.size(), 2u);
    ASSERT_EQ(offsets[1], old_offsets[1]);
    // ...and the group that followed in the first life stands behind it again.
    const std::string stale = old_bytes.substr(
        old_offsets[2], header_at(old_bytes, old_offsets[2]).total_bytes()
    );
    bytes.replace(old_offsets[2], stale.size(), stale);
    const auto copy = killed_copy(*before);
    set_bytes(*copy, kFirstSegment, bytes);
    TestLog opened(*copy);
    opened.must_open();
    EXPECT_TRUE(opened.report.damages.empty());
    EXPECT_EQ(opened.log->durable_end(), Position(1));
    EXPECT_EQ(opened.report.cut_groups, 1u);
    opened.check_all();
}

}  // namespace
}  // namespace annals::log
