// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <gtest/gtest.h>

#include "annals/base/testing/rounds.hpp"

#include "log_test_support.hpp"
#include "position_table.hpp"

namespace annals::log {
namespace {

LogOptions tiny_options(Compression compression) {
    LogOptions options;
    options.segment_bytes = compression == Compression::kNone ? 7000 : 14'000;
    options.fill_bytes_min = 512;
    options.fill_bytes_max = 1024;
    options.compression = compression;
    return options;
}

/// Opens, reads all and compares: what is given out is what was written, or there is an error.
void expect_never_wrong(
    FileSystem& files, const LogOptions& options, std::uint64_t events, std::uint64_t durable
) {
    TestLog log(files, options);
    const Status opened = log.open();
    if (!opened) {
        ASSERT_TRUE(
            opened.error().code() == ErrorCode::kDataLoss ||
            opened.error().code() == ErrorCode::kUnsupportedFormat
        ) << opened.error().to_string();
        return;
    }
    const std::uint64_t end = log.log->durable_end().value;
    ASSERT_LE(end, events);
    if (end < durable) {
        ASSERT_FALSE(log.report.damages.empty()) << "an acknowledged event was cut in silence";
    }
    LogReader reader = log.log->reader();
    for (std::uint64_t p = 1; p <= end; ++p) {
        const auto event = reader.at(Position(p));
        if (!event) {
            ASSERT_EQ(event.error().code(), ErrorCode::kDataLoss) << event.error().to_string();
            continue;
        }
        TestLog::check_event(*event, p);
        const auto append = reader.append_of(*event);
        if (!append) {
            ASSERT_EQ(append.error().code(), ErrorCode::kDataLoss);
            continue;
        }
        ASSERT_EQ(append->principal, "tester");
        const auto chain = log.log->chain_at(Position(p));
        if (chain) {
            ASSERT_EQ(static_cast<std::uint32_t>(*chain), event->chain_bits);
        }
    }
}

void flip_every_byte(Compression compression) {
    const LogOptions options = tiny_options(compression);
    const std::size_t data_bytes = compression == Compression::kNone ? 0 : 700;
    const auto files = make_memory_file_system();
    TestLog log(*files, options);
    log.must_open();
    while (log.log->info().segments < 2) log.must_append(3, data_bytes);
    log.must_append(5, compression == Compression::kNone ? 0 : 1000);
    ASSERT_TRUE(log.log->mark().has_value());
    const std::uint64_t events = log.log->durable_end().value;
    log.log->wait_for_background();
    const auto live = copy_of(*files, "log");
    ASSERT_TRUE(log.log->close().has_value());
    for (const bool is_clean : {false, true}) {
        FileSystem& source = is_clean ? *files : *live;
        for (const std::string& name : names_in(source, "log")) {
            const std::string path = "log/" + name;
            const std::string whole = bytes_of(source, path);
            const std::size_t flips = base::testing::rounds(whole.size());
            for (std::size_t flip = 0; flip < flips; ++flip) {
                const std::size_t at = flip * whole.size() / flips;
                // The header's zeros all stand under one checksum: some of them will do.
                if (at > 200 && at < 4000 && at % 97 != 0 && name.ends_with(".seg")) continue;
                SCOPED_TRACE(
                    name + " at byte " + std::to_string(at) + (is_clean ? ", closed" : ", killed")
                );
                const auto copy = copy_of(source, "log");
                std::string bad = whole;
                bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
                set_bytes(*copy, path, bad);
                if (name.ends_with(".seg")) {
                    const auto verified = verify_log(*copy, "log", {});
                    ASSERT_TRUE(verified.has_value());
                    ASSERT_TRUE(!verified->damages.empty() || verified->torn_bytes != 0)
                        << "verify sees every byte";
                }
                // The mark at the end covers all events; itself it is not covered.
                ASSERT_NO_FATAL_FAILURE(expect_never_wrong(*copy, options, events, events));
            }
        }
    }
}

TEST(BitFlip, OfAnyByteNeverGivesWrongDataInSilence) { flip_every_byte(Compression::kNone); }

TEST(BitFlip, OfAnyByteOfCompressedGroupsNeverGivesWrongDataInSilence) {
    flip_every_byte(Compression::kZstd);
}

}  // namespace
}  // namespace annals::log
