// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Group delivery with acknowledgements beside its ceiling, a catch-up subscription over the same
// events, in one process; and the way of a live event to a member.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "annals/base/assert.hpp"
#include "annals/base/clock.hpp"
#include "annals/groups/testing/server.hpp"

namespace annals::groups {
namespace {

constexpr std::size_t kEvents = 200'000;
constexpr std::size_t kStreams = 10'000;

class Fixture {
  public:
    Fixture() {
        const std::string data(200, 'x');
        std::vector<std::string> streams;
        streams.reserve(kStreams);
        for (std::size_t i = 0; i < kStreams; ++i) streams.push_back("s-" + std::to_string(i));
        for (std::size_t i = 0; i < kEvents; i += 1'000) {
            model::AppendRequest request;
            for (std::size_t j = i; j < i + 1'000; ++j) {
                model::NewEvent& event = request.events.emplace_back();
                event.stream = streams[j * 7 % kStreams];
                event.type = "happened";
                event.data = data;
            }
            const auto appended = server.events().append_and_wait({}, request);
            ANNALS_ASSERT(appended.has_value(), "the event store takes them");
        }
    }

  private:
    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();

  public:
    testing::Server server{*files_};
    int groups = 0;
};

Fixture& fixture() {
    static Fixture instance;
    return instance;
}

void catch_up(benchmark::State& state) {
    (void)fixture();
    for ([[maybe_unused]] auto _ : state) {
        api::SubscribeRequest request;
        request.batch_events_max = 256;
        auto subscription = fixture().server.events().subscribe({}, request);
        ANNALS_ASSERT(subscription.has_value(), "it subscribes");
        std::size_t count = 0;
        while (count < kEvents) {
            const auto frame = (*subscription)->next(INT64_MAX);
            ANNALS_ASSERT(frame.has_value(), "frames come");
            count += frame->events.size();
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEvents));
}

void group_with_acks(benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state) {
        const std::string name = "g" + std::to_string(fixture().groups++);
        api::ConsumerGroups& groups = fixture().server.groups();
        api::GroupSettings settings;
        settings.member_in_flight_max = 1'024;
        ANNALS_ASSERT(groups.create({}, {name, settings, ""}).has_value(), "it is created");
        std::atomic<std::size_t> count{0};
        std::vector<std::thread> members;
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            members.emplace_back([&] {
                auto member = groups.join({}, {name, "m", 0, false});
                ANNALS_ASSERT(member.has_value(), "it joins");
                while (count.load() < kEvents) {
                    api::GroupDeliveries deliveries;
                    const auto has_some = (*member)->next(
                        deliveries, system_clock().monotonic_ns() + 5'000'000
                    );
                    ANNALS_ASSERT(has_some.has_value(), "it goes on");
                    std::vector<api::Settlement> settled;
                    settled.reserve(deliveries.deliveries.size());
                    for (const auto delivery : deliveries.deliveries) settled.push_back({delivery});
                    count += settled.size();
                    if (!settled.empty()) benchmark::DoNotOptimize((*member)->settle(settled));
                }
            });
        }
        for (std::thread& member : members) member.join();
        state.PauseTiming();
        benchmark::DoNotOptimize(
            groups.control({}, {name, api::GroupCommand::kDelete, {}, "done", ""})
        );
        state.ResumeTiming();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEvents));
}

/// Append to member, without the disk: what the group adds to the sync.
void live_event(benchmark::State& state) {
    std::unique_ptr<log::FileSystem> files = log::make_memory_file_system();
    testing::Server server(*files);
    ANNALS_ASSERT(server.groups().create({}, {"live", {}, ""}).has_value(), "it is created");
    auto member = server.groups().join({}, {"live", "m", 0, false});
    ANNALS_ASSERT(member.has_value(), "it joins");
    for ([[maybe_unused]] auto _ : state) {
        model::AppendRequest request;
        model::NewEvent& event = request.events.emplace_back();
        event.stream = "a-1";
        event.type = "happened";
        event.data = "{}";
        server.events().append({}, request, [](const auto&) {});
        api::GroupDeliveries deliveries;
        const auto has_some = (*member)->next(deliveries, INT64_MAX);
        ANNALS_ASSERT(has_some && *has_some, "it comes");
        state.PauseTiming();
        benchmark::DoNotOptimize((*member)->settle({{deliveries.deliveries.front()}}));
        state.ResumeTiming();
    }
}

BENCHMARK(catch_up)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(group_with_acks)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(live_event)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace annals::groups
