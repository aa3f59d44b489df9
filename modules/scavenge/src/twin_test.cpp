// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A log that is scavenged and opened again at random beside one that never is: the same appends,
// the same reads, the same answers of the rules (log-and-rules 2.5).
#include <random>

#include <gtest/gtest.h>

#include "annals/base/testing/rounds.hpp"

#include "scavenge_test_support.hpp"

namespace annals::scavenge {
namespace {

using commit::testing::expecting;
using commit::testing::keyed;
using commit::testing::tracked;
using commit::testing::unless;

class Twins {
  public:
    explicit Twins(std::uint64_t seed) : random_(seed) {}

    void live(int steps) {
        for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) {
            SCOPED_TRACE("step " + std::to_string(i));
            step();
        }
        compare_reads();
    }

    [[nodiscard]] std::uint64_t removed_events() const { return removed_events_; }
    [[nodiscard]] std::uint64_t replays_of_removed() const { return replays_of_removed_; }

  private:
    std::string stream() { return "thing-" + std::to_string(random_() % 6); }
    std::uint64_t below(std::uint64_t end) { return random_() % end; }

    void step() {
        const std::uint64_t kind = below(100);
        if (kind < 40) return append_new();
        if (kind < 55) return append_again();
        if (kind < 65) return append_with_query();
        if (kind < 72) return append_tracked();
        if (kind < 80) return change_metadata();
        if (kind < 84) return remove();
        if (kind < 85) return tombstone();
        if (kind < 90) return pass_time();
        if (kind < 96) return scavenge();
        if (kind < 98) {
            one_.reopen();
            return;
        }
        compare_reads();
    }

    /// The answers of both; tokens differ, the rest must not.
    void send(const TestAppend& append) {
        const Answer one = append_to(*one_.orderer, append);
        const Answer other = append_to(*other_.orderer, append);
        ASSERT_EQ(one.has_value(), other.has_value())
            << (one ? "" : one.error().to_string()) << (other ? "" : other.error().to_string());
        if (!one) {
            ASSERT_EQ(one.error().code(), other.error().code()) << one.error().to_string();
            ASSERT_EQ(
                commit::testing::failed_checks_of(one), commit::testing::failed_checks_of(other)
            );
            return;
        }
        ASSERT_EQ(one->first_position, other->first_position);
        ASSERT_EQ(one->last_position, other->last_position);
        ASSERT_EQ(one->is_replay, other->is_replay);
        if (one->is_replay) {
            log::LogReader reader = one_.orderer->log().reader();
            if (reader.at(one->first_position)->is_removed) ++replays_of_removed_;
        }
        ASSERT_EQ(one->streams, other->streams);
        ASSERT_EQ(one->recorded_time, other->recorded_time);
    }

    TestEvent event() {
        TestEvent made{.stream = stream(), .id = commit::testing::id_of(next_id_++)};
        made.type = below(2) == 0 ? "up" : "down";
        made.data = "{\"n\":" + std::to_string(next_id_) + ",\"pad\":\"" +
                    std::string(below(400), 'x') + "\"}";
        made.tags = {"key:" + std::to_string(below(4)), "all:of"};
        return made;
    }

    void append_new() {
        TestAppend append;
        for (std::uint64_t i = below(3); i < 3; ++i) append.events.push_back(event());
        if (below(3) == 0) append = expecting(append, stream(), model::ExpectedRevision::exists());
        if (below(6) == 0)
            append = expecting(append, stream(), model::ExpectedRevision::no_stream());
        if (below(6) == 0) append = expecting(append, stream(), model::ExpectedRevision::deleted());
        if (below(4) == 0) append = keyed(append, "key " + std::to_string(below(20)));
        sent_.push_back(append);
        send(append);
    }
    /// A retry, also of what was removed long ago, sometimes with other content.
    void append_again() {
        if (sent_.empty()) return;
        TestAppend append = sent_[below(sent_.size())];
        if (below(4) == 0) append.events.front().data = "{}";
        send(append);
    }
    void append_with_query() {
        const TestAppend append = append_of(event());
        const model::Query query = below(2) == 0
                                       ? commit::testing::by_tag("key:" + std::to_string(below(4)))
                                       : commit::testing::by_type("up");
        const Position after(below(one_.orderer->visible_end().get().value + 1));
        send_with_token(append, query, after);
    }
    /// The same position as each log's own token.
    void send_with_token(const TestAppend& append, const model::Query& query, Position after) {
        const auto token = [&](TestStore& store) {
            const auto bits = store.orderer->log().chain_bits_at(after);
            EXPECT_TRUE(bits) << bits.error().to_string();
            return model::format_token(
                model::make_token(store.orderer->log().identity(), after, *bits)
            );
        };
        const Answer one = append_to(*one_.orderer, unless(append, query, token(one_)));
        const Answer other = append_to(*other_.orderer, unless(append, query, token(other_)));
        ASSERT_EQ(one.has_value(), other.has_value());
        if (!one) {
            ASSERT_EQ(one.error().code(), other.error().code());
        }
    }
    void append_tracked() {
        send(tracked(
            append_of(event()), {"source", "consumer", "k" + std::to_string(below(2)), below(30)}
        ));
    }
    void change_metadata() {
        model::StreamMetadata metadata;
        if (below(2) == 0) metadata.max_count = 1 + below(6);
        if (below(3) == 0) metadata.max_age_s = 5 + below(60);
        if (below(4) == 0) metadata.truncate_before = Revision(below(20));
        const std::string name = stream();
        in_both([&](TestStore& store) {
            api::SetMetadataRequest request;
            if (name == "thing-0") {
                request.target.category = "thing";
                request.metadata = metadata;
                request.metadata.truncate_before.reset();
            } else {
                request.target.stream = name;
                request.metadata = metadata;
            }
            return bool(store.changes().set_metadata({}, request));
        });
    }
    void remove() {
        const std::string name = stream();
        in_both([&](TestStore& store) { return bool(store.changes().remove({}, {name, {}, {}})); });
    }
    void tombstone() {
        const std::string name = stream();
        if (name == "thing-1" || name == "thing-2") return;
        in_both([&](TestStore& store) {
            return bool(store.changes().tombstone({}, {name, {}, {}}));
        });
    }
    template <typename Do>
    void in_both(const Do& apply) {
        const bool one = apply(one_);
        ASSERT_EQ(one, apply(other_));
    }
    void pass_time() {
        const auto seconds = static_cast<std::int64_t>(below(20));
        one_.clock.pass(seconds * kSecondNs);
        other_.clock.pass(seconds * kSecondNs);
    }
    /// Reads are those of the moment before; the twin shows the same unless metadata have since
    /// been changed to show again what was removed.
    void scavenge() {
        const std::vector<std::string> before = reads(one_);
        removed_events_ += one_.scavenge().removed_events;
        ASSERT_EQ(reads(one_), before);
        if (below(2) == 0) {
            one_.reopen();
            ASSERT_EQ(reads(one_), before);
        }
    }
    static std::vector<std::string> reads(TestStore& store) {
        std::vector<std::string> all;
        for (int i = 0; i < 6; ++i) {
            const std::string name = "thing-" + std::to_string(i);
            all.push_back(store.read(name));
            all.push_back(store.read(name, true));
        }
        return all;
    }
    /// What the scavenged one shows the twin shows, too, event for event.
    void compare_reads() {
        const std::vector<std::string> one = reads(one_);
        const std::vector<std::string> other = reads(other_);
        for (std::size_t i = 0; i < one.size(); i += 2)
            ASSERT_TRUE(other[i].ends_with(one[i])) << i << "\n" << one[i] << "\n" << other[i];
    }

    std::mt19937_64 random_;
    TestStore one_;
    TestStore other_;
    std::uint64_t next_id_ = 1;
    std::uint64_t removed_events_ = 0;
    std::uint64_t replays_of_removed_ = 0;
    std::vector<TestAppend> sent_;
};

TEST(Twins, AScavengedLogAnswersAsOneThatNeverWas) {
    const std::uint64_t seeds = base::testing::rounds(25);
    std::uint64_t removed = 0;
    std::uint64_t replays = 0;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Twins twins(seed);
        twins.live(250);
        if (::testing::Test::HasFailure()) return;
        removed += twins.removed_events();
        replays += twins.replays_of_removed();
    }
    // Otherwise nothing was tested.
    EXPECT_GT(removed, seeds);
    EXPECT_GT(replays, seeds / 4);
}

}  // namespace
}  // namespace annals::scavenge
