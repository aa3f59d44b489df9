// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/subscriptions/subscription_hub.hpp"

#include <atomic>

#include <benchmark/benchmark.h>

#include "annals/streams/testing/fake_orderer.hpp"

namespace annals::subscriptions {
namespace {

using streams::testing::FakeOrderer;
using streams::testing::TestEvent;

TestEvent event_of(std::string stream) {
    TestEvent event;
    event.stream = std::move(stream);
    event.data.assign(200, 'x');
    return event;
}

/// A live reader whose waker reads: counts the events it got.
class LiveReader {
  public:
    LiveReader(SubscriptionHub& hub, const api::SubscribeRequest& request)
        : subscription_(std::move(*hub.subscribe(request))) {
        subscription_->set_waker([this] { drain(); });
        drain();
    }
    void await(std::uint64_t events) {
        for (std::uint64_t seen = seen_; seen < events; seen = seen_) seen_.wait(seen);
    }

  private:
    void drain() {
        while (true) {
            const Result<bool> has_frame = subscription_->try_next(frame_);
            if (!has_frame || !*has_frame) return;
            seen_ += frame_.events.size();
            seen_.notify_one();
        }
    }

    api::SubscriptionFrame frame_;
    std::atomic<std::uint64_t> seen_ = 0;
    std::unique_ptr<api::Subscription> subscription_;
};

/// Everything between publish and the frame in the reader's hands, the append itself and a wake-up
/// of this thread included; beside so many who wait for other streams.
void append_to_frame(benchmark::State& state) {
    FakeOrderer orderer;
    SubscriptionHub hub(orderer);
    std::vector<std::unique_ptr<LiveReader>> idle;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        api::SubscribeRequest request;
        request.stream = "idle-" + std::to_string(i);
        idle.push_back(std::make_unique<LiveReader>(hub, request));
    }
    LiveReader live(hub, {});
    std::uint64_t events = 0;
    for (auto _ : state) {
        orderer.append_one(event_of("busy-1"));
        live.await(++events);
    }
}
BENCHMARK(append_to_frame)->Arg(0)->Arg(5'000)->UseRealTime();

/// What stays of it without a reader.
void append_alone(benchmark::State& state) {
    FakeOrderer orderer;
    for (auto _ : state) orderer.append_one(event_of("busy-1"));
}
BENCHMARK(append_alone)->UseRealTime();

void catch_up(benchmark::State& state) {
    static constexpr std::int64_t kEvents = 200'000;
    FakeOrderer orderer;
    for (std::int64_t i = 0; i < kEvents / 1'000; ++i) {
        std::vector<TestEvent> events(1'000, event_of("busy-" + std::to_string(i)));
        orderer.append(events);
    }
    SubscriptionHub hub(orderer);
    for (auto _ : state) {
        const auto subscription = std::move(*hub.subscribe({}));
        api::SubscriptionFrame frame;
        while (frame.mark != api::SubscriptionMark::kCaughtUp) {
            const Result<bool> has_frame = subscription->try_next(frame);
            if (!has_frame) return state.SkipWithError("no frame");
        }
    }
    state.SetItemsProcessed(std::int64_t{state.iterations()} * kEvents);
}
BENCHMARK(catch_up);

}  // namespace
}  // namespace annals::subscriptions
