// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Damage that was found: named by whoever meets it, known until it is mended, and no reason to
// forget what is whole around it.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "damaged_segments.hpp"
#include "known_damage.hpp"
#include "log_rules_support.hpp"

namespace annals::log {
namespace {

const std::string kDamagedFile = "log/DAMAGED";

/// Where the event with this number has its data.
std::size_t data_at(std::string_view bytes, std::uint64_t number) {
    const std::size_t at = bytes.find(data_of(number));
    EXPECT_NE(at, std::string_view::npos) << number;
    return at;
}

void flip(FileSystem& files, const std::string& path, std::uint64_t number) {
    std::string bytes = bytes_of(files, path);
    const std::size_t at = data_at(bytes, number) + 3;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    set_bytes(files, path, bytes);
}

/// Five appends of two events, the third one (positions 5 and 6) damaged, as kill -9 leaves them.
std::unique_ptr<FileSystem> damaged_copy(Compression compression = Compression::kNone) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.options().compression = compression;
    log.must_open();
    for (int i = 0; i < 5; ++i) log.must_append(2);
    EXPECT_TRUE(log.log->mark().has_value());
    auto copy = killed_copy(*files);
    std::string bytes = first_segment(*copy);
    const std::size_t at = group_offsets(bytes).at(2) + detail::GroupHeader::kBytes + 40;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    set_bytes(*copy, kFirstSegment, bytes);
    return copy;
}

/// Several sealed segments and one that is written.
struct SealedLog {
    SealedLog() {
        TestLog log(*files);
        log.options().segment_bytes = 8u << 10u;
        log.options().fill_bytes_min = 1u << 10u;
        log.must_open();
        for (int i = 0; i < 60; ++i) log.must_append(1, 400);
        log.log->wait_for_seals();
        sealed = log.log->sealed_segments();
        chains.resize(61);
        for (std::uint64_t p = 1; p <= 60; ++p) chains[p] = *log.log->chain_at(Position(p));
        EXPECT_TRUE(log.log->close().has_value());
        EXPECT_GE(sealed.size(), 3u);
    }
    [[nodiscard]] std::string path_of(std::size_t segment) const {
        return "log/" + detail::segment_name(sealed[segment].first);
    }

    std::unique_ptr<FileSystem> files = make_memory_file_system();
    std::vector<SealedSegment> sealed;
    std::vector<std::uint64_t> chains;
};

TEST(LogDamage, WhoeverReadsALostPositionIsToldItsByteAndTheRemedy) {
    const auto files = damaged_copy();
    TestLog log(*files);
    log.must_open();
    ASSERT_EQ(log.report.damages.size(), 1u);
    const Damage& damage = log.report.damages.front();
    EXPECT_EQ(damage.first_position, Position(5));
    EXPECT_EQ(damage.last_position, Position(6));
    LogReader reader = log.log->reader();
    for (const std::uint64_t position : {5u, 6u}) {
        const auto lost = reader.at(Position(position));
        ASSERT_FALSE(lost.has_value());
        EXPECT_EQ(lost.error().code(), ErrorCode::kDataLoss);
        EXPECT_EQ(lost.error().field("offset"), std::to_string(damage.offset));
        EXPECT_EQ(lost.error().field("segment"), damage.segment);
        EXPECT_NE(lost.error().message().find("--accept-damage"), std::string_view::npos);
    }
    log.abandon();
    log.options().accept_damage = true;
    log.must_open();
    reader = log.log->reader();
    const auto lost = reader.at(Position(5));
    ASSERT_FALSE(lost.has_value());
    EXPECT_EQ(lost.error().message().find("--accept-damage"), std::string_view::npos)
        << "it is set";
}

TEST(LogDamage, IsKnownAfterACleanEndToo) {
    const auto files = damaged_copy();
    TestLog log(*files);
    log.options().accept_damage = true;
    log.must_open();
    log.must_append(1);
    ASSERT_TRUE(log.log->close().has_value());
    log.abandon();
    EXPECT_FALSE(*files->exists("log/CLEAN"));
    log.options().accept_damage = false;
    log.must_open();
    EXPECT_FALSE(log.report.was_clean);
    EXPECT_TRUE(log.log->is_read_only());
    ASSERT_EQ(log.report.damages.size(), 1u);
    EXPECT_EQ(log.log->damage_count(), 1u);
}

TEST(LogDamage, ThatTookTheEndOfALogThatWasClosedInOrderIsNoTear) {
    const SealedLog made;
    std::string last;
    for (const std::string& name : names_in(*made.files, "log")) {
        if (name.ends_with(".seg")) last = std::max(last, name);
    }
    last.insert(0, "log/");
    const std::string whole = bytes_of(*made.files, last);
    const std::map<std::string, std::string> left{
        {"removed", ""},
        {"cut", whole.substr(0, 4096 + (whole.find_last_not_of('\0') - 4096) / 2)},
        {"zeroed", whole.substr(0, 4096) + std::string(whole.size() - 4096, '\0')},
    };
    for (const auto& [what, bytes] : left) {
        SCOPED_TRACE(what);
        const auto files = copy_of(*made.files, "log");
        ASSERT_TRUE(files->remove(last).has_value());
        if (!bytes.empty()) set_bytes(*files, last, bytes);
        const auto verified = verify_log(*files, "log", {});
        ASSERT_TRUE(verified.has_value());
        EXPECT_FALSE(verified->damages.empty());
        for (const bool accepts : {false, true, false}) {  // and what proves it stays
            TestLog log(*files);
            log.options().segment_bytes = 8u << 10u;
            log.options().accept_damage = accepts;
            log.must_open();
            EXPECT_TRUE(log.log->is_read_only()) << "its positions must not be given again";
            std::string told;
            for (const Damage& one : log.report.damages) told += to_string(one) + "\n";
            ASSERT_EQ(log.report.damages.size(), 1u) << told;
            const Damage& damage = log.report.damages.front();
            EXPECT_EQ("log/" + damage.segment, last);
            EXPECT_EQ(damage.first_position, log.log->durable_end().next());
            EXPECT_EQ(damage.last_position, Position(60));
            EXPECT_EQ(log.log->durable_chain().chain, made.chains[log.log->durable_end().value]);
        }
        set_bytes(*files, last, whole);
        TestLog restored(*files);
        restored.options().segment_bytes = 8u << 10u;
        restored.must_open();
        EXPECT_EQ(restored.log->durable_end(), Position(60));
        restored.must_append(1);
        restored.log = nullptr;
        EXPECT_TRUE(verify_log(*files, "log", {})->damages.empty());
    }
}

TEST(LogDamage, IsNamedByVerifyInItsOwnSegmentAlone) {
    const SealedLog made;
    const auto named = [](FileSystem& files) {
        std::set<std::string> segments;
        const auto verified = verify_log(files, "log", {});
        EXPECT_TRUE(verified.has_value());
        for (const Damage& damage : verified->damages) segments.insert("log/" + damage.segment);
        return segments;
    };
    EXPECT_TRUE(named(*made.files).empty());
    for (const std::size_t segment : {0u, 1u}) {
        const auto flipped = copy_of(*made.files, "log");
        flip(*flipped, made.path_of(segment), made.sealed[segment].first.value);
        EXPECT_EQ(named(*flipped), std::set<std::string>{made.path_of(segment)});
        const auto headless = copy_of(*made.files, "log");
        std::string bytes = bytes_of(*headless, made.path_of(segment));
        bytes.replace(0, 4096, 4096, '\0');
        set_bytes(*headless, made.path_of(segment), bytes);
        EXPECT_EQ(named(*headless), std::set<std::string>{made.path_of(segment)});
    }
    const auto without = copy_of(*made.files, "log");
    ASSERT_TRUE(without->remove(made.path_of(1)).has_value());
    EXPECT_EQ(named(*without), std::set<std::string>{made.path_of(2)});
}

TEST(LogDamage, ThatAReaderMeetsInASealedSegmentIsToldOnceAndKnownAtTheNextOpening) {
    SealedLog made;
    const std::uint64_t bad = made.sealed[1].last.value;
    const std::string before = bytes_of(*made.files, made.path_of(1));
    flip(*made.files, made.path_of(1), bad);
    TestLog log(*made.files);
    log.options().segment_bytes = 8u << 10u;
    std::vector<Damage> told;
    log.options().on_damage = [&](const Damage& damage) { told.push_back(damage); };
    log.must_open();
    EXPECT_FALSE(log.log->is_read_only()) << "opening believes footers";
    EXPECT_EQ(log.log->damage_count(), 0u);
    for (int round = 0; round < 3; ++round) {
        LogReader reader = log.log->reader();
        EXPECT_FALSE(reader.at(Position(bad)).has_value());
        EXPECT_TRUE(reader.at(Position(bad + 1)).has_value());
    }
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].first_position, Position(bad));
    EXPECT_EQ("log/" + told[0].segment, made.path_of(1));
    EXPECT_NE(told[0].offset, 0u);
    ASSERT_EQ(log.log->damages().size(), 1u);
    ASSERT_TRUE(log.log->close().has_value());
    log.abandon();

    log.must_open();
    EXPECT_TRUE(log.log->is_read_only());
    ASSERT_EQ(log.report.damages.size(), 1u);
    EXPECT_LE(log.report.damages[0].first_position, Position(bad));
    EXPECT_GE(log.report.damages[0].last_position, Position(bad));
    log.abandon();

    // Restored, it is believed again.
    set_bytes(*made.files, made.path_of(1), before);
    log.must_open();
    EXPECT_FALSE(log.log->is_read_only());
    EXPECT_FALSE(*made.files->exists(kDamagedFile));
    log.check_all(400);
}

TEST(LogDamage, InTheLastSegmentOutlivesTheCleanEndThatWasThereBefore) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    for (int i = 0; i < 3; ++i) log.must_append(1);
    ASSERT_TRUE(log.log->close().has_value());
    log.abandon();
    flip(*files, kFirstSegment, 2);
    log.must_open();
    EXPECT_TRUE(log.report.was_clean) << "CLEAN is believed";
    EXPECT_FALSE(log.log->reader().at(Position(2)).has_value());
    ASSERT_TRUE(log.log->close().has_value());
    log.abandon();
    ASSERT_TRUE(*files->exists("log/CLEAN"));
    log.must_open();
    EXPECT_FALSE(log.report.was_clean);
    EXPECT_TRUE(log.log->is_read_only());
}

TEST(LogDamage, WhereItsNoteCannotBeReadAllSegmentsAreLookedAt) {
    SealedLog made;
    flip(*made.files, made.path_of(0), 2);
    set_bytes(*made.files, kDamagedFile, "no segment\n");
    TestLog log(*made.files);
    log.options().segment_bytes = 8u << 10u;
    log.must_open();
    EXPECT_TRUE(log.log->is_read_only());
    ASSERT_EQ(log.report.damages.size(), 1u);
    EXPECT_EQ("log/" + log.report.damages[0].segment, made.path_of(0));
    const std::string kept = bytes_of(*made.files, kDamagedFile);
    EXPECT_EQ(kept, log.report.damages[0].segment + "\n");
}

TEST(LogDamage, TheChainIsKnownAroundIt) {
    for (const Compression compression : {Compression::kNone, Compression::kZstd}) {
        const auto files = damaged_copy(compression);
        TestLog log(*files);
        log.must_open();
        for (const std::uint64_t position : {1u, 2u, 3u, 4u, 6u, 7u, 8u, 9u, 10u}) {
            EXPECT_TRUE(log.log->chain_at(Position(position)).has_value()) << position;
        }
        const auto middle = log.log->chain_at(Position(5));
        ASSERT_FALSE(middle.has_value());
        EXPECT_EQ(middle.error().code(), ErrorCode::kDataLoss);
    }
    // In a sealed segment each event is read by itself.
    SealedLog made;
    const std::uint64_t bad = made.sealed[1].last.value;
    flip(*made.files, made.path_of(1), bad);
    TestLog log(*made.files);
    log.options().segment_bytes = 8u << 10u;
    log.must_open();
    for (std::uint64_t p = 1; p <= 60; ++p) {
        const auto chain = log.log->chain_at(Position(p));
        ASSERT_TRUE(chain.has_value()) << p << ": " << chain.error().to_string();
        EXPECT_EQ(*chain, made.chains[p]) << p;
    }
}

TEST(LogDamage, InAGroupLeavesTheChainBeforeAndBehindIt) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.options().segment_bytes = 8u << 10u;
    log.must_open();
    log.must_append(1);
    log.must_append(7);  // positions 2 to 8
    log.must_append(1);
    std::map<std::uint64_t, std::uint64_t> chains;
    for (std::uint64_t p = 1; p <= 9; ++p) chains[p] = *log.log->chain_at(Position(p));
    ASSERT_TRUE(log.log->begin_segment().has_value());
    log.log->wait_for_seals();
    ASSERT_TRUE(log.log->close().has_value());
    log.abandon();
    flip(*files, kFirstSegment, 5);
    log.must_open();
    for (std::uint64_t p = 1; p <= 9; ++p) {
        const auto chain = log.log->chain_at(Position(p));
        ASSERT_TRUE(chain.has_value()) << p << ": " << chain.error().to_string();
        EXPECT_EQ(*chain, chains[p]) << p;
    }
}

TEST(LogDamage, ATokenForALostPositionIsBelievedAndGoesOn) {
    const auto whole = make_memory_file_system();
    const auto files = damaged_copy();
    TestLog log(*files);
    log.must_open();
    const model::LogIdentity& identity = log.log->identity();
    EXPECT_TRUE(log.log->check_token(model::make_token(identity, Position(5), 1234)).has_value());
    const auto wrong = log.log->check_token(model::make_token(identity, Position(4), 1234));
    EXPECT_EQ(wrong.error().code(), ErrorCode::kTokenUnknown);
    // The last lost one's is told by what follows; of the others nothing is known.
    EXPECT_EQ(
        *log.log->chain_bits_at(Position(6)),
        static_cast<std::uint32_t>(*log.log->chain_at(Position(6)))
    );
    EXPECT_EQ(*log.log->chain_bits_at(Position(5)), 0u);
}

TEST(LogDamage, TimesAreFoundAroundIt) {
    const auto files = damaged_copy();
    TestLog log(*files);
    log.must_open();
    // Appends of two are recorded at 1000 times the first one's position.
    for (const auto& [time, position] : std::map<std::int64_t, std::uint64_t>{
             {0, 1}, {1000, 1}, {1001, 3}, {3000, 3}, {7000, 5}, {7001, 9}, {9001, 11}
         }) {
        const auto found = log.log->find_time(TimeNs(time));
        ASSERT_TRUE(found.has_value()) << found.error().to_string();
        EXPECT_EQ(*found, Position(position)) << time;
    }
}

TEST(LogDamage, OfSegmentsThatAreMissingIsARangeOfPositions) {
    SealedLog made;
    ASSERT_TRUE(made.files->remove(made.path_of(1)).has_value());
    TestLog log(*made.files);
    log.options().accept_damage = true;
    log.must_open();
    EXPECT_FALSE(log.log->is_read_only());
    const auto known = log.log->damages();
    ASSERT_EQ(known.size(), 1u);
    EXPECT_EQ(known[0].first_position, made.sealed[1].first);
    EXPECT_EQ(known[0].last_position, made.sealed[1].last);
    LogReader reader = log.log->reader();
    EXPECT_TRUE(reader.at(Position(known[0].first_position.value - 1)).has_value());
    EXPECT_EQ(reader.at(known[0].first_position).error().code(), ErrorCode::kDataLoss);
    EXPECT_EQ(reader.at(known[0].last_position).error().code(), ErrorCode::kDataLoss);
    EXPECT_TRUE(reader.at(known[0].last_position.next()).has_value());
}

// ---- what it is known by ----

Damage damage_of(std::uint64_t first, std::uint64_t last, const std::string& segment = "a") {
    return {segment, first * 100, Position(first), "bad", Position(last)};
}

TEST(KnownDamage, JoinsWhatTouchesAndTellsOfEachRangeOnce) {
    detail::KnownDamage known;
    EXPECT_TRUE(known.note(damage_of(5, 5)));
    EXPECT_FALSE(known.note(damage_of(5, 5)));
    EXPECT_FALSE(known.note(damage_of(6, 7)));
    EXPECT_TRUE(known.note(damage_of(10, 10)));
    EXPECT_TRUE(known.note(damage_of(11, 11, "b"))) << "another segment";
    EXPECT_EQ(known.count(), 3u);
    EXPECT_FALSE(known.note(damage_of(8, 9)));
    EXPECT_EQ(known.count(), 2u);
    EXPECT_FALSE(known.note(damage_of(4, 4)));
    const auto ranges = known.list();
    ASSERT_EQ(ranges.size(), 2u);
    EXPECT_EQ(ranges[0].first_position, Position(4));
    EXPECT_EQ(ranges[0].last_position, Position(10));
    EXPECT_FALSE(known.find(Position(3)));
    EXPECT_TRUE(known.find(Position(7)));
    EXPECT_EQ(known.find(Position(11))->segment, "b");
    EXPECT_FALSE(known.find(Position(12)));
}

TEST(KnownDamage, IsBounded) {
    detail::KnownDamage known;
    for (std::uint64_t i = 1; i <= detail::KnownDamage::kRangesMax; ++i)
        EXPECT_TRUE(known.note(damage_of(2 * i, 2 * i)));
    EXPECT_FALSE(known.note(damage_of(1'000'000, 1'000'000)));
    EXPECT_EQ(known.count(), detail::KnownDamage::kRangesMax);
}

TEST(DamagedSegments, ComeBackAndAnythingElseIsNothing) {
    const detail::SegmentNames names = {"00000000000000000001.seg", "00000000000000000400.seg"};
    EXPECT_EQ(detail::decode_damaged_segments(detail::encode_damaged_segments(names)), names);
    EXPECT_EQ(detail::decode_damaged_segments(""), detail::SegmentNames());
    for (const std::string bad : {"\n", "00000000000000000001.seg", "1.seg\n", "x\n"})
        EXPECT_EQ(detail::decode_damaged_segments(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace annals::log
