// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Each sentence of log-and-rules.md section 1.1 that concerns the log, as a test.
#include <string>

#include <gtest/gtest.h>

#include "annals/log/testing/faulty_file_system.hpp"

#include "log_rules_support.hpp"
#include "recovery.hpp"

namespace annals::log {
namespace {

using detail::GroupHeader;
using detail::SegmentHeader;
using testing::FaultyFileSystem;

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
    // Many: filling ahead may sync the header by chance before the power goes.
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        SCOPED_TRACE(seed);
        FaultyFileSystem files(seed);
        TestLog log(files);
        log.must_open();
        // The power goes when there is room in the new segment, and nothing in it yet.
        while (log.log->info().segments == 1) {
            ASSERT_TRUE(log.add(1, 2000).has_value());
            if (log.log->info().segments == 2) break;
            ASSERT_TRUE(log.log->write().has_value());
            ASSERT_TRUE(log.log->sync().has_value());
        }
        const std::uint64_t end = log.log->durable_end().value;
        files.stop();
        log.log = nullptr;
        files.restart_after_power_loss();
        log.must_open();
        EXPECT_TRUE(log.report.damages.empty());
        EXPECT_EQ(log.report.segments, 2u);
        EXPECT_EQ(log.log->durable_end().value, end);
        log.check_all();
        log.must_append(2);
    }
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

}  // namespace
}  // namespace annals::log
