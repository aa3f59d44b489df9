// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/load_run.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "annals/api/testing/fake_event_store.hpp"
#include "annals/api/testing/refusing_event_store.hpp"

namespace annals::load_kit {
namespace {

using testing::HasSubstr;

class Quiet : public LoadObserver {
  public:
    void on_progress(const LoadProgress& progress) override { last = progress; }
    void on_checking() override { is_checking = true; }
    bool is_cancelled() override { return false; }

    LoadProgress last;
    bool is_checking = false;
};

/// A store that may lie: it stands before a right one.
class LyingStore : public api::testing::RefusingEventStore {
  public:
    void append(
        const api::CallContext& context, const model::AppendRequest& request, api::AppendDone done
    ) override {
        right.append(context, request, std::move(done));
    }
    Result<api::ReadPage> read(const api::CallContext& context, const api::ReadRequest& request)
        override {
        return right.read(context, request);
    }
    Result<std::unique_ptr<api::Subscription>> subscribe(
        const api::CallContext& context, const api::SubscribeRequest& request
    ) override {
        return right.subscribe(context, request);
    }
    Result<api::ServerInfo> info(const api::CallContext& context) override {
        return right.info(context);
    }

    api::testing::FakeEventStore right;
};

LoadResult run(api::EventStore& store, const std::string& actors, LoadObserver& observer) {
    const auto profile = parse_profile("name = \"test\"\n" + actors, "test.toml");
    EXPECT_TRUE(profile) << profile.error().message();
    LoadOptions options;
    options.tag = "t1";
    options.grace_ns = 500'000'000;
    auto result = run_load(*profile, {.events = &store}, options, observer);
    EXPECT_TRUE(result) << result.error().message();
    return std::move(*result);
}

LoadResult run(api::EventStore& store, const std::string& actors) {
    Quiet quiet;
    return run(store, actors, quiet);
}

const CheckResult& check_of(const LoadResult& result, const std::string& name) {
    for (const CheckResult& check : result.checks) {
        if (check.name == name) return check;
    }
    ADD_FAILURE() << "no check is called " << name;
    static const CheckResult none;
    return none;
}

std::string said_of(const LoadResult& result) {
    std::string all;
    for (const CheckResult& check : result.checks) {
        all += (check.is_held ? "holds " : "FAILS ") + check.name + ": " + check.said + "\n";
    }
    return all;
}

constexpr const char* kDesk = R"(
[[actors]]
name = "writers"
does = "append"
operations = 1210
count = 2
in_flight = 4
batch = 2
keys = { distribution = "zipf", count = 40 }
[[actors]]
name = "readers"
does = "read"
operations = 300
in_flight = 2
[[actors]]
name = "backwards"
does = "read"
operations = 300
direction = "backwards"
batch = 5
keys = { distribution = "latest" }
[[actors]]
name = "audit"
does = "subscribe"
count = 2
batch = 7
)";

TEST(LoadRun, DoesEachOperationOnceAndFindsTheStoreRight) {
    api::testing::FakeEventStore store;
    Quiet quiet;
    const LoadResult result = run(store, kDesk, quiet);
    EXPECT_TRUE(result.is_held()) << said_of(result);
    EXPECT_TRUE(quiet.is_checking);
    EXPECT_FALSE(result.is_interrupted);
    ASSERT_EQ(result.actors.size(), 4U);
    EXPECT_EQ(result.actors[0].all.done, 1'210U);
    EXPECT_EQ(result.actors[0].all.events, 2'420U);
    EXPECT_EQ(result.actors[0].latency.count(), 1'210U);
    EXPECT_EQ(result.actors[1].all.done, 300U);
    EXPECT_EQ(result.actors[3].all.events, 2U * 2'420U);
    EXPECT_EQ(result.actors[3].latency.count(), 2U * 2'420U);
    EXPECT_EQ(check_of(result, "stored: load_t1").said, "2420 events acknowledged, 2420 stored");
    EXPECT_EQ(check_of(result, "heard: audit 2").said, "2420 events stored, 2420 received");
    std::uint64_t in_points = 0;
    for (const Point& point : result.actors[0].points) in_points += point.operations;
    EXPECT_EQ(in_points, 1'210U);

    api::ListRequest request;
    request.prefix = "load_t1";
    const auto categories = store.list_categories({}, request);
    ASSERT_TRUE(categories);
    ASSERT_EQ(categories->categories.size(), 1U);
    EXPECT_EQ(categories->categories[0].events, 2'420U);
}

TEST(LoadRun, LeavesOutWhatWasThereBefore) {
    api::testing::FakeEventStore store;
    model::AppendRequest request;
    request.stream = "load_t1-other";
    request.events.resize(3);
    for (model::NewEvent& event : request.events) event.type = "Old";
    ASSERT_TRUE(store.append_and_wait({}, request));
    const LoadResult result = run(store, kDesk);
    EXPECT_TRUE(result.is_held()) << said_of(result);
}

TEST(LoadRun, CountsConflictsApartAndWaitsForTheActorBefore) {
    api::testing::FakeEventStore store;
    const LoadResult result = run(store, R"(
[[actors]]
name = "second"
does = "append"
operations = 20
after = "first"
expected = "no-stream"
keys = { distribution = "sequential", count = 20 }
[[actors]]
name = "first"
does = "append"
operations = 20
in_flight = 3
expected = "no-stream"
keys = { distribution = "sequential", count = 20 }
)");
    EXPECT_TRUE(result.is_held()) << said_of(result);
    EXPECT_EQ(result.actors[0].all.done, 0U);
    EXPECT_EQ(result.actors[0].all.conflicts, 20U);
    EXPECT_EQ(result.actors[0].all.by_code.at("conflict"), 20U);
    EXPECT_EQ(result.actors[0].all.errors, 0U);
    EXPECT_EQ(result.actors[1].all.done, 20U);
}

TEST(LoadRun, AppendsAtTheRevisionThatItKnows) {
    api::testing::FakeEventStore store;
    const LoadResult result = run(store, R"(
[[actors]]
name = "one"
does = "append"
operations = 50
expected = "exact"
batch = 3
keys = { count = 4 }
)");
    EXPECT_TRUE(result.is_held()) << said_of(result);
    EXPECT_EQ(result.actors[0].all.done, 50U);  // alone, nobody takes its revision
}

/// Acknowledges every tenth append and stores it not.
class LosingStore final : public LyingStore {
  public:
    void append(
        const api::CallContext& context, const model::AppendRequest& request, api::AppendDone done
    ) override {
        if (++count_ % 10 != 0) return right.append(context, request, std::move(done));
        api::AppendResponse answer;
        answer.first_position = answer.last_position = Position(1'000'000 + count_);
        answer.streams = {{std::string(request.stream), Revision(0), Revision(0)}};
        done(answer);
    }

  private:
    std::atomic<std::uint64_t> count_{0};
};

TEST(LoadRun, FindsAnAcknowledgedEventThatIsNotThere) {
    LosingStore store;
    const LoadResult result = run(store, "[[actors]]\ndoes = \"append\"\noperations = 100\n");
    EXPECT_FALSE(result.is_held());
    const CheckResult& check = check_of(result, "stored: load_t1");
    EXPECT_FALSE(check.is_held);
    EXPECT_THAT(check.said, HasSubstr("100 events acknowledged, 90 stored"));
    EXPECT_THAT(check.said, HasSubstr("not there"));
}

/// Refuses all appends.
class FullStore final : public LyingStore {
  public:
    explicit FullStore(ErrorCode code) : code_(code) {}
    void append(const api::CallContext&, const model::AppendRequest&, api::AppendDone done)
        override {
        done(Error(code_, "no"));
    }

  private:
    ErrorCode code_;
};

TEST(LoadRun, CountsErrorsByCodeAndAFiniteRunIsThenNotDone) {
    FullStore store(ErrorCode::kDiskFull);
    const LoadResult result = run(store, R"(
[[actors]]
name = "w"
does = "append"
operations = 30
[[actors]]
name = "r"
does = "read"
operations = 5
)");
    EXPECT_EQ(result.actors[0].all.by_code.at("disk_full"), 30U);
    EXPECT_EQ(result.actors[0].all.errors, 30U);
    EXPECT_EQ(result.actors[0].latency.count(), 30U);  // failures are not left out
    EXPECT_FALSE(check_of(result, "operations: w").is_held);
    EXPECT_TRUE(check_of(result, "stored: load_t1").is_held);
    // There was never anything to read, and the run ended all the same.
    EXPECT_EQ(check_of(result, "operations: r").said, "0 of 5 done, 0 with an error");
}

TEST(LoadRun, SaysWhenOutcomesAreUnknown) {
    FullStore store(ErrorCode::kUnavailable);
    const LoadResult result = run(store, "[[actors]]\ndoes = \"append\"\noperations = 3\n");
    EXPECT_THAT(check_of(result, "stored: load_t1").said, HasSubstr("3 with an unknown outcome"));
    EXPECT_TRUE(check_of(result, "stored: load_t1").is_held);
}

/// Its reads lag behind: they do not show the newest event of a stream.
class StaleStore final : public LyingStore {
  public:
    Result<api::ReadPage> read(const api::CallContext& context, const api::ReadRequest& request)
        override {
        ANNALS_TRY(api::ReadPage page, right.read(context, request));
        if (request.stream.empty() || page.events.empty()) return page;
        ANNALS_TRY(const auto events, page.events.decode());
        model::EventBatch shorter;
        for (std::size_t at = 1; at < events.size(); ++at) {
            std::string envelope;
            std::string payload;
            model::encode_envelope(envelope, events[at], events[at].id);
            model::encode_payload(payload, events[at]);
            shorter.add(
                envelope,
                payload,
                events[at].position,
                events[at].revision,
                events[at].recorded_time
            );
        }
        page.events = std::move(shorter);
        return page;
    }
};

TEST(LoadRun, FindsAReadThatMissesWhatWasAcknowledged) {
    StaleStore store;
    const LoadResult result = run(store, R"(
[[actors]]
name = "w"
does = "append"
operations = 20
keys = { count = 2 }
[[actors]]
name = "r"
does = "read"
after = "w"
operations = 10
direction = "backwards"
)");
    EXPECT_FALSE(result.is_held());
    EXPECT_EQ(result.actors[1].all.wrong, 10U);
    EXPECT_FALSE(check_of(result, "answers").is_held);
    EXPECT_EQ(check_of(result, "answers").said, "10 contradict what was acknowledged");
}

/// Gives one frame twice, or keeps one to itself.
class UnsteadyStore final : public LyingStore {
  public:
    enum class Fault : unsigned char { kTwice, kNever };
    explicit UnsteadyStore(Fault fault) : fault_(fault) {}

    Result<std::unique_ptr<api::Subscription>> subscribe(
        const api::CallContext& context, const api::SubscribeRequest& request
    ) override {
        ANNALS_TRY(auto inner, right.subscribe(context, request));
        return std::unique_ptr<api::Subscription>(
            std::make_unique<Unsteady>(std::move(inner), fault_)
        );
    }

  private:
    class Unsteady final : public api::Subscription {
      public:
        Unsteady(std::unique_ptr<api::Subscription> inner, Fault fault)
            : inner_(std::move(inner)), fault_(fault) {}

        Result<bool> try_next(api::SubscriptionFrame& frame) override {
            if (std::exchange(is_owed_, false)) {
                frame = kept_;
                return true;
            }
            ANNALS_TRY(const bool has_frame, inner_->try_next(frame));
            if (!has_frame || frame.events.empty() || is_done_) return has_frame;
            is_done_ = true;
            if (fault_ == Fault::kNever) return inner_->try_next(frame);
            kept_ = frame;
            is_owed_ = true;
            return true;
        }
        void set_waker(std::function<void()> waker) override {
            inner_->set_waker(std::move(waker));
        }

      private:
        std::unique_ptr<api::Subscription> inner_;
        Fault fault_;
        api::SubscriptionFrame kept_;
        bool is_owed_ = false;
        bool is_done_ = false;
    };

    Fault fault_;
};

constexpr const char* kHeard = R"(
[[actors]]
name = "w"
does = "append"
operations = 60
[[actors]]
name = "audit"
does = "subscribe"
batch = 4
)";

TEST(LoadRun, FindsAnEventThatASubscriberGotTwice) {
    UnsteadyStore store(UnsteadyStore::Fault::kTwice);
    const LoadResult result = run(store, kHeard);
    const CheckResult& check = check_of(result, "heard: audit 1");
    EXPECT_FALSE(check.is_held);
    EXPECT_THAT(check.said, HasSubstr("of them again"));
    EXPECT_THAT(check.said, HasSubstr("out of order"));
}

TEST(LoadRun, FindsAnEventThatASubscriberNeverGot) {
    UnsteadyStore store(UnsteadyStore::Fault::kNever);
    const LoadResult result = run(store, kHeard);
    const CheckResult& check = check_of(result, "heard: audit 1");
    EXPECT_FALSE(check.is_held) << check.said;
    EXPECT_THAT(check.said, HasSubstr("60 events stored"));
}

/// As Ctrl-C does, once there is something to see.
class Impatient final : public Quiet {
  public:
    bool is_cancelled() override { return last.operations > 0; }
};

TEST(LoadRun, EndsEarlyWithChecksAndAReport) {
    api::testing::FakeEventStore store;
    Impatient impatient;
    const LoadResult result = run(
        store,
        R"(
duration = "10m"
[[actors]]
name = "w"
does = "append"
rate = 200
[[actors]]
name = "audit"
does = "subscribe"
)",
        impatient
    );
    EXPECT_TRUE(result.is_interrupted);
    EXPECT_LT(result.seconds, 60);
    EXPECT_TRUE(result.is_held()) << said_of(result);
    EXPECT_GT(result.actors[0].all.done, 0U);
    EXPECT_EQ(result.actors[0].all.done, result.actors[1].all.done);
}

TEST(LoadRun, KeepsToItsRateAndItsTime) {
    api::testing::FakeEventStore store;
    const LoadResult result = run(store, R"(
duration = "500ms"
warm_up = "100ms"
[[actors]]
name = "w"
does = "append"
in_flight = 4
rate = 100
)");
    // Due in half a second, begun or counted as missed; never more.
    EXPECT_EQ(result.actors[0].all.operations() + result.actors[0].missed, 50U);
    EXPECT_LE(result.actors[0].measured.operations(), 40U);
    EXPECT_TRUE(result.is_held()) << said_of(result);
}

TEST(LoadRun, SaysThatTheServerDoesNotAnswer) {
    api::testing::RefusingEventStore store;
    const auto profile = parse_profile(
        "name = \"test\"\n[[actors]]\ndoes = \"append\"\noperations = 1\n", "test.toml"
    );
    Quiet quiet;
    const auto result = run_load(*profile, {.events = &store}, {}, quiet);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kNotSupported);
}

}  // namespace
}  // namespace annals::load_kit
