// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// An orderer on a file system that really is full: it opens, reads, and takes appends once there is
// room.
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/test_append.hpp"
#include "annals/order_local/local_orderer.hpp"

#include "test_folder.hpp"

namespace annals::order_local {
namespace {

using commit::testing::append_of;
using commit::testing::append_to;
using commit::testing::code_of;

class FullDiskTest : public ::testing::Test {
  protected:
    void SetUp() override {
        const char* path = folder_.path().c_str();
        is_mounted_ = ::mount("none", path, "tmpfs", 0, "size=16m") == 0;
        if (!is_mounted_) GTEST_SKIP() << "mounting a small tmpfs needs root";
    }
    void TearDown() override {
        if (is_mounted_) ::umount(folder_.path().c_str());
    }

    Result<std::unique_ptr<commit::Orderer>> try_open(bool accepts_damage) {
        report_ = {};
        OrdererOptions options;
        options.log.accept_damage = accepts_damage;
        options.log.segment_bytes = 256u << 10u;
        options.log.fill_bytes_min = 16u << 10u;
        options.log.fill_bytes_max = 64u << 10u;
        return open_local_orderer(
            log::disk_file_system(), folder_.path() + "/store", options, memory_, report_
        );
    }
    std::unique_ptr<commit::Orderer> open() {
        auto opened = try_open(false);
        EXPECT_TRUE(opened.has_value()) << opened.error().to_string();
        return opened ? std::move(*opened) : nullptr;
    }
    /// Not one page is left.
    void fill() {
        std::ofstream out(ballast(), std::ios::binary);
        const std::string page(4'096, 'x');
        while (out.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
        }
    }
    void make_room() { std::filesystem::remove(ballast()); }
    static std::size_t events_of(commit::Orderer& orderer, std::string_view stream) {
        std::vector<Position> found;
        EXPECT_TRUE(orderer.index().stream_positions(
            stream, Revision(0), index::Direction::kForwards, 1'000, found
        ));
        return found.size();
    }
    void make(std::size_t events) {
        auto orderer = open();
        ASSERT_NE(orderer, nullptr);
        for (std::size_t i = 0; i < events; ++i)
            ASSERT_TRUE(append_to(*orderer, append_of({.stream = "a-1"})));
        ASSERT_TRUE(orderer->close());
    }

    Folder folder_;
    index::IndexMemory memory_{64u << 20u};
    OpenReport report_;

  private:
    [[nodiscard]] std::string ballast() const { return folder_.path() + "/ballast"; }

    bool is_mounted_ = false;
};

TEST_F(FullDiskTest, ItIsOpenedReadAndTakesAppendsOnceThereIsRoom) {
    make(3);
    fill();
    std::size_t events = 3;
    {
        auto orderer = open();
        ASSERT_NE(orderer, nullptr);
        EXPECT_NE(report_.index_in_memory, "");
        EXPECT_EQ(report_.index_fed_events, 3u) << "all of the log";
        EXPECT_EQ(orderer->read_only_reason(), "");
        EXPECT_EQ(orderer->durability(), "every-append") << "only the index is in memory";
        EXPECT_EQ(events_of(*orderer, "a-1"), 3u);
        const auto large = append_of({.stream = "a-1", .data = std::string(300'000, 'x')});
        EXPECT_EQ(code_of(append_to(*orderer, large)), ErrorCode::kDiskFull);
        make_room();
        ASSERT_TRUE(append_to(*orderer, large));
        ++events;
        EXPECT_EQ(events_of(*orderer, "a-1"), events);
        EXPECT_TRUE(orderer->close());
    }
    auto orderer = open();
    ASSERT_NE(orderer, nullptr);
    EXPECT_EQ(report_.index_in_memory, "");
    EXPECT_EQ(report_.index_discarded, "") << "that of the disk is good";
    EXPECT_EQ(report_.index_fed_events, events - 3);
    EXPECT_EQ(events_of(*orderer, "a-1"), events);
}

TEST_F(FullDiskTest, WhatItsIndexProvesToBeLostIsNotCutEither) {
    make(3);
    std::filesystem::remove(folder_.path() + "/store/events/CLEAN");
    const std::string segment = folder_.path() + "/store/events/00000000000000000001.seg";
    const std::size_t header_bytes = 4'096;
    {
        std::fstream file(segment, std::ios::binary | std::ios::in | std::ios::out);
        const std::size_t bytes = std::filesystem::file_size(segment) - header_bytes;
        const std::string zeros(bytes, '\0');
        file.seekp(header_bytes).write(zeros.data(), static_cast<std::streamsize>(bytes));
    }
    fill();
    auto orderer = open();
    ASSERT_NE(orderer, nullptr);
    EXPECT_NE(orderer->read_only_reason().find("up to position 3"), std::string::npos)
        << orderer->read_only_reason();
}

TEST_F(FullDiskTest, WhereDamageIsAcceptedItIsNotOpenedWithoutTheIndexThatKnowsWhatWasLost) {
    make(2);
    {
        auto orderer = open();
        ASSERT_TRUE(append_to(*orderer, append_of({.stream = "a-1", .data = "{\"n\":\"lost\"}"})));
        ASSERT_TRUE(append_to(*orderer, append_of({.stream = "b-1"})));  // not the log's end
        ASSERT_TRUE(orderer->close());
    }
    std::filesystem::remove(folder_.path() + "/store/events/CLEAN");
    const std::string segment = folder_.path() + "/store/events/00000000000000000001.seg";
    {
        std::fstream file(segment, std::ios::binary | std::ios::in | std::ios::out);
        const std::string bytes(
            std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>{}
        );
        const std::size_t lost = bytes.find("lost");
        ASSERT_NE(lost, std::string::npos);
        file.clear();
        file.seekp(static_cast<std::streamoff>(lost)).put('L');
    }
    fill();
    const auto refused = try_open(true);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kDiskFull);
    {
        auto orderer = open();
        ASSERT_NE(orderer, nullptr);
        EXPECT_NE(orderer->read_only_reason(), "");
    }
    make_room();
    const auto accepted = try_open(true);
    ASSERT_TRUE(accepted) << accepted.error().to_string();
    EXPECT_EQ((*(*accepted)->index().head("a-1"))->last, Revision(2)) << "the index knows it";
}

TEST_F(FullDiskTest, ItsOrderlyEndSaysThatNothingIsLost) {
    make(3);
    auto orderer = open();
    ASSERT_NE(orderer, nullptr);
    ASSERT_TRUE(append_to(*orderer, append_of({.stream = "a-1"})));
    fill();
    const Status closed = orderer->close();
    ASSERT_FALSE(closed);
    EXPECT_EQ(closed.error().code(), ErrorCode::kDiskFull);
    EXPECT_NE(closed.error().field("remedy").find("Nothing is lost"), std::string::npos);
    orderer.reset();
    make_room();
    orderer = open();
    ASSERT_NE(orderer, nullptr);
    EXPECT_EQ(events_of(*orderer, "a-1"), 4u);
}

}  // namespace
}  // namespace annals::order_local
