// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Each sentence of log-and-rules.md section 1 that concerns the log, as a test.
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "annals/codec/checksum.hpp"
#include "annals/log/testing/faulty_file_system.hpp"

#include "clean_end.hpp"
#include "log_test_support.hpp"
#include "recovery.hpp"
#include "segment_footer.hpp"
#include "segment_scan.hpp"

namespace annals::log {
namespace {

using detail::GroupHeader;
using detail::SegmentHeader;
using testing::FaultyFileSystem;

/// The files as they are while the log runs: what kill -9 leaves.
std::unique_ptr<FileSystem> killed_copy(FileSystem& files) { return copy_of(files, "log"); }

std::string first_segment(FileSystem& files) { return bytes_of(files, kFirstSegment); }

std::string last_segment(FileSystem& files) {
    std::vector<std::string> names = *files.list("log");
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(".seg"); });
    return bytes_of(files, "log/" + names.back());
}

GroupHeader header_at(std::string_view bytes, std::size_t offset) {
    const auto header = detail::decode_group_header(bytes.substr(offset));
    EXPECT_TRUE(header.has_value());
    return *header;
}

void expect_whole(FileSystem& files) {
    const auto verified = verify_log(files, "log", {});
    ASSERT_TRUE(verified.has_value()) << verified.error().to_string();
    for (const Damage& damage : verified->damages) {
        ADD_FAILURE() << damage.segment << " at " << damage.offset << ": " << damage.what;
    }
}

// ---- 1.1 ----

TEST(LogRules1_1, SeveralAppendsCommittedTogetherAreOneGroup) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(log.add(2).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    ASSERT_TRUE(log.log->sync().has_value());
    const std::string bytes = first_segment(*files);
    ASSERT_EQ(group_offsets(bytes).size(), 1u);
    const GroupHeader header = header_at(bytes, SegmentHeader::kBytes);
    EXPECT_EQ(header.append_count, 5);
    EXPECT_EQ(header.event_count, 10u);
    log.check_all();
}

TEST(LogRules1_1, GroupsNeverSpanSegments) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    for (int i = 0; i < 60; ++i) log.must_append(3, 2000);
    ASSERT_TRUE(log.log->close().has_value());
    std::uint64_t events = 0;
    for (const std::string& name : names_in(*files, "log")) {
        if (!detail::parse_segment_name(name)) continue;
        const std::string bytes = bytes_of(*files, "log/" + name);
        for (const std::size_t at : group_offsets(bytes)) {
            const GroupHeader header = header_at(bytes, at);
            EXPECT_LE(at + header.total_bytes(), bytes.size());
            events += header.event_count;
        }
    }
    EXPECT_EQ(events, 180u);
}

TEST(LogRules1_1, AGroupTooLargeForASegmentGetsOneOfItsOwnSize) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(1, 1u << 20u);
    log.must_append(2, 100);
    log.must_append(3, 1u << 20u);
    log.must_append(1, 10);
    log.check_all();
    ASSERT_TRUE(log.log->close().has_value());
    log.must_open();
    log.check_all();
    log.log = nullptr;
    expect_whole(*files);
}

TEST(LogRules1_1, ANewSegmentsHeaderAndDirectoryEntryAreSyncedBeforeItsFirstGroup) {
    FaultyFileSystem files(1);
    TestLog log(files);
    log.must_open();
    while (log.log->info().segments == 1) log.must_append(1, 2000);
    const std::uint64_t end = log.log->durable_end().value;
    files.stop();
    log.log = nullptr;
    files.restart_after_power_loss();
    log.must_open();
    EXPECT_EQ(log.log->durable_end().value, end);
    log.check_all();
}

TEST(LogRules1_1, AFailedDirectorySyncOfANewSegmentPoisonsBeforeAnythingIsWrittenToIt) {
    FaultyFileSystem files(1);
    TestLog log(files);
    log.must_open();
    log.must_append();
    files.fail_directory_syncs(true);
    Status status = ok();
    while (status) status = log.append(1, 2000);
    EXPECT_EQ(status.error().code(), ErrorCode::kOutcomeUnknown);
    EXPECT_TRUE(log.log->is_poisoned());
    log.check_all();
}

TEST(
    LogRules1_1, AGroupHeaderHasItsOwnChecksumTheLinkTheSaltPositionCountAndHowFarTheLogIsDurable
) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(2);
    log.must_append(3);
    log.must_append(1);
    const std::string bytes = first_segment(*files);
    const auto offsets = group_offsets(bytes);
    ASSERT_EQ(offsets.size(), 3u);
    const GroupHeader first = header_at(bytes, offsets[0]);
    const GroupHeader second = header_at(bytes, offsets[1]);
    const GroupHeader third = header_at(bytes, offsets[2]);
    EXPECT_EQ(first.previous_crc, 0u);
    EXPECT_EQ(second.previous_crc, first.crc);
    EXPECT_EQ(third.previous_crc, second.crc);
    EXPECT_EQ(second.salt, first.salt);
    EXPECT_EQ(second.first_position, Position(3));
    EXPECT_EQ(second.event_count, 3u);
    EXPECT_EQ(second.number, 2u);
    EXPECT_EQ(second.durable_number, 1u);
    EXPECT_EQ(third.durable_number, 2u);
    EXPECT_EQ(third.kafka_offset, -1);
    for (std::size_t bit = 0; bit < GroupHeader::kBytes * 8; ++bit) {
        std::string flipped = bytes.substr(offsets[1], GroupHeader::kBytes);
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        EXPECT_FALSE(detail::decode_group_header(flipped).has_value()) << bit;
    }
}

TEST(LogRules1_1, EachOpeningHasANewSalt) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append();
    ASSERT_TRUE(log.log->close().has_value());
    log.must_open();
    log.must_append();
    const std::string bytes = first_segment(*files);
    const auto offsets = group_offsets(bytes);
    ASSERT_EQ(offsets.size(), 3u);  // event, mark of the close, event
    EXPECT_NE(header_at(bytes, offsets[0]).salt, header_at(bytes, offsets[2]).salt);
    EXPECT_TRUE(detail::is_salt_of(header_at(bytes, offsets[2]).salt, log.log->identity().log_id));
    EXPECT_FALSE(detail::is_salt_of(header_at(bytes, offsets[2]).salt, make_uuid_v4()));
}

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
    log.must_append(1);
    log.must_append(1);
    const std::string old_bytes = first_segment(*files);
    const auto old_offsets = group_offsets(old_bytes);
    // The same log, in another life, writes a group of the same size in the same place...
    TestLog other(*before);
    other.must_open();
    other.must_append(1);
    std::string bytes = first_segment(*before);
    const auto offsets = group_offsets(bytes);
    ASSERT_EQ(offsets.size(), 3u);  // event, mark of the recovery, event
    // ...and old bytes stand behind it.
    const std::size_t end = offsets[2] + header_at(bytes, offsets[2]).total_bytes();
    const std::string stale = old_bytes.substr(
        old_offsets[2], header_at(old_bytes, old_offsets[2]).total_bytes()
    );
    bytes.replace(end, stale.size(), stale);
    const auto copy = killed_copy(*before);
    set_bytes(*copy, kFirstSegment, bytes);
    TestLog opened(*copy);
    opened.must_open();
    EXPECT_TRUE(opened.report.damages.empty());
    EXPECT_EQ(opened.log->durable_end(), Position(2));
    EXPECT_EQ(opened.report.cut_groups, 1u);
    opened.check_all();
}

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
    TestLog log(files);
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
    FaultyFileSystem files(4);
    TestLog log(files);
    log.must_open();
    log.must_append(1);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(log.add(2).has_value());
        ASSERT_TRUE(log.log->write().has_value());
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

// ---- 1.4 ----

TEST(LogRules1_4, ReadersSeeOnlyDurablePositions) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(2);
    LogReader reader = log.log->reader();
    ASSERT_TRUE(log.add(1).has_value());
    EXPECT_EQ(log.log->last_position(), Position(3));
    EXPECT_EQ(reader.at(Position(3)).error().code(), ErrorCode::kTokenBeyondEnd);
    ASSERT_TRUE(log.log->write().has_value());
    EXPECT_EQ(log.log->durable_end(), Position(2));
    EXPECT_EQ(log.log->durable_chain().position, Position(2));
    EXPECT_EQ(reader.at(Position(3)).error().code(), ErrorCode::kTokenBeyondEnd);
    EXPECT_EQ(log.log->chain_bits_at(Position(3)).error().code(), ErrorCode::kTokenBeyondEnd);
    ASSERT_TRUE(log.log->sync().has_value());
    EXPECT_EQ(log.log->durable_chain(), log.log->last_chain());
    EXPECT_TRUE(reader.at(Position(3)).has_value());
    EXPECT_EQ(reader.at(Position(0)).error().code(), ErrorCode::kTokenBeyondEnd);
}

TEST(LogRules1_4, ManyReadersBesideOneWriterSeeExactlyTheLog) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    std::atomic<bool> is_done{false};
    std::vector<std::thread> threads;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        threads.emplace_back([&, seed] {
            std::uint64_t state = seed;
            std::uint64_t next = 1;
            while (!is_done) {
                LogReader reader = log.log->reader();
                const std::uint64_t end = log.log->durable_end().value;
                for (; next <= end; ++next) TestLog::check_event(*reader.at(Position(next)), next);
                for (int i = 0; i < 20 && end != 0; ++i) {
                    state = state * 6364136223846793005u + 1442695040888963407u;
                    const std::uint64_t p = (state >> 33u) % end + 1;
                    TestLog::check_event(*reader.at(Position(p)), p);
                }
                std::this_thread::yield();
            }
        });
    }
    for (int i = 0; i < 3000; ++i) log.must_append(1 + static_cast<std::size_t>(i % 5));
    is_done = true;
    for (std::thread& thread : threads) thread.join();
    log.log->wait_for_background();
    log.check_all();
}

// ---- 1.5 ----

TEST(LogRules1_5, AnAppendHasPrincipalTrackingAndTheVersionOfTheRules) {
    for (const Compression compression : {Compression::kNone, Compression::kZstd}) {
        const auto files = make_memory_file_system();
        TestLog log(*files);
        log.options().compression = compression;
        log.must_open();
        const model::Tracking tracking{"billing", "mailer", "order-7", 4711};
        ASSERT_TRUE(log.add(1, 0).has_value());
        ASSERT_TRUE(log.add(3, 5000, &tracking).has_value());
        ASSERT_TRUE(log.log->write().has_value());
        ASSERT_TRUE(log.log->sync().has_value());
        LogReader reader = log.log->reader();
        const auto plain = reader.append_of(*reader.at(Position(1)));
        ASSERT_TRUE(plain.has_value());
        EXPECT_EQ(plain->principal, "tester");
        EXPECT_FALSE(plain->tracking.has_value());
        const StoredEvent event = *reader.at(Position(3));
        const auto append = reader.append_of(event);
        ASSERT_TRUE(append.has_value()) << append.error().to_string();
        EXPECT_EQ(append->rules_version, 1u);
        EXPECT_EQ(append->event_count, 3u);
        EXPECT_EQ(append->event_ordinal, 1u);
        ASSERT_TRUE(append->tracking.has_value());
        EXPECT_EQ(append->tracking->source, "billing");
        EXPECT_EQ(append->tracking->consumer, "mailer");
        EXPECT_EQ(append->tracking->key, "order-7");
        EXPECT_EQ(append->tracking->position, 4711u);
        EXPECT_EQ(append->tracking_fingerprint, 77u);
        log.check_all();
    }
}

TEST(LogRules1_5, UnknownRequiredFormatFlagsRefuseToOpen) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append();
    ASSERT_TRUE(log.log->close().has_value());
    log.log = nullptr;
    for (const std::string name : {"LOG", "00000000000000000001.seg"}) {
        for (const bool is_required : {true, false}) {
            const auto copy = killed_copy(*files);
            std::string bytes = bytes_of(*copy, "log/" + name);
            const std::size_t header = name == "LOG" ? 64 : SegmentHeader::kBytes;
            bytes[is_required ? 12 : 16] = 1;
            const std::uint32_t crc = codec::crc32c(std::string_view(bytes).substr(0, header - 4));
            codec::store(bytes.data() + header - 4, crc);
            set_bytes(*copy, "log/" + name, bytes);
            TestLog opened(*copy);
            const Status status = opened.open();
            ASSERT_EQ(status.has_value(), !is_required) << name;
            if (is_required) {
                EXPECT_EQ(status.error().code(), ErrorCode::kUnsupportedFormat);
            }
        }
    }
}

// ---- 1.6 ----

/// The same events in other groups and segments.
struct Variant {
    std::size_t events_per_group;
    std::size_t segment_bytes;
    Compression compression;
};

struct Outcome {
    std::uint64_t chain = 0;
    std::vector<detail::TreeRoot> roots;
};

Outcome write_variant(const Variant& variant, std::uint64_t events) {
    const auto files = make_memory_file_system();
    LogOptions options = small_options();
    options.segment_bytes = variant.segment_bytes;
    options.compression = variant.compression;
    RecoveryReport report;
    auto log = std::move(*SegmentLog::open(*files, "log", options, report));
    EncodedAppend append;
    const std::vector<std::uint8_t> salt(16, 9);
    for (std::uint64_t p = 1; p <= events; ++p) {
        model::NewEvent event;
        const std::string data = data_of(p);
        event.stream = "s";
        event.type = "t";
        event.data = data;
        Uuid id;
        id.bytes[0] = 1;
        append.encode({}, std::span(&event, 1), std::span(&id, 1), salt);
        EXPECT_TRUE(log->reserve(append.bytes(), 1).has_value());
        const Stamp stamp{Position(p), Revision(p - 1)};
        log->add(append, std::span(&stamp, 1), TimeNs(static_cast<std::int64_t>(p)));
        if (p % variant.events_per_group == 0 || p == events) {
            EXPECT_TRUE(log->write().has_value());
            EXPECT_TRUE(log->sync().has_value());
        }
    }
    Outcome outcome{log->durable_chain().chain, {}};
    EXPECT_TRUE(log->close().has_value());
    for (const std::string& name : names_in(*files, "log")) {
        if (!detail::parse_segment_name(name)) continue;
        const auto file = *files->open("log/" + name, FileSystem::Mode::kRead);
        const auto footer = *detail::read_segment_footer(*file);
        if (footer)
            outcome.roots.insert(outcome.roots.end(), footer->roots.begin(), footer->roots.end());
    }
    expect_whole(*files);
    return outcome;
}

TEST(LogRules1_6, ChainAndTreeRootsDependNeitherOnGroupingNorOnPlace) {
    constexpr std::uint64_t kEvents = 150'000;  // two finished blocks
    const Outcome one = write_variant({500, 1u << 20u, Compression::kNone}, kEvents);
    const Outcome other = write_variant({333, 3u << 20u, Compression::kNone}, kEvents);
    const Outcome packed = write_variant({1000, 1u << 19u, Compression::kZstd}, kEvents);
    ASSERT_EQ(one.roots.size(), 2u);
    EXPECT_EQ(one.roots[0].block, 0u);
    EXPECT_EQ(one.roots[1].block, 1u);
    EXPECT_EQ(one.chain, other.chain);
    EXPECT_EQ(one.chain, packed.chain);
    EXPECT_EQ(one.roots, other.roots);
    EXPECT_EQ(one.roots, packed.roots);
}

TEST(LogRules1_6, TheChainAtAnyPositionIsKnown) {
    for (const Compression compression : {Compression::kNone, Compression::kZstd}) {
        const auto files = make_memory_file_system();
        TestLog log(*files);
        log.options().compression = compression;
        log.must_open();
        std::vector<ChainMark> marks;
        for (int i = 0; i < 60; ++i) {
            log.must_append(static_cast<std::size_t>(i % 9) + 1, 900);
            marks.push_back(log.log->last_chain());
        }
        std::uint64_t chain = 0;
        for (std::uint64_t p = 1; p <= log.log->durable_end().value; ++p) {
            const auto full = log.log->chain_at(Position(p));
            ASSERT_TRUE(full.has_value()) << full.error().to_string();
            EXPECT_NE(*full, chain);
            chain = *full;
            EXPECT_EQ(*log.log->chain_bits_at(Position(p)), static_cast<std::uint32_t>(chain));
            for (const ChainMark& mark : marks) {
                if (mark.position.value == p) {
                    EXPECT_EQ(mark.chain, chain);
                }
            }
        }
        EXPECT_EQ(*log.log->chain_at(Position(0)), 0u);
    }
}

TEST(LogRules1_6, ATokenIsValidWhereLogIdAndChainAgreeWhateverItsIncarnation) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(2);
    const auto copy = killed_copy(*files);
    log.must_append(3);
    const model::LogIdentity& identity = log.log->identity();
    const auto token_at = [&](std::uint64_t p) {
        return model::make_token(identity, Position(p), *log.log->chain_bits_at(Position(p)));
    };
    for (std::uint64_t p = 0; p <= 5; ++p)
        EXPECT_TRUE(log.log->check_token(token_at(p)).has_value());
    model::PositionToken token = token_at(3);
    token.incarnation = 99;
    EXPECT_TRUE(log.log->check_token(token).has_value());
    token = token_at(3);
    token.chain_bits ^= 1u;
    EXPECT_EQ(log.log->check_token(token).error().code(), ErrorCode::kTokenUnknown);
    token = token_at(3);
    token.log_id_bits ^= 1u;
    EXPECT_EQ(log.log->check_token(token).error().code(), ErrorCode::kTokenUnknown);
    token = token_at(3);
    token.position = Position(6);
    EXPECT_EQ(log.log->check_token(token).error().code(), ErrorCode::kTokenBeyondEnd);

    // A copied folder that went its own way is noticed.
    TestLog other(*copy);
    other.must_open();
    EXPECT_EQ(other.log->check_token(token_at(5)).error().code(), ErrorCode::kTokenBeyondEnd);
    other.must_append(3, 50);
    EXPECT_TRUE(other.log->check_token(token_at(2)).has_value());
    EXPECT_EQ(other.log->check_token(token_at(5)).error().code(), ErrorCode::kTokenUnknown);
}

TEST(LogRules1_6, ASegmentsFooterHoldsRootsPositionTableAndChain) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    while (log.log->info().segments < 2) log.must_append(1, 500);
    log.log->wait_for_background();
    const auto file = *files->open(kFirstSegment, FileSystem::Mode::kRead);
    const auto footer = *detail::read_segment_footer(*file);
    ASSERT_TRUE(footer.has_value());
    EXPECT_EQ(footer->events, log.log->last_position().value - 1);
    EXPECT_EQ(footer->chain, *log.log->chain_at(Position(footer->events)));
    EXPECT_EQ(footer->frontier.leaves, footer->events);
    EXPECT_EQ(footer->file_bytes, *file->size());
    EXPECT_EQ(footer->first_time, TimeNs(1000));
    log.check_all();
}

TEST(LogRules1_6, TheSystemLogHasTheChainAlone) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.options().has_tree = false;
    log.must_open();
    while (log.log->info().segments < 2) log.must_append(1, 500);
    log.log->wait_for_background();
    const auto footer = *detail::read_segment_footer(
        **files->open(kFirstSegment, FileSystem::Mode::kRead)
    );
    ASSERT_TRUE(footer.has_value());
    EXPECT_FALSE(footer->has_tree);
    EXPECT_NE(footer->chain, 0u);
    log.log = nullptr;
    expect_whole(*files);
}

// ---- 1.7 ----

TEST(LogRules1_7, OneEventOf16MiBAndOneAppendOf64MiBAreStoredWhole) {
    const auto files = make_memory_file_system();
    LogOptions options;
    RecoveryReport report;
    auto log = std::move(*SegmentLog::open(*files, "log", options, report));
    const std::string data(16u << 20u, 'x');
    std::vector<model::NewEvent> events(4);
    std::vector<Uuid> ids(4);
    std::vector<Stamp> stamps;
    for (std::size_t i = 0; i < 4; ++i) {
        events[i].stream = "large";
        events[i].data = data;
        ids[i].bytes[0] = 1;
        stamps.push_back({Position(i + 1), Revision(i)});
    }
    EncodedAppend append;
    append.encode({}, events, ids);
    ASSERT_TRUE(log->reserve(append.bytes(), 4).has_value());
    log->add(append, stamps, TimeNs(1));
    ASSERT_TRUE(log->write().has_value());
    ASSERT_TRUE(log->sync().has_value());
    log = nullptr;
    log = std::move(*SegmentLog::open(*files, "log", options, report));
    EXPECT_EQ(log->durable_end(), Position(4));
    LogReader reader = log->reader();
    for (std::uint64_t p = 1; p <= 4; ++p) {
        EXPECT_GE(reader.at(Position(p))->payload.size(), data.size());
    }
}

}  // namespace
}  // namespace annals::log
