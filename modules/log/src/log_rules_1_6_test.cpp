// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Each sentence of log-and-rules.md sections 1.6 and 1.7 that concerns the log, as a test.
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "log_rules_support.hpp"
#include "recovery.hpp"
#include "segment_footer.hpp"

namespace annals::log {
namespace {

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
