// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/log/segment_log.hpp"

#include <gtest/gtest.h>

#include "log_test_support.hpp"

namespace annals::log {
namespace {

TEST(SegmentLog, ReadsBackWhatWasAppendedInMemory) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    EXPECT_EQ(log.log->durable_end(), Position(0));
    for (int i = 0; i < 500; ++i) log.must_append(1 + static_cast<std::size_t>(i % 7));
    EXPECT_EQ(log.log->durable_end(), log.log->last_position());
    log.check_all();
    EXPECT_GT(log.log->info().segments, 3u);
}

TEST(SegmentLog, ReadsBackWhatWasAppendedOnDisk) {
    const TemporaryFolder folder;
    TestLog log(disk_file_system(), small_options(), folder.path() + "/a/b");
    log.must_open();
    for (int i = 0; i < 300; ++i) log.must_append(1 + static_cast<std::size_t>(i % 7));
    const Position end = log.log->durable_end();
    log.check_all();
    ASSERT_TRUE(log.log->close().has_value());
    log.must_open();
    EXPECT_TRUE(log.report.was_clean);
    EXPECT_EQ(log.report.scanned_bytes, 0u);
    EXPECT_EQ(log.log->durable_end(), end);
    log.check_all();
    log.must_append(3);
    log.check_all();
    log.abandon();
    const auto verified = verify_log(disk_file_system(), log.directory(), {});
    ASSERT_TRUE(verified.has_value()) << verified.error().to_string();
    for (const Damage& damage : verified->damages)
        ADD_FAILURE() << damage.segment << " " << damage.offset << " " << damage.what;
    EXPECT_EQ(verified->events, end.value + 3);
}

}  // namespace
}  // namespace annals::log
