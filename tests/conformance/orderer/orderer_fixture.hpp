// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// One log with an orderer on it, for the tests of the contract.
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "annals/commit/testing/hand_clock.hpp"
#include "annals/commit/testing/test_append.hpp"

#include "orderer_host.hpp"

namespace annals::conformance {

using commit::testing::Answer;
using commit::testing::append_of;
using commit::testing::append_of_all;
using commit::testing::append_to;
using commit::testing::by_tag;
using commit::testing::by_type;
using commit::testing::code_of;
using commit::testing::expecting;
using commit::testing::failed_checks_of;
using commit::testing::HandClock;
using commit::testing::id_of;
using commit::testing::keyed;
using commit::testing::submit;
using commit::testing::TestAppend;
using commit::testing::TestEvent;
using commit::testing::token_of;
using commit::testing::unless;

inline constexpr std::int64_t kYearNs = 365ll * 86'400 * 1'000'000'000;

/// One log with an orderer on it.
class OrdererContract : public ::testing::TestWithParam<OrdererBody> {
  public:
    ~OrdererContract() override {
        if (orderer_) close();
    }

  protected:
    OrdererContract() : host_(GetParam().make_host()) {
        options_.clock = &clock_;
        open();
    }

    void open() {
        orderer_ = host_->open(options_);
        ASSERT_NE(orderer_, nullptr);
    }
    void close() {
        const Status closed = orderer_->close();
        EXPECT_TRUE(closed) << (closed ? "" : closed.error().to_string());
        orderer_.reset();
    }
    void reopen() {
        close();
        open();
    }
    void reopen_without_index() {
        close();
        host_->delete_index();
        open();
    }

    Answer append(const TestAppend& append) { return append_to(*orderer_, append); }
    /// Must be accepted.
    model::AppendResult accept(const TestAppend& append) {
        Answer answer = append_to(*orderer_, append);
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().to_string());
        return answer ? *answer : model::AppendResult{};
    }
    void expect_code(const TestAppend& refused, ErrorCode code) {
        const Answer answer = append(refused);
        ASSERT_FALSE(answer) << "accepted at " << answer->first_position.value;
        EXPECT_EQ(answer.error().code(), code) << answer.error().to_string();
    }
    std::string token(const model::AppendResult& result) const {
        return token_of(*orderer_, result);
    }
    [[nodiscard]] Position end() const { return orderer_->visible_end().get(); }

    static void expect_replay(const Answer& answer, const model::AppendResult& first) {
        ASSERT_TRUE(answer) << answer.error().to_string();
        EXPECT_TRUE(answer->is_replay);
        EXPECT_EQ(answer->first_position, first.first_position);
        EXPECT_EQ(answer->last_position, first.last_position);
        EXPECT_EQ(answer->chain_bits, first.chain_bits);
        EXPECT_EQ(answer->recorded_time, first.recorded_time);
        EXPECT_EQ(answer->streams, first.streams);
    }

    /// Every position up to the end is there, revisions of each stream are dense and in order.
    void expect_dense_log() const {
        std::map<std::string, std::uint64_t> next;
        log::LogReader reader = orderer_->log().reader();
        const Position last = orderer_->visible_end().get();
        for (Position position(1); position <= last; ++position) {
            const auto stored = reader.at(position);
            ASSERT_TRUE(stored) << stored.error().to_string();
            model::RecordedEvent event;
            ASSERT_TRUE(model::decode_event_fields(stored->envelope, event));
            EXPECT_EQ(stored->revision.value, next[std::string(event.stream)]++);
        }
    }

    HandClock clock_;
    HostOptions options_;
    std::unique_ptr<OrdererHost> host_;
    std::unique_ptr<commit::Orderer> orderer_;
};

}  // namespace annals::conformance
