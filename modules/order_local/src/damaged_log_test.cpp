// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// An orderer over a log with damage: it opens, says what was lost, and keeps all else.
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"
#include "annals/order_local/local_orderer.hpp"

#include "test_folder.hpp"

namespace annals::order_local {
namespace {

using commit::testing::Answer;
using commit::testing::append_of;
using commit::testing::append_of_all;
using commit::testing::append_to;
using commit::testing::by_tag;
using commit::testing::code_of;
using commit::testing::id_of;
using commit::testing::TestEvent;

class DamagedLogTest : public ::testing::Test {
  protected:
    std::unique_ptr<commit::Orderer> open(const std::string& folder, bool accepts = false) {
        report_ = {};
        OrdererOptions options;
        options.log.segment_bytes = 256u << 10u;
        options.log.fill_bytes_min = 16u << 10u;
        options.log.fill_bytes_max = 64u << 10u;
        options.log.accept_damage = accepts;
        auto opened = open_local_orderer(
            log::disk_file_system(), folder, options, memory_, report_
        );
        EXPECT_TRUE(opened.has_value()) << opened.error().to_string();
        return opened ? std::move(*opened) : nullptr;
    }
    static std::string segment_of(const std::string& folder) {
        return folder + "/events/00000000000000000001.seg";
    }
    static std::string bytes_of(const std::string& path) {
        auto file = log::disk_file_system().open(path, log::FileSystem::Mode::kRead);
        return *(*file)->read_at(0, static_cast<std::size_t>(*(*file)->size()));
    }
    static void set_bytes(const std::string& path, const std::string& bytes) {
        auto file = log::disk_file_system().open(path, log::FileSystem::Mode::kReadWrite);
        ASSERT_TRUE((*file)->write_at(0, bytes));
    }
    /// One bit, in the event with this data.
    static void flip(const std::string& folder, const std::string& data) {
        // A clean end is believed; a kill's opening looks.
        std::filesystem::remove(folder + "/events/CLEAN");
        for (const auto& entry : std::filesystem::directory_iterator(folder + "/events")) {
            if (entry.path().extension() != ".seg") continue;
            std::string bytes = bytes_of(entry.path());
            const std::size_t at = bytes.find(data);
            if (at == std::string::npos) continue;
            bytes[at + 2] = static_cast<char>(bytes[at + 2] ^ 1);
            return set_bytes(entry.path(), bytes);
        }
        FAIL() << data << " is in no segment";
    }
    static void drop_index(const std::string& folder) {
        std::filesystem::remove_all(folder + "/index");
    }
    static std::string data_of(std::uint64_t n) { return "{\"n\":\"" + std::to_string(n) + "\"}"; }
    static std::vector<std::uint64_t> stream_of(commit::Orderer& orderer, std::string_view stream) {
        std::vector<Position> positions;
        EXPECT_TRUE(orderer.index().stream_positions(
            stream, Revision(0), index::Direction::kForwards, 1'000, positions
        ));
        std::vector<std::uint64_t> numbers;
        numbers.reserve(positions.size());
        for (const Position position : positions) numbers.push_back(position.value);
        return numbers;
    }
    static std::vector<std::uint64_t> lost_in(commit::Orderer& orderer) {
        std::vector<Position> positions;
        EXPECT_TRUE(orderer.index().query_positions(
            by_tag(std::string(index::kLostTag)),
            Position(1),
            orderer.index().position(),
            index::Direction::kForwards,
            1'000,
            positions
        ));
        std::vector<std::uint64_t> numbers;
        numbers.reserve(positions.size());
        for (const Position position : positions) numbers.push_back(position.value);
        return numbers;
    }
    /// a-1, b-1, a-1, a-1 and closed.
    void make(const std::string& folder) {
        auto orderer = open(folder);
        for (const char* stream : {"a-1", "b-1", "a-1", "a-1"}) {
            ++made_;
            ASSERT_TRUE(append_to(
                *orderer, append_of({.stream = stream, .id = id_of(made_), .data = data_of(made_)})
            ));
        }
    }

    Folder folder_;
    index::IndexMemory memory_{64u << 20u};
    OpenReport report_;
    std::uint64_t made_ = 0;
};

TEST_F(DamagedLogTest, OpensWithWhatIsWholeAndSaysHowManyEventsWereLost) {
    make(folder_.path());
    flip(folder_.path(), data_of(3));
    drop_index(folder_.path());
    auto orderer = open(folder_.path());
    ASSERT_NE(orderer, nullptr);
    EXPECT_EQ(report_.index_fed_events, 4u);
    EXPECT_EQ(report_.index_lost_events, 1u);
    EXPECT_NE(orderer->read_only_reason(), "");
    EXPECT_EQ(code_of(append_to(*orderer, append_of({.stream = "a-1"}))), ErrorCode::kReadOnly);
    const std::vector<std::uint64_t> a = {1, 3, 4};
    EXPECT_EQ(stream_of(*orderer, "a-1"), a) << "readers of the stream are to meet the hole";
    EXPECT_EQ(stream_of(*orderer, "b-1"), std::vector<std::uint64_t>{2});
    EXPECT_EQ(lost_in(*orderer), std::vector<std::uint64_t>{3});
    EXPECT_EQ((*orderer->index().head("a-1"))->last, Revision(2));
}

TEST_F(DamagedLogTest, DamageInWhatTheIndexHasNotTakenInYetIsPassedOverToo) {
    {
        auto orderer = open(folder_.path());
        ASSERT_TRUE(append_to(*orderer, append_of({.stream = "a-1", .data = data_of(100)})));
    }
    const std::filesystem::path kept = folder_.path() + "-kept";
    std::filesystem::copy(
        folder_.path() + "/index", kept, std::filesystem::copy_options::recursive
    );
    make(folder_.path());
    // The index of before, as kill -9 leaves it.
    drop_index(folder_.path());
    std::filesystem::rename(kept, folder_.path() + "/index");
    flip(folder_.path(), data_of(1));
    auto orderer = open(folder_.path());
    ASSERT_NE(orderer, nullptr);
    EXPECT_EQ(report_.index_discarded, "");
    EXPECT_EQ(report_.index_fed_events, 4u);
    EXPECT_EQ(report_.index_lost_events, 1u);
    const std::vector<std::uint64_t> a = {1, 2, 4, 5};
    EXPECT_EQ(stream_of(*orderer, "a-1"), a);
}

TEST_F(DamagedLogTest, AcceptedItGoesOnAndTakesALostEventAgain) {
    make(folder_.path());
    flip(folder_.path(), data_of(3));
    auto orderer = open(folder_.path(), true);
    ASSERT_NE(orderer, nullptr);
    EXPECT_EQ(orderer->read_only_reason(), "");
    const Answer again = append_to(
        *orderer, append_of({.stream = "a-1", .id = id_of(3), .data = data_of(3)})
    );
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_FALSE(again->is_replay);
    EXPECT_EQ(again->first_position, Position(5));
    EXPECT_EQ(again->streams.front().last, Revision(3));
    const Answer replay = append_to(
        *orderer, append_of({.stream = "a-1", .id = id_of(4), .data = data_of(4)})
    );
    ASSERT_TRUE(replay) << replay.error().to_string();
    EXPECT_TRUE(replay->is_replay);
}

// docs/adr/0022: nothing tells whose they were, so it is said instead.
TEST_F(DamagedLogTest, WhereAStreamsEndIsLostAndInNoIndexItsRevisionsAreGivenAgainAndThatIsSaid) {
    make(folder_.path());
    const auto say_b = [&](commit::Orderer& orderer) {
        ASSERT_TRUE(append_to(orderer, append_of({.stream = "b-1", .data = data_of(100)})));
    };
    say_b(*open(folder_.path()));  // 5, so that damage before it is not the log's end
    flip(folder_.path(), data_of(4));
    {
        // The index knows that a-1 ends at revision 2.
        auto orderer = open(folder_.path(), true);
        EXPECT_EQ(report_.index_unplaced_events, 0u);
        EXPECT_EQ((*orderer->index().head("a-1"))->last, Revision(2));
    }
    drop_index(folder_.path());
    {
        auto orderer = open(folder_.path(), true);
        EXPECT_EQ(report_.index_lost_events, 1u);
        EXPECT_EQ(report_.index_unplaced_events, 1u);
        EXPECT_EQ((*orderer->index().head("a-1"))->last, Revision(1));
        const Answer again = append_to(*orderer, append_of({.stream = "a-1"}));
        ASSERT_TRUE(again) << again.error().to_string();
        EXPECT_EQ(again->streams[0].first, Revision(2));
        EXPECT_EQ(again->first_position, Position(6)) << "a position is never given again";
    }
    // Also by the openings that feed nothing.
    ASSERT_NE(open(folder_.path(), true), nullptr);
    EXPECT_EQ(report_.index_fed_events, 0u);
    EXPECT_EQ(report_.index_unplaced_events, 1u);
}

TEST_F(DamagedLogTest, OnceRestoredTheIndexIsMadeAnew) {
    make(folder_.path());
    const std::string whole = bytes_of(segment_of(folder_.path()));
    flip(folder_.path(), data_of(3));
    drop_index(folder_.path());
    ASSERT_NE(open(folder_.path()), nullptr);
    ASSERT_NE(open(folder_.path()), nullptr);
    EXPECT_EQ(report_.index_discarded, "") << "nothing is new";
    set_bytes(segment_of(folder_.path()), whole);
    auto orderer = open(folder_.path());
    ASSERT_NE(orderer, nullptr);
    EXPECT_NE(report_.index_discarded, "");
    EXPECT_EQ(report_.index_lost_events, 0u);
    EXPECT_TRUE(lost_in(*orderer).empty());
    EXPECT_EQ(orderer->read_only_reason(), "");
}

TEST_F(DamagedLogTest, AnIndexOfAnotherLogIsThrownAwayAndTheAnswersAreTheSame) {
    const Folder other;
    make(folder_.path());
    {
        auto orderer = open(other.path());
        for (int i = 0; i < 4; ++i)
            ASSERT_TRUE(append_to(*orderer, append_of({.stream = "other-1"})));
    }
    drop_index(folder_.path());
    std::filesystem::copy(
        other.path() + "/index", folder_.path() + "/index", std::filesystem::copy_options::recursive
    );
    auto orderer = open(folder_.path());
    ASSERT_NE(orderer, nullptr);
    EXPECT_NE(report_.index_discarded.find("disagrees"), std::string::npos)
        << report_.index_discarded;
    EXPECT_EQ(report_.index_fed_events, 4u);
    const std::vector<std::uint64_t> a = {1, 3, 4};
    EXPECT_EQ(stream_of(*orderer, "a-1"), a);
    EXPECT_TRUE(stream_of(*orderer, "other-1").empty());
}

TEST_F(DamagedLogTest, AnEndThatOnlyTheIndexKnowsIsALossAndStaysOne) {
    make(folder_.path());
    std::filesystem::remove(folder_.path() + "/events/CLEAN");
    const std::string whole = bytes_of(segment_of(folder_.path()));
    std::string bytes = whole;
    const std::size_t last = bytes.find(data_of(4));
    ASSERT_NE(last, std::string::npos);
    // From somewhere in the group before the last one on.
    const std::size_t from = bytes.find(data_of(3));
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(), '\0');
    set_bytes(segment_of(folder_.path()), bytes);
    for (int opening = 0; opening < 2; ++opening) {
        auto orderer = open(folder_.path());
        ASSERT_NE(orderer, nullptr);
        EXPECT_NE(
            orderer->read_only_reason().find("the index has events up to position 4"),
            std::string::npos
        ) << orderer->read_only_reason();
        ASSERT_EQ(report_.recovery.damages.size(), 1u);
        EXPECT_EQ(report_.recovery.damages[0].first_position, Position(3));
        EXPECT_EQ(report_.recovery.damages[0].last_position, Position(4));
        EXPECT_EQ(code_of(append_to(*orderer, append_of({.stream = "a-1"}))), ErrorCode::kReadOnly);
        EXPECT_EQ(stream_of(*orderer, "a-1"), std::vector<std::uint64_t>{1}) << "what is left";
    }
    set_bytes(segment_of(folder_.path()), whole);
    {
        auto restored = open(folder_.path());
        EXPECT_EQ(restored->read_only_reason(), "");
        EXPECT_EQ(report_.index_discarded, "");
    }
    std::filesystem::remove(folder_.path() + "/events/CLEAN");
    set_bytes(segment_of(folder_.path()), bytes);
    auto accepted = open(folder_.path(), true);
    ASSERT_NE(accepted, nullptr);
    EXPECT_NE(report_.index_discarded, "");
    EXPECT_EQ(append_to(*accepted, append_of({.stream = "a-1"}))->first_position, Position(3));
}

/// Any events of any streams are lost: what is left has its revisions, and each missing one before
/// it is a lost position.
TEST_F(DamagedLogTest, RevisionsStayDenseWhateverIsLost) {
    for (std::uint32_t seed = 1; seed <= 8; ++seed) {
        std::mt19937 random(seed);
        const Folder folder;
        struct Made {
            std::string stream;
            std::uint64_t revision;
        };
        std::vector<Made> made;
        {
            auto orderer = open(folder.path());
            std::map<std::string, std::uint64_t> next;
            while (made.size() < 60) {
                std::vector<TestEvent> events;
                for (std::uint32_t i = 0; i < 1 + random() % 3; ++i) {
                    const std::string stream = "s-" + std::to_string(random() % 5);
                    made.push_back({stream, next[stream]++});
                    events.push_back({.stream = stream, .data = data_of(made.size())});
                }
                ASSERT_TRUE(append_to(*orderer, append_of_all(std::move(events))));
            }
        }
        std::set<std::uint64_t> lost;
        while (lost.size() < 8) lost.insert(1 + random() % (made.size() - 3));
        for (const std::uint64_t n : lost) flip(folder.path(), data_of(n));
        drop_index(folder.path());
        auto orderer = open(folder.path());
        ASSERT_NE(orderer, nullptr) << seed;
        log::LogReader reader = orderer->log().reader();
        std::map<std::string, std::uint64_t> highest;
        for (std::size_t i = 0; i < made.size(); ++i) {
            const auto read = reader.at(Position(i + 1));
            if (!read) continue;
            highest[made[i].stream] = made[i].revision;
            EXPECT_EQ(stream_of(*orderer, made[i].stream).at(made[i].revision), i + 1) << seed;
        }
        std::size_t holes = 0;
        for (const auto& [stream, last] : highest) {
            const std::vector<std::uint64_t> positions = stream_of(*orderer, stream);
            ASSERT_EQ(positions.size(), last + 1) << seed << ' ' << stream;
            for (const std::uint64_t position : positions) {
                const auto read = reader.at(Position(position));
                if (read) continue;
                EXPECT_EQ(read.error().code(), ErrorCode::kDataLoss);
                ++holes;
            }
        }
        EXPECT_GE(lost_in(*orderer).size(), holes) << seed;
        EXPECT_EQ(lost_in(*orderer).size(), report_.index_lost_events) << seed;
    }
}

}  // namespace
}  // namespace annals::order_local
