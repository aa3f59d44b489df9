// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/stream_reader.hpp"

#include <benchmark/benchmark.h>

#include "annals/streams/admission.hpp"
#include "annals/streams/testing/fake_orderer.hpp"

namespace annals::streams {
namespace {

constexpr std::size_t kStreams = 10'000;
constexpr std::size_t kEventsEach = 20;

/// Streams of 20 events of 256 bytes, scattered over the log: event i of all streams, then event i
/// + 1.
testing::FakeOrderer& scattered_log() {
    static testing::FakeOrderer* const orderer = [] {
        auto* made = new testing::FakeOrderer;
        for (std::size_t i = 0; i < kEventsEach; ++i) {
            std::vector<testing::TestEvent> events(kStreams);
            for (std::size_t stream = 0; stream < kStreams; ++stream) {
                events[stream].stream = "order-" + std::to_string(stream);
                events[stream].type = "type" + std::to_string(i);
                events[stream].data.assign(200, 'x');
            }
            made->append(events);
        }
        return made;
    }();
    return *orderer;
}

void read_stream_of_20(benchmark::State& state) {
    StreamReader reader(scattered_log());
    std::uint64_t next = 0;
    for (auto _ : state) {
        api::ReadRequest request;
        request.stream = "order-" + std::to_string(next++ * 7919 % kStreams);
        Result<api::ReadPage> page = reader.read({}, request);
        if (!page || page->events.size() != kEventsEach) state.SkipWithError("wrong page");
        benchmark::DoNotOptimize(page);
    }
}
BENCHMARK(read_stream_of_20);

void read_everything_by_100(benchmark::State& state) {
    StreamReader reader(scattered_log());
    std::uint64_t next = 1;
    for (auto _ : state) {
        api::ReadRequest request;
        request.start = api::FromPosition{Position(next)};
        next = (next + 100) % (kStreams * kEventsEach - 100) + 1;
        Result<api::ReadPage> page = reader.read({}, request);
        if (!page || page->events.size() != 100) state.SkipWithError("wrong page");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 100);
}
BENCHMARK(read_everything_by_100);

void scan_log_for_a_prefix(benchmark::State& state) {
    StreamReader reader(scattered_log());
    for (auto _ : state) {
        api::ReadRequest request;
        request.filter.stream_prefixes = {"nothing"};
        Result<api::ReadPage> page = reader.read({}, request);
        if (!page || !page->events.empty()) state.SkipWithError("wrong page");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 100'000);
}
BENCHMARK(scan_log_for_a_prefix);

void admit_a_plain_event(benchmark::State& state) {
    const std::string data(256, 'x');
    model::AppendRequest request;
    request.stream = "order-1234567";
    request.events.resize(1);
    request.events[0].type = "order-placed";
    request.events[0].data = data;
    for (auto _ : state) {
        Status status = admit({}, request);
        benchmark::DoNotOptimize(status);
    }
}
BENCHMARK(admit_a_plain_event);

}  // namespace
}  // namespace annals::streams
