// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// All rules together against a model, as tests of the orderer's contract.
#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "annals/commit/testing/random_append.hpp"
#include "annals/commit/testing/rules_model.hpp"
#include "annals/commit/testing/test_append.hpp"

#include "orderer_fixture.hpp"

namespace annals::conformance {

using commit::testing::random_append;
using commit::testing::RulesModel;
using commit::testing::TestQueryCheck;
using commit::testing::TestStreamCheck;
using commit::testing::TestTracking;

// ---- all rules together ----

class AgainstTheModel : public OrdererContract {
  protected:
    using Append = commit::testing::ModelAppend;

    [[nodiscard]] TestAppend as_test_append(const Append& append) const {
        TestAppend out;
        for (const auto& event : append.events) {
            TestEvent& test = out.events.emplace_back();
            test.stream = event.stream;
            if (event.is_id_given) test.id = event.id;
            test.type = event.type;
            test.tags = event.tags;
            test.data = std::to_string(event.content);
        }
        for (const auto& [stream, expected] : append.stream_checks) {
            out.checks.emplace_back(TestStreamCheck{stream, expected});
        }
        for (const auto& query : append.queries) {
            model::QueryItem item;
            if (query.type) item.types.push_back(*query.type);
            if (query.tag) item.tags.push_back(*query.tag);
            const Position after(query.after);
            const std::uint32_t chain_bits = *orderer_->log().chain_bits_at(after);
            out.checks.emplace_back(TestQueryCheck{
                {{item}},
                model::format_token(model::make_token(orderer_->log().identity(), after, chain_bits)
                )
            });
        }
        if (append.tracking) {
            out.tracking = TestTracking{"s", "c", append.tracking->key, append.tracking->position};
        }
        return out;
    }

    static commit::testing::ModelOutcome outcome_of(const Answer& answer, const Append& append) {
        commit::testing::ModelOutcome outcome;
        if (answer && answer->is_replay) {
            outcome.kind = commit::Decision::Kind::kReplay;
            outcome.replay_first = answer->first_position.value;
        } else if (answer) {
            std::map<std::string, std::uint64_t> next;
            for (const auto& stream : answer->streams) next[stream.stream] = stream.first.value;
            for (const auto& event : append.events)
                outcome.revisions.push_back(next[event.stream]++);
        } else {
            outcome.kind = commit::Decision::Kind::kRefused;
            outcome.code = answer.error().code();
            for (const auto& failed : failed_checks_of(answer)) {
                outcome.failed_checks.push_back(failed.check_index);
            }
        }
        return outcome;
    }
};

TEST_P(AgainstTheModel, RandomAppendsAreDecidedAlikeAcrossReopenings) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937_64 random(seed);
        const auto pick = [&random](std::uint64_t bound) { return random() % bound; };
        commit::testing::RulesModel model;
        close();
        host_ = GetParam().make_host();
        open();
        for (int step = 0; step < 300; ++step) {
            if (step % 60 == 59) step % 120 == 59 ? reopen() : reopen_without_index();
            const Append append = commit::testing::random_append(model, pick);
            const auto expected = model.judge(append);
            const auto actual = outcome_of(this->append(as_test_append(append)), append);
            ASSERT_EQ(actual.kind, expected.kind) << "step " << step;
            ASSERT_TRUE(actual == expected) << "step " << step;
            if (expected.kind == commit::Decision::Kind::kAccepted) model.store(append);
        }
        expect_dense_log();
    }
}

}  // namespace annals::conformance
