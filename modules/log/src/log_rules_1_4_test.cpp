// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Each sentence of log-and-rules.md sections 1.4 and 1.5 that concerns the log, as a test.
#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/codec/checksum.hpp"

#include "log_rules_support.hpp"

namespace annals::log {
namespace {

using detail::SegmentHeader;

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
            bytes[is_required ? 15 : 19] = 1;  // bit 24 has no meaning yet
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

}  // namespace
}  // namespace annals::log
