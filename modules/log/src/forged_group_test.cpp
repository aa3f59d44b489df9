// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Headers whose checksums are right and whose numbers lie: they are believed only as far as the
// file's own size allows.
#include <optional>

#include <gtest/gtest.h>

#include "clean_end.hpp"
#include "log_meta.hpp"
#include "log_test_support.hpp"

namespace annals::log {
namespace {

using detail::GroupHeader;

constexpr Position kFarAway(std::uint64_t{1} << 40u);

/// What kill -9 leaves of a log of three groups (positions 1 to 3) and a mark that covers them. The
/// second and the third group are damaged, so that opening goes on at the mark.
class ForgedGroup : public ::testing::Test {
  protected:
    void SetUp() override {
        const auto files = make_memory_file_system();
        TestLog log(*files);
        log.must_open();
        for (int i = 0; i < 3; ++i) log.must_append(1);
        ASSERT_TRUE(log.log->mark().has_value());
        killed_ = copy_of(*files, "log");
        bytes_ = bytes_of(*killed_, kFirstSegment);
        offsets_ = group_offsets(bytes_);
        ASSERT_EQ(offsets_.size(), 4u);
        for (const std::size_t group : {1u, 2u}) {
            char& byte = bytes_[offsets_[group] + GroupHeader::kBytes + 100];
            byte = static_cast<char>(byte ^ 0x40);
        }
    }

    /// Puts the mark with this position, and right checksums, into the file.
    void forge_mark(Position first_position, std::optional<std::uint64_t> salt = std::nullopt) {
        char* at = bytes_.data() + offsets_[3];
        GroupHeader mark = *detail::decode_group_header({at, GroupHeader::kBytes});
        ASSERT_TRUE(mark.is_mark());
        mark.first_position = first_position;
        mark.salt = salt.value_or(mark.salt);
        detail::encode_group_header(mark, at);
        set_bytes(*killed_, kFirstSegment, bytes_);
    }

    std::unique_ptr<FileSystem> killed_;
    std::string bytes_;
    std::vector<std::size_t> offsets_;
};

TEST_F(ForgedGroup, AnHonestMarkBehindDamageTellsHowMuchIsLost) {
    forge_mark(Position(4));
    TestLog opened(*killed_);
    opened.must_open();
    EXPECT_EQ(opened.log->durable_end(), Position(3));
    EXPECT_TRUE(opened.log->is_read_only());
}

// Found by annals_log_segment_fuzz: the position table was written far behind its end.
TEST_F(ForgedGroup, AMarkThatClaimsMoreEventsThanTheLostBytesCouldHoldIsNotBelieved) {
    const std::uint64_t lost_bytes = offsets_[3] - offsets_[1];
    for (const Position claimed : {kFarAway, Position(lost_bytes), Position(UINT64_MAX)}) {
        forge_mark(claimed);
        for (const bool is_accepted : {false, true}) {
            TestLog opened(*killed_);
            opened.options().accept_damage = is_accepted;
            opened.must_open();
            EXPECT_EQ(opened.log->durable_end(), Position(1)) << claimed.value;
            EXPECT_TRUE(opened.log->is_read_only()) << "its end is lost";
            opened.check_all();
        }
        EXPECT_FALSE(verify_log(*killed_, "log", {})->damages.empty());
    }
}

TEST_F(ForgedGroup, BytesOfAnotherLogDoNotPassForAGroupOfThisOne) {
    forge_mark(Position(4), detail::make_salt(make_uuid_v4()));
    TestLog opened(*killed_);
    opened.must_open();
    EXPECT_EQ(opened.log->durable_end(), Position(1));
}

/// A cleanly closed log whose file CLEAN is then changed.
TEST(ForgedCleanEnd, OneWithOtherPlacesThanItsPositionsIsNotBelieved) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(3);
    ASSERT_TRUE(log.log->close().has_value());
    const Uuid log_id = log.log->identity().log_id;
    log.log = nullptr;
    const std::string path = "log/" + std::string(detail::CleanEnd::kName);
    const auto honest = detail::decode_clean_end(bytes_of(*files, path), log_id);
    ASSERT_TRUE(honest.has_value());
    for (const std::size_t places : {0u, 2u, 4u, 1'000'000u}) {
        const auto copy = copy_of(*files, "log");
        detail::CleanEnd forged = *honest;
        forged.table.resize(places, honest->table.front());
        set_bytes(*copy, path, detail::encode_clean_end(forged, log_id));
        TestLog opened(*copy);
        opened.must_open();
        EXPECT_FALSE(opened.report.was_clean) << places;
        EXPECT_EQ(opened.log->durable_end(), Position(3)) << places;
        opened.check_all();
    }
}

}  // namespace
}  // namespace annals::log
