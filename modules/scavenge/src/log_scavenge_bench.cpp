// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// How fast a log on the disk is scavenged, and what that costs the appends beside it.
#include "annals/scavenge/log_scavenge.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "annals/base/clock.hpp"
#include "annals/commit/testing/test_append.hpp"
#include "annals/log/file_system.hpp"
#include "annals/order_local/local_orderer.hpp"
#include "annals/scavenge/pace.hpp"
#include "annals/scavenge/removal_rules.hpp"
#include "annals/streams/stream_changes.hpp"
#include "annals/streams/stream_reader.hpp"

namespace annals::scavenge {
namespace {

constexpr std::int64_t kLapNs = 1'500'000'000;
constexpr int kWriters = 8;
constexpr std::size_t kDataBytes = 1'000;
constexpr std::uint64_t kMegabyte = 1'000'000;

/// A log on the disk.
class BenchLog {
  public:
    BenchLog() {
        folder_ = (std::filesystem::temp_directory_path() / "annals-scavenge-XXXXXX").string();
        if (::mkdtemp(folder_.data()) == nullptr) return;
        order_local::OrdererOptions options;
        options.log.segment_bytes = 16u << 20u;
        order_local::OpenReport report;
        auto opened = order_local::open_local_orderer(
            log::disk_file_system(), folder_, options, memory_, report
        );
        if (!opened) return;
        orderer = std::move(*opened);
    }
    BenchLog(const BenchLog&) = delete;
    BenchLog& operator=(const BenchLog&) = delete;
    ~BenchLog() {
        if (orderer) (void)orderer->close();
        orderer.reset();
        std::filesystem::remove_all(folder_);
    }

    void append(int stream, int events) const {
        commit::testing::TestAppend append;
        for (int i = 0; i < events; ++i) {
            append.events.push_back(
                {.stream = "thing-" + std::to_string(stream), .data = std::string(kDataBytes, 'x')}
            );
        }
        (void)commit::testing::append_to(*orderer, append);
    }

    std::unique_ptr<commit::Orderer> orderer;

  private:
    std::string folder_;
    index::IndexMemory memory_{256u << 20u};
};

/// About 100 MB in sealed segments.
class FilledLog : public BenchLog {
  public:
    FilledLog() {
        for (int i = 0; i < 1'000; ++i) append(i, 100);
        (void)orderer->seal_segments();
    }
};

/// As `annals bench` has it: 10,000 streams of small events in turn, of which each shows its last
/// event alone.
class HiddenLog : public BenchLog {
  public:
    static constexpr int kStreams = 10'000;

    HiddenLog() {
        streams::StreamReader reader(*orderer);
        api::SetMetadataRequest defaults;
        defaults.target.category = "thing";
        defaults.metadata.max_count = 1;
        (void)streams::StreamChanges(*orderer, reader).set_metadata({}, defaults);
    }
    void append_mixed(int appends) {
        for (int i = 0; i < appends; ++i) {
            commit::testing::TestAppend append;
            for (int event = 0; event < 100; ++event) {
                next_ = (next_ * 7'919 + 13) % kStreams;
                append.events.push_back(
                    {.stream = "thing-" + std::to_string(next_), .data = std::string(256, 'x')}
                );
            }
            (void)commit::testing::append_to(*orderer, append);
        }
        (void)orderer->seal_segments();
    }

  private:
    int next_ = 1;
};

/// Another 64th of the events each time; bytes read and written.
std::uint64_t scavenge_once(commit::Orderer& orderer, std::uint64_t round, Pace& pace) {
    log::ScavengeRequest request;
    std::uint64_t bytes = 0;
    request.is_removable = [round](const log::StoredEvent& event) -> Result<bool> {
        return event.position.value % 64 == round % 64;
    };
    request.pace = [&](std::uint64_t piece) {
        bytes += piece;
        return pace.take(piece);
    };
    for (const log::SealedSegment& segment : orderer.log().sealed_segments()) {
        if (!orderer.scavenge_segment(segment.first, request)) break;
        if (pace.is_stopped()) break;
    }
    return bytes;
}

void scavenge_all(benchmark::State& state) {
    FilledLog log;
    Pace pace;
    std::uint64_t round = 0;
    std::uint64_t segment_bytes = 0;
    for (auto _ : state) {
        for (const log::SealedSegment& segment : log.orderer->log().sealed_segments())
            segment_bytes += segment.bytes;
        benchmark::DoNotOptimize(scavenge_once(*log.orderer, round++, pace));
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(segment_bytes));
}
BENCHMARK(scavenge_all)->Iterations(5)->Unit(benchmark::kMillisecond)->UseRealTime();

/// Most events of what came last are removed, by the rules of a server; bytes of segments.
void scavenge_hidden(benchmark::State& state) {
    HiddenLog log;
    std::uint64_t segment_bytes = 0;
    std::uint64_t removed = 0;
    for (auto _ : state) {
        state.PauseTiming();
        log.append_mixed(2'000);
        state.ResumeTiming();
        StreamRemovalRules rules(*log.orderer, Ages::kCount);
        ScavengeTotals totals;
        const auto done = scavenge_log(*log.orderer, rules, {}, totals);
        if (!done) state.SkipWithError(done.error().to_string().c_str());
        segment_bytes += totals.bytes_done;
        removed += totals.removed_events;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(segment_bytes));
    state.SetItemsProcessed(static_cast<std::int64_t>(removed));
}
BENCHMARK(scavenge_hidden)->Iterations(5)->Unit(benchmark::kMillisecond)->UseRealTime();

/// Appends of one event by eight writers for a while.
double appends_per_s(FilledLog& log) {
    std::atomic<std::uint64_t> done{0};
    const std::int64_t start_ns = system_clock().monotonic_ns();
    std::vector<std::thread> writers;
    writers.reserve(kWriters);
    for (int writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&, writer] {
            while (system_clock().monotonic_ns() - start_ns < kLapNs) {
                log.append(writer, 1);
                done.fetch_add(1, std::memory_order_relaxed);
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    return static_cast<double>(done.load()) * 1e9 /
           static_cast<double>(system_clock().monotonic_ns() - start_ns);
}

/// range(0): throttle in MB/s.
void appends_beside_a_scavenge(benchmark::State& state) {
    FilledLog log;
    std::uint64_t round = 0;
    double alone = 0;
    double beside = 0;
    for (auto _ : state) {
        alone += appends_per_s(log);
        Pace pace;
        pace.set_bytes_per_s(static_cast<std::uint64_t>(state.range(0)) * kMegabyte);
        std::atomic<bool> is_ending{false};
        std::thread scavenging([&] {
            while (!is_ending.load()) (void)scavenge_once(*log.orderer, round++, pace);
        });
        beside += appends_per_s(log);
        is_ending.store(true);
        pace.stop();
        scavenging.join();
    }
    state.counters["alone_per_s"] = alone / static_cast<double>(state.iterations());
    state.counters["beside_per_s"] = beside / static_cast<double>(state.iterations());
    state.counters["cost_percent"] = (1 - beside / alone) * 100;
}
BENCHMARK(appends_beside_a_scavenge)
    ->Arg(10)
    ->Arg(20)
    ->Arg(50)
    ->Arg(0)
    ->Iterations(2)
    ->UseRealTime();

}  // namespace
}  // namespace annals::scavenge
