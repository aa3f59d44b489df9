// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The Kafka offset in a group's header (log-and-rules 1.1). Nothing here writes one yet: the bytes
// are made by hand, as another body of the orderer will.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "scavenge_test_support.hpp"

namespace annals::log {
namespace {

using detail::GroupHeader;

constexpr std::int64_t kFirstOffset = 5'000'000'000;  // more than 32 bits
constexpr std::size_t kDataBytes = 300;

GroupHeader header_in(std::string_view bytes, std::size_t offset) {
    return *detail::decode_group_header(bytes.substr(offset, GroupHeader::kBytes));
}

/// Gives each group with events an offset of its own; all checksums and links are right.
void set_offsets(std::string& bytes) {
    std::int64_t next = kFirstOffset;
    std::uint32_t previous_crc = 0;
    for (const std::size_t at : group_offsets(bytes)) {
        GroupHeader header = header_in(bytes, at);
        header.previous_crc = previous_crc;
        if (!header.is_mark()) header.kafka_offset = next++;
        detail::encode_group_header(header, bytes.data() + at);
        previous_crc = header.crc;
    }
}

/// Of the groups of the first segment; marks have none, and opening writes one more.
std::vector<std::int64_t> offsets_in(FileSystem& files) {
    const std::string bytes = bytes_of(files, kFirstSegment);
    std::vector<std::int64_t> offsets;
    for (const std::size_t at : group_offsets(bytes)) {
        const GroupHeader header = header_in(bytes, at);
        if (!header.is_mark()) offsets.push_back(header.kafka_offset);
        if (header.is_mark()) EXPECT_EQ(header.kafka_offset, -1);
    }
    return offsets;
}

class KafkaOffset : public ::testing::TestWithParam<Compression> {
  protected:
    void SetUp() override {
        const auto written = make_memory_file_system();
        TestLog log(*written);
        log.options().compression = GetParam();
        log.must_open();
        for (int i = 0; i < 6; ++i) log.must_append(2, kDataBytes);
        ASSERT_TRUE(log.log->mark().has_value());
        files_ = copy_of(*written, "log");
        std::string bytes = bytes_of(*files_, kFirstSegment);
        set_offsets(bytes);
        set_bytes(*files_, kFirstSegment, bytes);
    }
    /// Opened, and the segment sealed.
    void open(TestLog& log) {
        log.options().compression = GetParam();
        log.must_open();
        ASSERT_EQ(log.log->durable_end(), Position(12));
        ASSERT_TRUE(log.log->begin_segment().has_value());
        log.log->wait_for_seals();
        ASSERT_EQ(log.log->sealed_segments().size(), 1u);
    }

    const std::vector<std::int64_t> given_{
        kFirstOffset,
        kFirstOffset + 1,
        kFirstOffset + 2,
        kFirstOffset + 3,
        kFirstOffset + 4,
        kFirstOffset + 5,
    };
    std::unique_ptr<FileSystem> files_;
};

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
using LogRules1_1 = KafkaOffset;

TEST_P(LogRules1_1, TheKafkaOffsetOfAGroupIsReadBackAfterOpeningAndSealing) {
    ASSERT_EQ(offsets_in(*files_), given_);
    TestLog log(*files_);
    ASSERT_NO_FATAL_FAILURE(open(log));
    log.check_all(kDataBytes);
    EXPECT_EQ(offsets_in(*files_), given_);
    log.log = nullptr;
    expect_whole(*files_);
}

TEST_P(LogRules1_1, TheKafkaOffsetOfAGroupSurvivesScavengingWhatItHolds) {
    TestLog log(*files_);
    ASSERT_NO_FATAL_FAILURE(open(log));
    const auto is_even = [](std::uint64_t position) { return position % 2 == 0; };
    const auto done = scavenge_all(*log.log, removing(is_even));
    ASSERT_TRUE(done.has_value()) << done.error().to_string();
    EXPECT_EQ(done->removed_events, 6u);
    EXPECT_EQ(offsets_in(*files_), given_);
    log.log = nullptr;
    expect_whole(*files_);
}

TEST_P(LogRules1_1, AMergedGroupHasTheKafkaOffsetOfTheLastGroupThatItStandsFor) {
    TestLog log(*files_);
    ASSERT_NO_FATAL_FAILURE(open(log));
    const auto is_folded = [](std::uint64_t position) { return position <= 6; };
    ScavengeRequest request = removing(is_folded);
    request.is_foldable = [&](const StoredEvent& event) -> Result<bool> {
        return is_folded(event.position.value);
    };
    ASSERT_TRUE(scavenge_all(*log.log, request).has_value());
    const std::vector<std::int64_t> first_three_joined(given_.begin() + 2, given_.end());
    EXPECT_EQ(offsets_in(*files_), first_three_joined);
    // All of it, with the mark behind it, which has none.
    ScavengeRequest rest = removing([](std::uint64_t) { return true; });
    rest.is_foldable = [](const StoredEvent&) -> Result<bool> { return true; };
    ASSERT_TRUE(scavenge_all(*log.log, rest).has_value());
    EXPECT_EQ(offsets_in(*files_), std::vector<std::int64_t>{kFirstOffset + 5});
    log.log = nullptr;
    expect_whole(*files_);
}

INSTANTIATE_TEST_SUITE_P(
    Kafka,
    LogRules1_1,
    ::testing::Values(Compression::kNone, Compression::kZstd),
    [](const auto& param) {
        return std::string(param.param == Compression::kZstd ? "Zstd" : "Plain");
    }
);

}  // namespace
}  // namespace annals::log
