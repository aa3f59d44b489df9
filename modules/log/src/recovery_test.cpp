// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "recovery.hpp"

#include <sys/mount.h>

#include <iterator>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "annals/log/testing/faulty_file_system.hpp"

#include "clean_end.hpp"
#include "log_test_support.hpp"

namespace annals::log {
namespace {

using testing::FaultyFileSystem;

TEST(Recovery, ACleanEndIsOpenedWithoutScanning) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    for (int i = 0; i < 20; ++i) log.must_append(3);
    ASSERT_TRUE(log.log->close().has_value());
    const ChainMark chain = log.log->last_chain();
    log.must_open();
    EXPECT_TRUE(log.report.was_clean);
    EXPECT_EQ(log.report.scanned_bytes, 0u);
    EXPECT_EQ(log.log->durable_chain(), chain);
    EXPECT_EQ(log.log->last_time(), TimeNs(58'000));
    log.check_all();
    log.must_append(2);
    log.check_all();
}

TEST(Recovery, ACleanEndThatIsNotTheEndIsNotBelieved) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(3);
    ASSERT_TRUE(log.log->close().has_value());
    const std::string clean = bytes_of(*files, "log/CLEAN");
    log.must_open();
    log.must_append(2);
    EXPECT_FALSE(*files->exists("log/CLEAN")) << "it goes before the first new byte";
    const auto copy = copy_of(*files, "log");
    set_bytes(*copy, "log/CLEAN", clean);  // as if its removal had been lost
    TestLog opened(*copy);
    opened.must_open();
    EXPECT_FALSE(opened.report.was_clean);
    EXPECT_EQ(opened.log->durable_end(), Position(5));
    opened.check_all();
    opened.must_append(1);
    opened.log = nullptr;
    opened.must_open();
    EXPECT_EQ(opened.log->durable_end(), Position(6));
    opened.check_all();
}

TEST(Recovery, ALogThatWasOnlyOpenedStaysClean) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(3);
    ASSERT_TRUE(log.log->close().has_value());
    const std::string before = bytes_of(*files, kFirstSegment);
    log.must_open();
    const auto killed = copy_of(*files, "log");
    log.log = nullptr;
    EXPECT_EQ(bytes_of(*files, kFirstSegment), before);
    TestLog opened(*killed);
    opened.must_open();
    EXPECT_TRUE(opened.report.was_clean);
}

TEST(Recovery, ReadOnlyOpeningWritesNothingAndSaysWhatIsUnproven) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(2);
    log.must_append(2);
    const auto killed = copy_of(*files, "log");
    const std::string before = bytes_of(*killed, kFirstSegment);
    TestLog opened(*killed);
    opened.options().is_read_only = true;
    opened.must_open();
    EXPECT_TRUE(opened.log->is_read_only());
    EXPECT_EQ(opened.report.unproven_from, Position(3));
    opened.check_all();
    EXPECT_EQ(opened.append().error().code(), ErrorCode::kReadOnly);
    opened.log = nullptr;
    EXPECT_EQ(bytes_of(*killed, kFirstSegment), before);
    EXPECT_FALSE(*killed->exists("log/CLEAN"));
}

TEST(Recovery, ASecondOpeningOfTheSameFolderIsRefused) {
    const TemporaryFolder folder;
    for (const bool is_on_disk : {false, true}) {
        const auto memory = make_memory_file_system();
        FileSystem& files = is_on_disk ? disk_file_system() : *memory;
        const std::string directory = is_on_disk ? folder.path() + "/log" : "log";
        TestLog first(files, small_options(), directory);
        first.must_open();
        TestLog second(files, small_options(), directory);
        EXPECT_EQ(second.open().error().code(), ErrorCode::kDirectoryLocked);
        EXPECT_EQ(verify_log(files, directory, {}).error().code(), ErrorCode::kDirectoryLocked);
        first.log = nullptr;
        second.must_open();
    }
}

TEST(Recovery, ALostLogFileOrLostSegmentsAreAnErrorAndNotAnEmptyLog) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(2);
    ASSERT_TRUE(log.log->close().has_value());
    log.log = nullptr;
    auto copy = copy_of(*files, "log");
    ASSERT_TRUE(copy->remove("log/LOG").has_value());
    EXPECT_EQ(TestLog(*copy).open().error().code(), ErrorCode::kDataLoss);
    copy = copy_of(*files, "log");
    ASSERT_TRUE(copy->remove(kFirstSegment).has_value());
    EXPECT_EQ(TestLog(*copy).open().error().code(), ErrorCode::kDataLoss);
}

TEST(Recovery, AnInterruptedCreationIsBegunAgain) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        FaultyFileSystem files(seed);
        TestLog log(files);
        files.stop_after_writes(seed % 3);
        static_cast<void>(log.open());
        files.stop();
        log.log = nullptr;
        files.restart_after_power_loss();
        log.must_open();
        EXPECT_EQ(log.log->durable_end(), Position(0));
        log.must_append(2);
        log.check_all();
    }
}

TEST(Recovery, AMissingSegmentIsNamedAndTheRestIsRead) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    while (log.log->info().segments < 4) log.must_append(1, 2000);
    ASSERT_TRUE(log.log->close().has_value());
    const std::uint64_t end = log.log->durable_end().value;
    log.log = nullptr;
    std::map<std::uint64_t, std::string> segments;  // by the first position
    for (const std::string& name : names_in(*files, "log")) {
        if (const auto first = detail::parse_segment_name(name)) segments[first->value] = name;
    }
    ASSERT_GE(segments.size(), 4u);
    const auto missing = std::next(segments.begin());
    const auto after = std::next(missing);
    ASSERT_TRUE(files->remove("log/" + missing->second).has_value());
    log.must_open();
    EXPECT_FALSE(log.report.damages.empty());
    EXPECT_TRUE(log.log->is_read_only());
    LogReader reader = log.log->reader();
    for (std::uint64_t p = 1; p <= end; ++p) {
        const auto event = reader.at(Position(p));
        const bool is_lost = p >= missing->first && p < after->first;
        ASSERT_EQ(event.has_value(), !is_lost) << p;
        if (event) {
            TestLog::check_event(*event, p);
        } else {
            EXPECT_EQ(event.error().code(), ErrorCode::kDataLoss) << p;
        }
    }
    log.log = nullptr;
    EXPECT_FALSE(verify_log(*files, "log", {})->damages.empty());
}

TEST(Recovery, SegmentsThatWereNotSealedYetAreSealedByTheNextOpening) {
    FaultyFileSystem files(1);
    TestLog log(files);
    log.must_open();
    log.log->wait_for_background();
    while (log.log->info().segments < 3) log.must_append(1, 3000);
    files.stop();
    log.log = nullptr;
    files.restart_after_power_loss();
    log.must_open();
    log.log->wait_for_background();
    log.check_all();
    log.log = nullptr;
    const auto verified = verify_log(files, "log", {});
    ASSERT_TRUE(verified.has_value());
    EXPECT_TRUE(verified->damages.empty());
    std::size_t sealed = 0;
    for (const std::string& name : names_in(files, "log")) {
        if (!detail::parse_segment_name(name)) continue;
        const auto file = *files.open("log/" + name, FileSystem::Mode::kRead);
        if (detail::read_segment_footer(*file)->has_value()) ++sealed;
    }
    EXPECT_EQ(sealed + 1, verified->segments);
}

TEST(Recovery, AppendsAfterAnyMixOfClosingsAndCrashesStayReadable) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        FaultyFileSystem files(seed);
        std::uint64_t acknowledged = 0;
        for (int life = 0; life < 8; ++life) {
            TestLog log(files);
            log.must_open();
            ASSERT_GE(log.log->durable_end().value, acknowledged);
            ASSERT_NO_FATAL_FAILURE(log.check_all());
            acknowledged = log.log->durable_end().value;
            const std::uint64_t appends = random() % 4;
            for (std::uint64_t i = 0; i < appends; ++i) {
                log.must_append(1, random() % 9000);
                acknowledged = log.log->durable_end().value;
            }
            // The machine stops somewhere in the closing, or behind it.
            files.stop_after_writes(random() % 5);
            static_cast<void>(log.log->close());
            files.stop();
            log.log = nullptr;
            random() % 2 == 0 ? files.restart_after_kill() : files.restart_after_power_loss();
        }
        ASSERT_TRUE(verify_log(files, "log", {})->damages.empty());
    }
}

TEST(Recovery, AReallyFullFileSystemHealsInPlace) {
    const TemporaryFolder folder;
    if (::mount("none", folder.path().c_str(), "tmpfs", 0, "size=400k") != 0) {
        GTEST_SKIP() << "mounting a small tmpfs needs root";
    }
    {
        TestLog log(disk_file_system(), small_options(), folder.path() + "/log");
        log.must_open();
        Status status = ok();
        while ((status = log.append(2, 700))) {
        }
        EXPECT_EQ(status.error().code(), ErrorCode::kDiskFull) << status.error().to_string();
        const std::uint64_t end = log.log->durable_end().value;
        EXPECT_EQ(log.log->last_position().value, end);
        EXPECT_GT(end, 100u);
        log.check_all();
        EXPECT_FALSE(log.log->is_poisoned());
        ASSERT_EQ(::mount("none", folder.path().c_str(), "tmpfs", MS_REMOUNT, "size=2m"), 0);
        for (int i = 0; i < 100; ++i) log.must_append(2, 700);
        log.check_all();
        ASSERT_TRUE(log.log->close().has_value());
        log.log = nullptr;
        const auto verified = verify_log(disk_file_system(), folder.path() + "/log", {});
        EXPECT_TRUE(verified->damages.empty());
        EXPECT_EQ(verified->events, end + 200);
    }
    ::umount(folder.path().c_str());
}

TEST(FindTime, GivesTheFirstPositionRecordedAtOrAfterIt) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    EXPECT_EQ(*log.log->find_time(TimeNs(5)), Position(1));
    while (log.log->info().segments < 4) log.must_append(3, 900);
    // An append's events are recorded at 1000 times its first position.
    const std::uint64_t end = log.log->durable_end().value;
    for (std::uint64_t first = 1; first <= end; first += 3) {
        const auto at = static_cast<std::int64_t>(first) * 1000;
        EXPECT_EQ(*log.log->find_time(TimeNs(at)), Position(first));
        EXPECT_EQ(*log.log->find_time(TimeNs(at + 1)), Position(first + 3));
        EXPECT_EQ(*log.log->find_time(TimeNs(at - 1)), Position(first));
    }
    EXPECT_EQ(*log.log->find_time(TimeNs(0)), Position(1));
    EXPECT_EQ(*log.log->find_time(TimeNs(1'000'000'000)), Position(end + 1));
}

}  // namespace
}  // namespace annals::log
