// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// What the background thread cannot do is told, counted and tried again.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/log/testing/faulty_file_system.hpp"

#include "log_test_support.hpp"
#include "recovery.hpp"
#include "segment_footer.hpp"

namespace annals::log {
namespace {

using testing::FaultyFileSystem;

/// A log on a disk with faults, and what it told of its background's.
class BackgroundFailures : public ::testing::Test {
  protected:
    BackgroundFailures() {
        log_.options().on_background_failure = [this](BackgroundWork work, const Error& error) {
            std::unique_lock lock(mutex_);
            told_.emplace_back(work, error.code());
            changed_.notify_all();
            changed_.wait(lock, [this] { return !is_held_; });
        };
        log_.must_open();
    }

    std::vector<std::pair<BackgroundWork, ErrorCode>> told() {
        const std::lock_guard lock(mutex_);
        return told_;
    }

    /// Whether the background's thread stays where it tells of a failure.
    void hold(bool is_held) {
        const std::lock_guard lock(mutex_);
        is_held_ = is_held;
        changed_.notify_all();
    }
    void wait_until_told() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !told_.empty(); });
    }

    std::size_t sealed_segments() {
        std::size_t sealed = 0;
        for (const std::string& name : names_in(files_, "log")) {
            if (!detail::parse_segment_name(name)) continue;
            const auto file = *files_.open("log/" + name, FileSystem::Mode::kRead);
            if (detail::read_segment_footer(*file)->has_value()) ++sealed;
        }
        return sealed;
    }

    FaultyFileSystem files_{1};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_held_ = false;
    std::vector<std::pair<BackgroundWork, ErrorCode>> told_;
    TestLog log_{files_};
};

TEST_F(BackgroundFailures, ASegmentThatCannotBeSealedIsToldStaysReadableAndIsSealedLater) {
    log_.must_append(2, 1000);
    log_.log->wait_for_background();
    // From here on the writer has nothing to do in the first segment.
    files_.fail_syncs(kFirstSegment);
    log_.must_append(1, 70'000);
    log_.log->wait_for_background();
    ASSERT_EQ(log_.log->info().segments, 2u);
    EXPECT_EQ(log_.log->background_failures(BackgroundWork::kSeal), 1u);
    ASSERT_EQ(told().size(), 1u);
    EXPECT_EQ(told()[0].first, BackgroundWork::kSeal);
    EXPECT_EQ(sealed_segments(), 0u);
    EXPECT_FALSE(log_.log->is_poisoned()) << "the writer's own syncs are well";
    log_.check_all();

    files_.clear_faults();
    log_.must_append(1, 70'000);
    log_.log->wait_for_background();
    ASSERT_EQ(log_.log->info().segments, 3u);
    EXPECT_EQ(sealed_segments(), 2u);
    EXPECT_EQ(told().size(), 1u);
    log_.check_all();
    ASSERT_TRUE(log_.log->close().has_value());
    log_.log = nullptr;
    EXPECT_TRUE(verify_log(files_, "log", {})->damages.empty());
}

TEST_F(BackgroundFailures, SegmentsBehindOneThatCannotBeSealedWaitForItsTree) {
    log_.must_append(2, 1000);
    log_.log->wait_for_background();
    files_.fail_syncs(kFirstSegment);
    hold(true);
    log_.must_append(1, 70'000);
    wait_until_told();
    // The second segment is full while the first one's failure is on its way.
    log_.must_append(1, 70'000);
    ASSERT_EQ(log_.log->info().segments, 3u);
    files_.clear_faults();
    hold(false);
    log_.log->wait_for_background();
    EXPECT_EQ(sealed_segments(), 0u);

    log_.must_append(1, 70'000);
    log_.log->wait_for_background();
    ASSERT_EQ(log_.log->info().segments, 4u);
    EXPECT_EQ(sealed_segments(), 3u);
    log_.check_all();
    ASSERT_TRUE(log_.log->close().has_value());
    log_.log = nullptr;
    EXPECT_TRUE(verify_log(files_, "log", {})->damages.empty());
}

TEST_F(BackgroundFailures, AFullDiskMetWhileFillingAheadIsToldBeforeAnAppendMeetsIt) {
    log_.must_append(1, 100);  // a new log fills nothing before
    log_.log->wait_for_background();
    files_.limit_bytes(files_.bytes());
    for (int i = 0; i < 100 && told().empty(); ++i) {
        ASSERT_NO_FATAL_FAILURE(log_.must_append(1, 100));
        log_.log->wait_for_background();
    }
    ASSERT_FALSE(told().empty());
    EXPECT_EQ(log_.log->background_failures(BackgroundWork::kFill), told().size());
    EXPECT_EQ(told()[0], std::pair(BackgroundWork::kFill, ErrorCode::kDiskFull));
    log_.check_all();
    files_.clear_faults();
    for (int i = 0; i < 200; ++i) log_.must_append(1, 1000);
    log_.check_all();
}

/// Under AddressSanitizer a list of segments that is looked at without being held is found here.
TEST(Background, TheSealedSegmentsCanBeAskedForWhileOthersAreSealed) {
    const std::unique_ptr<FileSystem> files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    std::atomic<bool> is_over = false;
    std::size_t asked_max = 0;
    std::thread asking([&] {
        while (!is_over) asked_max = std::max(asked_max, log.log->sealed_segments().size());
    });
    for (int i = 0; i < 60; ++i) log.must_append(1, 70'000);
    log.log->wait_for_background();
    const std::size_t sealed = log.log->sealed_segments().size();
    is_over = true;
    asking.join();
    EXPECT_GT(sealed, 10u);
    EXPECT_LE(asked_max, sealed);
}

}  // namespace
}  // namespace annals::log
