// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "spare_segment.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/log/testing/faulty_file_system.hpp"

#include "log_test_support.hpp"

namespace annals::log {
namespace {

std::vector<std::string> names(FileSystem& files, std::string_view suffix) {
    std::vector<std::string> found = *files.list("log");
    std::erase_if(found, [&](const std::string& name) { return !name.ends_with(suffix); });
    return found;
}

TEST(SpareSegment, BecomesASegmentOfZerosBehindItsHeader) {
    const auto files = make_memory_file_system();
    ASSERT_TRUE(files->create_directories("log"));
    detail::SpareSegment spare(*files, "log", 64u << 10u);
    EXPECT_FALSE(spare.is_ready());
    ASSERT_TRUE(spare.filler()->fill_to(64u << 10u, true));
    ASSERT_TRUE(spare.is_ready());
    detail::SegmentHeader header;
    header.sequence = 3;
    header.first_position = Position(17);
    ASSERT_TRUE(spare.become(header));
    EXPECT_TRUE(names(*files, ".tmp").empty());
    const auto file = files->open(
        "log/" + detail::segment_name(Position(17)), FileSystem::Mode::kRead
    );
    ASSERT_TRUE(file);
    const std::string bytes = *(*file)->read_at(0, 64u << 10u);
    EXPECT_EQ(
        bytes.substr(0, detail::SegmentHeader::kBytes), detail::encode_segment_header(header)
    );
    EXPECT_EQ(bytes.find_first_not_of('\0', detail::SegmentHeader::kBytes), std::string::npos);
    EXPECT_EQ(bytes.size(), 64u << 10u);
}

TEST(SpareSegment, ABusyLogLeavesTheSegmentThatItFillsForOneThatIsFilled) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    const std::size_t used = 24u << 10u;
    for (int i = 0; i < 40; ++i) {
        log.must_append(1, 1000);
        log.log->wait_for_background();
    }
    const std::vector<std::string> segments = names(*files, ".seg");
    ASSERT_GE(segments.size(), 2u);
    const auto first = files->open("log/" + segments.front(), FileSystem::Mode::kRead);
    EXPECT_LT(*(*first)->size(), used + (log.options().segment_bytes - used) / 2)
        << "left long before it is full";
    log.check_all();
    ASSERT_TRUE(log.log->close());
    EXPECT_TRUE(names(*files, ".tmp").empty()) << "closing gives the spare's room back";
    log.must_open();
    EXPECT_TRUE(log.report.was_clean);
    EXPECT_EQ(log.report.last_position, Position(40));
    log.check_all();
}

TEST(SpareSegment, AFailureWhileItIsFilledCostsTheSpareAlone) {
    testing::FaultyFileSystem files(1);
    ASSERT_TRUE(files.create_directories("log"));
    detail::SpareSegment spare(files, "log", 64u << 10u);
    files.fail_next_sync();
    EXPECT_FALSE(spare.filler()->fill_to(64u << 10u, true));
    EXPECT_TRUE(spare.filler()->has_failed());
    EXPECT_FALSE(spare.is_ready());
    spare.remove();
    EXPECT_TRUE(names(files, ".tmp").empty());
}

TEST(SpareSegment, WhatACrashLeavesOfItIsRemovedAtOpening) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(3);
    ASSERT_TRUE(log.log->close());
    log.log = nullptr;
    {
        detail::SpareSegment spare(*files, "log", 64u << 10u);
        ASSERT_TRUE(spare.filler()->fill_to(16u << 10u, true));
    }
    ASSERT_EQ(names(*files, ".tmp").size(), 1u);
    log.must_open();
    EXPECT_TRUE(names(*files, ".tmp").empty());
    EXPECT_EQ(log.report.last_position, Position(3));
    log.check_all();
}

}  // namespace
}  // namespace annals::log
