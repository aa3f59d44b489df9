// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/grpc_door/grpc_door.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/api/testing/fake_event_store.hpp"
#include "annals/client/client.hpp"
#include "annals/model/limits.hpp"

namespace annals::grpc_door {
namespace {

using api::testing::FakeEventStore;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::int64_t in(std::chrono::nanoseconds time) {
    return system_clock().monotonic_ns() + time.count();
}

model::NewEvent event(std::string_view type, std::string_view data = "{}") {
    model::NewEvent made;
    made.type = type;
    made.data = data;
    return made;
}

model::AppendRequest append_to(std::string_view stream, std::size_t events = 1) {
    model::AppendRequest request;
    request.stream = stream;
    for (std::size_t i = 0; i < events; ++i) request.events.push_back(event("made"));
    return request;
}

/// Counts calls by "method code".
class CountingObserver final : public RpcObserver {
  public:
    void on_call(std::string_view /*service*/, std::string_view method, int code, double seconds)
        override {
        EXPECT_GE(seconds, 0.0);
        const std::lock_guard lock(mutex_);
        ++counts_[std::string(method) + " " + std::to_string(code)];
    }
    int count(const std::string& call) {
        const std::lock_guard lock(mutex_);
        return counts_[call];
    }

  private:
    std::mutex mutex_;
    std::map<std::string, int> counts_;
};

/// A fake store behind a real door, and a client of it.
class GrpcDoorCalls : public ::testing::Test {
  protected:
    GrpcDoorCalls() {
        GrpcDoorOptions options;
        options.address = "127.0.0.1:0";
        options.observer = &observer_;
        auto started = GrpcDoor::start(store_, options);
        EXPECT_TRUE(started) << started.error().to_string();
        door_ = std::move(*started);
        door_->set_serving(true);
        client_ = connect();
    }

    std::unique_ptr<client::RemoteEventStore> connect() {
        client::ClientOptions options;
        options.address = "127.0.0.1:" + std::to_string(door_->port());
        auto connected = client::connect(options);
        EXPECT_TRUE(connected) << connected.error().to_string();
        return std::move(*connected);
    }

    CountingObserver observer_;
    FakeEventStore store_;
    std::unique_ptr<GrpcDoor> door_;
    std::unique_ptr<client::RemoteEventStore> client_;
    api::CallContext context_;
};

TEST_F(GrpcDoorCalls, AppendsAndReadsBack) {
    model::AppendRequest request = append_to("order-1", 2);
    request.events[1].tags.push_back("customer:7");
    request.events[1].valid_time = model::ValidTime{TimeNs(12), -90};
    request.events[1].metadata = "m";
    const auto appended = client_->append_and_wait(context_, request);
    ASSERT_TRUE(appended) << appended.error().to_string();
    EXPECT_EQ(appended->first_position, Position(1));
    EXPECT_EQ(appended->last_position, Position(2));
    ASSERT_EQ(appended->streams.size(), 1u);
    EXPECT_EQ(appended->streams[0].last, Revision(1));
    EXPECT_TRUE(appended->is_durable);

    api::ReadRequest read;
    read.stream = "order-1";
    read.min_position = appended->position;
    const auto page = client_->read(context_, read);
    ASSERT_TRUE(page) << page.error().to_string();
    EXPECT_TRUE(page->is_end);
    EXPECT_EQ(page->last_revision, Revision(1));
    const auto events = page->events.decode();
    ASSERT_TRUE(events);
    ASSERT_EQ(events->size(), 2u);
    EXPECT_EQ((*events)[1].tags[0], "customer:7");
    EXPECT_EQ((*events)[1].valid_time->offset_minutes, -90);
    EXPECT_EQ((*events)[1].position, Position(2));
}

TEST_F(GrpcDoorCalls, ReadsOnAWorkerWhenTheStoreCannotAnswerAtOnce) {
    store_.set_reads_at_once(false);
    ASSERT_TRUE(client_->append_and_wait(context_, append_to("order-1", 3)));
    api::ReadRequest read;
    read.limit = 2;
    const auto page = client_->read(context_, read);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->events.size(), 2u);
    EXPECT_FALSE(page->is_end);
    read.start = api::AfterToken{page->next};
    EXPECT_EQ(client_->read(context_, read)->events.size(), 1u);
}

TEST_F(GrpcDoorCalls, EveryOtherCallArrives) {
    ASSERT_TRUE(client_->append_and_wait(context_, append_to("order-1", 3)));
    ASSERT_TRUE(client_->append_and_wait(context_, append_to("order-2")));

    const auto streams = client_->list_streams(context_, {"order", "order-1", 10});
    ASSERT_TRUE(streams);
    ASSERT_EQ(streams->streams.size(), 1u);
    EXPECT_EQ(streams->streams[0].name, "order-2");
    const auto categories = client_->list_categories(context_, {});
    ASSERT_TRUE(categories);
    ASSERT_EQ(categories->categories.size(), 1u);
    EXPECT_EQ(categories->categories[0].events, 4u);
    const auto types = client_->list_types(context_, {});
    ASSERT_TRUE(types);
    EXPECT_EQ(types->streams.at(0).name, "made");
    const auto info = client_->get_stream(context_, "order-1");
    ASSERT_TRUE(info);
    EXPECT_EQ(info->events, 3u);

    const auto page = client_->read(context_, {});
    const auto events = page->events.decode();
    const auto found = client_->get_event(context_, events->at(2).id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->events.size(), 1u);

    ASSERT_TRUE(client_->create_namespace(context_, "other"));
    EXPECT_EQ(client_->list_namespaces(context_)->size(), 2u);
    api::CallContext other;
    other.name_space = "other";
    EXPECT_EQ(client_->info(other)->last_position, Position(0));
    ASSERT_TRUE(client_->append_and_wait(other, append_to("a-1")));
    EXPECT_EQ(client_->info(other)->last_position, Position(1));
    ASSERT_TRUE(client_->delete_namespace(context_, "other"));
    EXPECT_EQ(client_->info(other).error().code(), ErrorCode::kNamespaceNotFound);
    EXPECT_EQ(client_->info(context_)->version, "fake");
}

TEST_F(GrpcDoorCalls, AConflictCarriesEveryFailingCheck) {
    ASSERT_TRUE(client_->append_and_wait(context_, append_to("order-1", 4)));
    model::AppendRequest request = append_to("order-2");
    request.checks.emplace_back(
        model::StreamCheck{"order-1", model::ExpectedRevision::exactly(Revision(7))}
    );
    request.checks.emplace_back(model::StreamCheck{"order-9", model::ExpectedRevision::exists()});
    request.checks.emplace_back(model::QueryCheck{{{{{"made"}, {}}}}, {}});
    const auto refused = client_->append_and_wait(context_, request);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
    const auto* details = refused.error().details<model::ConflictDetails>();
    ASSERT_NE(details, nullptr);
    ASSERT_EQ(details->failed_checks.size(), 3u);
    EXPECT_EQ(details->failed_checks[0].current_revision, Revision(3));
    EXPECT_EQ(details->failed_checks[0].expected.revision, Revision(7));
    EXPECT_EQ(details->failed_checks[1].stream, "order-9");
    EXPECT_FALSE(details->failed_checks[1].current_revision);
    EXPECT_EQ(details->failed_checks[2].kind, model::FailedCheck::Kind::kQuery);
    EXPECT_EQ(details->failed_checks[2].matching_position, Position(1));
}

TEST_F(GrpcDoorCalls, AThousandFailingChecksComeBackToOurOwnClient) {
    model::AppendRequest request = append_to("order-1");
    std::vector<std::string> names;
    names.reserve(1'000);
    for (int i = 0; i < 1'000; ++i) {
        names.push_back("order-" + std::string(500, 'x') + std::to_string(i));
    }
    for (const std::string& name : names) {
        request.checks.emplace_back(model::StreamCheck{name, model::ExpectedRevision::exists()});
    }
    const auto refused = client_->append_and_wait(context_, request);
    ASSERT_FALSE(refused);
    const auto* details = refused.error().details<model::ConflictDetails>();
    ASSERT_NE(details, nullptr) << refused.error().to_string();
    ASSERT_EQ(details->failed_checks.size(), 1'000u);
    EXPECT_EQ(details->failed_checks[999].stream, names[999]);
}

TEST_F(GrpcDoorCalls, EveryErrorOfTheCatalogueKeepsItsCodeAndFields) {
    for (const ErrorInfo& info : error_catalogue()) {
        store_.fail_with(Error(info.code, "because").with("field", "a").with("limit", "3"));
        const auto of_append = client_->append_and_wait(context_, append_to("a-1"));
        const auto of_read = client_->read(context_, {});
        const auto of_info = client_->info(context_);
        auto subscription = client_->subscribe(context_, {});
        ASSERT_TRUE(subscription);
        const auto of_frame = (*subscription)->next(in(seconds(10)));
        for (const Error* error :
             {&of_append.error(), &of_read.error(), &of_info.error(), &of_frame.error()}) {
            EXPECT_EQ(error->code(), info.code) << info.name << ": " << error->to_string();
            EXPECT_EQ(error->field("field"), "a");
            EXPECT_EQ(error->field("limit"), "3");
            EXPECT_EQ(error->message(), "because");
        }
    }
}

TEST_F(GrpcDoorCalls, NamespaceDeadlineAndTraceReachTheStore) {
    api::CallContext traced;
    traced.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    traced.tracestate = "a=b";
    traced.deadline_ns = in(seconds(60));
    ASSERT_TRUE(client_->append_and_wait(traced, append_to("a-1")));
    EXPECT_EQ(store_.seen().name_space, "default");
    EXPECT_EQ(store_.seen().traceparent, traced.traceparent);
    EXPECT_EQ(store_.seen().tracestate, "a=b");
    EXPECT_LT(std::abs(store_.seen().deadline_ns - traced.deadline_ns), 2'000'000'000);
    ASSERT_TRUE(client_->append_and_wait(context_, append_to("a-1")));
    EXPECT_EQ(store_.seen().deadline_ns, std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(store_.seen().traceparent, "");
}

TEST_F(GrpcDoorCalls, ADeadlineEndsTheWaitForAnAnswer) {
    store_.hold_answers(true);
    api::CallContext hurried;
    hurried.deadline_ns = in(milliseconds(50));
    const auto late = client_->append_and_wait(hurried, append_to("a-1"));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error().code(), ErrorCode::kDeadlineExceeded);
    store_.hold_answers(false);
    EXPECT_TRUE(client_->append_and_wait(context_, append_to("a-1")));
}

TEST_F(GrpcDoorCalls, ManyAppendsUnderWayAreAllAnswered) {
    store_.set_sync_time(std::chrono::microseconds(100));
    constexpr int kAppends = 5'000;
    std::atomic<int> answered{0};
    std::mutex mutex;
    std::condition_variable all;
    for (int i = 0; i < kAppends; ++i) {
        client_->append(context_, append_to("a-1"), [&](const auto& answer) {
            EXPECT_TRUE(answer) << answer.error().to_string();
            if (++answered == kAppends) {
                const std::lock_guard lock(mutex);
                all.notify_one();
            }
        });
    }
    std::unique_lock lock(mutex);
    ASSERT_TRUE(all.wait_for(lock, seconds(60), [&] { return answered == kAppends; }));
    EXPECT_EQ(store_.info(context_)->last_position, Position(kAppends));
    // A call is over, and counted, a moment after its answer went out; stopping waits for all.
    EXPECT_TRUE(door_->stop(seconds(10)));
    EXPECT_EQ(observer_.count("Append 0"), kAppends);
}

TEST_F(GrpcDoorCalls, AMessageOf16MiBPasses) {
    const std::string data(model::Limits::kUnaryBytesMax - (128u << 10u), 'x');
    model::AppendRequest request;
    request.stream = "big-1";
    request.events.push_back(event("made", data));
    ASSERT_TRUE(client_->append_and_wait(context_, request));
    const auto page = client_->read(context_, {});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->events.decode()->at(0).data, data);
}

TEST_F(GrpcDoorCalls, AnAppendOf64MiBTravelsInParts) {
    const std::string data(1u << 20u, 'x');
    model::AppendRequest request;
    request.stream = "big-1";
    for (int i = 0; i < 63; ++i) request.events.push_back(event("made", data));
    request.checks.emplace_back(model::StreamCheck{"big-1", model::ExpectedRevision::no_stream()});
    const auto appended = client_->append_and_wait(context_, request);
    ASSERT_TRUE(appended) << appended.error().to_string();
    EXPECT_EQ(appended->streams.at(0).last, Revision(62));
    const auto again = client_->append_and_wait(context_, request);
    EXPECT_EQ(again.error().code(), ErrorCode::kConflict);

    for (int i = 0; i < 4; ++i) request.events.push_back(event("made", data));
    const auto refused = client_->append_and_wait(context_, request);
    EXPECT_EQ(refused.error().code(), ErrorCode::kLimitExceeded) << refused.error().to_string();
}

TEST_F(GrpcDoorCalls, BulkAppendsAreAnsweredInOrder) {
    auto bulk = client_->bulk_append(context_);
    ASSERT_TRUE(bulk);
    std::vector<std::string> answers;
    for (int i = 0; i < 1'000; ++i) {
        model::AppendRequest request = append_to("a-1");
        if (i % 10 == 3) {
            request.checks.emplace_back(
                model::StreamCheck{"a-1", model::ExpectedRevision::no_stream()}
            );
        }
        (*bulk)->append(request, [&](Result<api::AppendResponse> answer) {
            answers.push_back(
                answer ? std::to_string(answer->first_position.value)
                       : std::string(answer.error().info().name)
            );
        });
    }
    const Status finished = (*bulk)->finish();
    ASSERT_TRUE(finished) << finished.error().to_string();
    ASSERT_EQ(answers.size(), 1'000u);
    EXPECT_EQ(answers[0], "1");
    EXPECT_EQ(answers[3], "conflict");
    EXPECT_EQ(answers[999], "900");
    EXPECT_EQ(store_.info(context_)->last_position, Position(900));
}

TEST_F(GrpcDoorCalls, ABulkCallThatIsDroppedAnswersEverything) {
    store_.hold_answers(true);
    int answered = 0;
    {
        auto bulk = client_->bulk_append(context_);
        for (int i = 0; i < 10; ++i) {
            (*bulk)->append(append_to("a-1"), [&](const auto& answer) {
                EXPECT_FALSE(answer);
                ++answered;
            });
        }
    }
    EXPECT_EQ(answered, 10);
    store_.hold_answers(false);
    EXPECT_TRUE(client_->append_and_wait(context_, append_to("a-1")));
}

TEST_F(GrpcDoorCalls, ScanGivesEverythingPageByPage) {
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(client_->append_and_wait(context_, append_to("a-" + std::to_string(i), 100)));
    }
    std::uint64_t next = 1;
    api::ReadRequest request;
    request.limit = 0;
    const auto visit = [&](const api::ReadPage& page) {
        return page.events.for_each([&](const model::RecordedEvent& seen) -> Status {
            EXPECT_EQ(seen.position, Position(next++));
            return ok();
        });
    };
    ASSERT_TRUE(client_->scan(context_, request, visit));
    EXPECT_EQ(next, 1'001u);

    next = 1;
    request.limit = 250;
    ASSERT_TRUE(client_->scan(context_, request, visit));
    EXPECT_EQ(next, 251u);

    request.limit = 0;
    const Status stopped = client_->scan(context_, request, [](const api::ReadPage&) -> Status {
        return Error(ErrorCode::kCancelled, "enough");
    });
    EXPECT_EQ(stopped.error().code(), ErrorCode::kCancelled);
}

TEST_F(GrpcDoorCalls, ASubscriptionGoesFromHistoryToLive) {
    ASSERT_TRUE(client_->append_and_wait(context_, append_to("a-1", 500)));
    auto subscription = client_->subscribe(context_, {});
    ASSERT_TRUE(subscription);
    std::uint64_t next = 1;
    bool was_caught_up = false;
    for (int round = 0; round < 20; ++round) {
        while (next <= store_.info(context_)->last_position.value || !was_caught_up) {
            const auto frame = (*subscription)->next(in(seconds(10)));
            ASSERT_TRUE(frame) << frame.error().to_string();
            if (frame->mark == api::SubscriptionMark::kCaughtUp) was_caught_up = true;
            ASSERT_TRUE(frame->events.for_each([&](const auto& seen) -> Status {
                EXPECT_EQ(seen.position, Position(next++));
                return ok();
            }));
        }
        ASSERT_TRUE(client_->append_and_wait(context_, append_to("a-1", 3)));
    }
    const auto last = (*subscription)->next(in(seconds(10)));
    ASSERT_TRUE(last) << last.error().to_string();
    EXPECT_FALSE(last->events.empty()) << "the last append comes, too";
}

TEST_F(GrpcDoorCalls, ASlowSubscriberSkipsNothing) {
    auto subscription = client_->subscribe(context_, {});
    ASSERT_TRUE(subscription);
    const std::string data(20'000, 'x');
    model::AppendRequest request;
    request.stream = "a-1";
    request.events.assign(100, event("made", data));
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(client_->append_and_wait(context_, request));
    std::uint64_t next = 1;
    while (next <= 3'000) {
        const auto frame = (*subscription)->next(in(seconds(10)));
        ASSERT_TRUE(frame) << frame.error().to_string();
        ASSERT_TRUE(frame->events.for_each([&](const auto& seen) -> Status {
            EXPECT_EQ(seen.position, Position(next++));
            return ok();
        }));
    }
}

TEST_F(GrpcDoorCalls, AThousandCancelledSubscriptionsLeaveNothingBehind) {
    ASSERT_TRUE(client_->append_and_wait(context_, append_to("a-1", 300)));
    for (int i = 0; i < 1'000; ++i) {
        auto subscription = client_->subscribe(context_, {});
        ASSERT_TRUE(subscription);
        if (i % 3 == 0) continue;  // at once
        ASSERT_TRUE((*subscription)->next(in(seconds(10))));
        if (i % 3 == 1) store_.fail_with(std::nullopt);  // wakes them all
    }
    ASSERT_TRUE(door_->stop(seconds(10)));
    EXPECT_EQ(store_.open_subscriptions(), 0u);
    EXPECT_GE(observer_.count("Subscribe 1") + observer_.count("Subscribe 14"), 600);
}

TEST_F(GrpcDoorCalls, StoppingEndsStreamsWithShuttingDownAndFinishesAppends) {
    auto subscription = client_->subscribe(context_, {});
    ASSERT_TRUE((*subscription)->next(in(seconds(10))));
    store_.hold_answers(true);
    std::optional<Result<api::AppendResponse>> answer;
    std::mutex mutex;
    std::condition_variable answered;
    client_->append(context_, append_to("a-1"), [&](Result<api::AppendResponse> given) {
        const std::lock_guard lock(mutex);
        answer.emplace(std::move(given));
        answered.notify_one();
    });
    while (store_.info(context_)->last_position == Position(0)) std::this_thread::yield();
    std::thread stopping([&] { EXPECT_TRUE(door_->stop(seconds(60))); });
    const auto ended = (*subscription)->next(in(seconds(10)));
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code(), ErrorCode::kShuttingDown) << ended.error().to_string();
    store_.hold_answers(false);
    {
        std::unique_lock lock(mutex);
        ASSERT_TRUE(answered.wait_for(lock, seconds(60), [&] { return answer.has_value(); }));
        EXPECT_TRUE(*answer) << answer->error().to_string();
    }
    stopping.join();
    api::CallContext hurried;
    hurried.deadline_ns = in(milliseconds(200));
    EXPECT_FALSE(client_->append_and_wait(hurried, append_to("a-1")));
}

TEST_F(GrpcDoorCalls, StoppingDoesNotWaitBeyondItsDeadline) {
    auto bulk = client_->bulk_append(context_);
    ASSERT_TRUE(bulk);
    store_.hold_answers(true);
    (*bulk)->append(append_to("a-1"), [](const auto&) {});
    while (store_.info(context_)->last_position == Position(0)) std::this_thread::yield();
    std::thread releasing;
    const std::int64_t begun = system_clock().monotonic_ns();
    releasing = std::thread([&] {
        // the store's own answer is waited for, whatever the deadline
        EXPECT_FALSE((*bulk)->finish());
        store_.hold_answers(false);
    });
    EXPECT_EQ(door_->stop(milliseconds(100)).error().code(), ErrorCode::kDeadlineExceeded);
    EXPECT_LT(system_clock().monotonic_ns() - begun, 20'000'000'000);
    releasing.join();
}

TEST_F(GrpcDoorCalls, ATakenPortIsATypedError) {
    GrpcDoorOptions options;
    options.address = "127.0.0.1:" + std::to_string(door_->port());
    const auto second = GrpcDoor::start(store_, options);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::kIoError) << "as of the HTTP door";
    EXPECT_EQ(second.error().field("address"), options.address);
    EXPECT_EQ(
        second.error().field("remedy"),
        "Stop what listens there, or choose another address with --grpc."
    );
    EXPECT_EQ(second.error().field("reason"), "Address already in use");
}

TEST_F(GrpcDoorCalls, AnAddressOfAnotherMachineIsNotSaidToBeInUse) {
    GrpcDoorOptions options;
    options.address = "192.0.2.1:0";
    const auto second = GrpcDoor::start(store_, options);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code(), ErrorCode::kIoError);
    EXPECT_EQ(second.error().field("remedy"), "Give an address of this machine with --grpc.");
}

TEST_F(GrpcDoorCalls, AnAddressNobodyListensOnIsATypedError) {
    client::ClientOptions options;
    options.address = "127.0.0.1:1";
    options.connect_timeout = milliseconds(100);
    const auto nobody = client::connect(options);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code(), ErrorCode::kUnavailable);
    EXPECT_EQ(nobody.error().field("address"), options.address);
}

TEST_F(GrpcDoorCalls, TheLifeOfAStreamTravels) {
    ASSERT_TRUE(client_->append_and_wait({}, append_to("a-1", 3)));
    api::SetMetadataRequest request;
    request.target.stream = "a-1";
    request.metadata.max_count = 2;
    request.metadata.custom = "{\"owner\":1.0}";
    const auto set = client_->set_stream_metadata({}, request);
    ASSERT_TRUE(set) << set.error().to_string();
    const auto said = client_->get_stream_metadata({}, request.target);
    ASSERT_TRUE(said);
    EXPECT_EQ(said->metadata, request.metadata);
    EXPECT_EQ(said->revision, set->metadata_revision);
    api::ReadRequest read;
    read.stream = "a-1";
    EXPECT_EQ(client_->read({}, read)->events.size(), 2u);
    ASSERT_TRUE(client_->truncate_stream({}, {"a-1", Revision(2), {}}));
    EXPECT_EQ(client_->read({}, read)->events.size(), 1u);
    const auto no_stream = model::ExpectedRevision::no_stream();
    const auto refused = client_->delete_stream({}, {"a-1", no_stream, ""});
    ASSERT_FALSE(refused);
    ASSERT_NE(refused.error().details<model::ConflictDetails>(), nullptr);
    ASSERT_TRUE(client_->delete_stream({}, {"a-1", {}, ""}));
    EXPECT_EQ(client_->read({}, read).error().code(), ErrorCode::kStreamNotFound);
    ASSERT_TRUE(client_->append_and_wait({}, append_to("a-1")));
    EXPECT_EQ(client_->read({}, read)->events.size(), 1u);
    const api::SnapshotKey key{"a-1", "totals", 1, 2};
    ASSERT_TRUE(client_->store_snapshot({}, {key, Revision(3), "text/plain", "sum", {}}));
    const auto loaded = client_->load_snapshot({}, {key, {}});
    ASSERT_TRUE(loaded && *loaded);
    EXPECT_EQ((*loaded)->data, "sum");
    EXPECT_EQ(client_->list_snapshots({}, {"a-1", "", {}})->size(), 1u);
    EXPECT_EQ(*client_->delete_snapshots({}, {"a-1", "totals", {}}), 1u);
    ASSERT_TRUE(client_->tombstone_stream({}, {"a-1", {}, ""}));
    EXPECT_EQ(client_->read({}, read).error().code(), ErrorCode::kStreamDeleted);
}

}  // namespace
}  // namespace annals::grpc_door
