// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// submit -> done against the bare log, in one run on one disk (TMPDIR chooses it; TMPDIR=/dev/shm
// leaves the disk out and shows the CPU alone). cpu_us_per_event counts the whole process.

#include <sys/resource.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "annals/order_local/local_orderer.hpp"

namespace annals::order_local {
namespace {

constexpr std::size_t kStreams = 10'000;

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Folder {
  public:
    Folder() {
        path_ = (std::filesystem::temp_directory_path() / "annals-bench-XXXXXX").string();
        if (::mkdtemp(path_.data()) == nullptr) std::abort();
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

enum class Condition { kNone, kRevision, kQuery, kClientIds };

struct Load {
    std::size_t events = 1;
    std::size_t in_flight = 1;
    Condition condition = Condition::kNone;
};

/// Makes the appends of a load: events of 256 bytes over kStreams streams.
class Source {
  public:
    explicit Source(const Load& load) : load_(load), data_(256, 'x'), counts_(kStreams) {
        for (std::size_t i = 0; i < kStreams; ++i) names_.push_back("order-" + std::to_string(i));
        for (std::size_t i = 0; i < kStreams; ++i) tags_.push_back("order:" + std::to_string(i));
    }

    void fill(model::AppendRequest& request, const std::string& after) {
        request.events.resize(load_.events);
        request.checks.clear();
        for (model::NewEvent& event : request.events) {
            const std::size_t stream = next_++ % kStreams;
            event.stream = names_[stream];
            event.type = "order-placed";
            event.data = data_;
            event.tags.clear();
            event.tags.push_back(tags_[stream]);
            event.id = {};
            if (load_.condition == Condition::kClientIds) event.id = make_uuid_v4();
            if (load_.condition == Condition::kRevision) {
                request.checks.emplace_back(model::StreamCheck{names_[stream], expected(stream)});
            } else if (load_.condition == Condition::kQuery) {
                request.checks.emplace_back(
                    model::QueryCheck{{{{.types = {}, .tags = {tags_[stream]}}}}, after}
                );
            }
        }
    }

  private:
    model::ExpectedRevision expected(std::size_t stream) {
        const std::uint64_t count = counts_[stream]++;
        return count == 0 ? model::ExpectedRevision::no_stream()
                          : model::ExpectedRevision::exactly(Revision(count - 1));
    }

    const Load load_;
    const std::string data_;
    std::vector<std::string> names_;
    std::vector<std::string> tags_;
    std::vector<std::uint64_t> counts_;
    std::size_t next_ = 0;
};

/// Lets so many appends be under way, and keeps the last answer's token.
class Window {
  public:
    explicit Window(std::size_t size) : free_(size) {}

    std::string enter() {
        std::unique_lock lock(mutex_);
        left_.wait(lock, [this] { return free_ != 0; });
        --free_;
        return token_;
    }
    void leave(const Result<model::AppendResult>& result, const model::LogIdentity& identity) {
        const std::lock_guard lock(mutex_);
        ++free_;
        if (!result) {
            ++failed;
        } else {
            token_ = model::format_token(
                model::make_token(identity, result->last_position, result->chain_bits)
            );
        }
        left_.notify_one();
    }
    void wait_for_all(std::size_t size) {
        std::unique_lock lock(mutex_);
        left_.wait(lock, [&] { return free_ == size; });
    }

    std::size_t failed = 0;

  private:
    std::mutex mutex_;
    std::condition_variable left_;
    std::size_t free_;
    std::string token_;
};

void count(benchmark::State& state, std::size_t events, double cpu) {
    const auto total = static_cast<double>(state.iterations()) * static_cast<double>(events);
    state.counters["events"] = benchmark::Counter(total, benchmark::Counter::kIsRate);
    state.counters["cpu_us_per_event"] = cpu * 1e6 / total;
}

void submit(benchmark::State& state, Load load) {
    const Folder folder;
    index::IndexMemory memory;
    OpenReport report;
    OrdererOptions options;
    auto opened = open_local_orderer(
        log::disk_file_system(), folder.path(), options, memory, report
    );
    if (!opened) return state.SkipWithError(opened.error().to_string().c_str());
    commit::Orderer& orderer = **opened;
    const model::LogIdentity identity = orderer.log().identity();
    Source source(load);
    Window window(load.in_flight);
    model::AppendRequest request;
    const double cpu_before = cpu_seconds();
    for (auto _ : state) {
        const std::string after = window.enter();
        source.fill(request, after);
        orderer.submit(
            {.principal = "bench", .traceparent = {}, .tracestate = {}},
            request,
            [&](const Result<model::AppendResult>& result) { window.leave(result, identity); }
        );
    }
    window.wait_for_all(load.in_flight);
    count(state, load.events, cpu_seconds() - cpu_before);
    if (window.failed != 0) state.SkipWithError("appends were refused");
}

/// The ceiling: the log alone, everything prepared before, one sync for `events`.
void bare_log(benchmark::State& state, std::size_t events) {
    const Folder folder;
    log::RecoveryReport report;
    auto opened = log::SegmentLog::open(
        log::disk_file_system(), folder.path() + "/events", log::LogOptions{}, report
    );
    if (!opened) return state.SkipWithError(opened.error().to_string().c_str());
    log::SegmentLog& log = **opened;
    const Load load{.events = events};
    Source source(load);
    model::AppendRequest request;
    source.fill(request, "");
    const std::vector<Uuid> ids(events, make_uuid_v4());
    log::EncodedAppend encoded;
    log::AppendHeader header;
    header.principal = "bench";
    encoded.encode(header, request.events, ids);
    std::vector<log::Stamp> stamps(events);
    const double cpu_before = cpu_seconds();
    for (auto _ : state) {
        for (std::size_t i = 0; i < events; ++i) {
            stamps[i] = {log.last_position().plus(i + 1), Revision(i)};
        }
        bool is_ok = log.reserve(encoded.bytes(), events).has_value();
        log.add(encoded, stamps, TimeNs(1));
        is_ok = is_ok && log.write() && log.sync();
        if (!is_ok) return state.SkipWithError("the log failed");
    }
    count(state, events, cpu_seconds() - cpu_before);
}

/// Opening with an index that lacks everything: events a second, one thread.
void feed(benchmark::State& state) {
    constexpr std::size_t kEvents = 1'000'000;
    const Folder folder;
    index::IndexMemory memory;
    OpenReport report;
    const auto open = [&] {
        return open_local_orderer(
            log::disk_file_system(), folder.path(), OrdererOptions{}, memory, report
        );
    };
    {
        auto opened = open();
        if (!opened) return state.SkipWithError(opened.error().to_string().c_str());
        Source source({.events = 1'000});
        Window window(16);
        model::AppendRequest request;
        for (std::size_t i = 0; i < kEvents / 1'000; ++i) {
            window.enter();
            source.fill(request, "");
            (*opened)->submit({}, request, [&](const Result<model::AppendResult>& result) {
                window.leave(result, {});
            });
        }
        window.wait_for_all(16);
    }
    for (auto _ : state) {
        std::filesystem::remove_all(folder.path() + "/index");
        const auto opened = open();
        state.PauseTiming();
        if (!opened || report.index_fed_events != kEvents) state.SkipWithError("not fed");
        static_cast<void>((*opened)->close());
        state.ResumeTiming();
    }
    count(state, kEvents, 0);
}

#define ANNALS_SUBMIT(name, ...) \
    BENCHMARK_CAPTURE(submit, name, Load __VA_ARGS__)->UseRealTime()->MinTime(2)

BENCHMARK_CAPTURE(bare_log, 1_a_sync, 1)->UseRealTime()->MinTime(1);
BENCHMARK_CAPTURE(bare_log, 100_a_sync, 100)->UseRealTime()->MinTime(1);
BENCHMARK_CAPTURE(bare_log, 1000_a_sync, 1'000)->UseRealTime()->MinTime(1);
ANNALS_SUBMIT(single_1_in_flight, {.events = 1, .in_flight = 1});
ANNALS_SUBMIT(single_64_in_flight, {.events = 1, .in_flight = 64});
ANNALS_SUBMIT(
    single_64_revision, {.events = 1, .in_flight = 64, .condition = Condition::kRevision}
);
ANNALS_SUBMIT(single_64_query, {.events = 1, .in_flight = 64, .condition = Condition::kQuery});
ANNALS_SUBMIT(
    single_64_client_ids, {.events = 1, .in_flight = 64, .condition = Condition::kClientIds}
);
ANNALS_SUBMIT(batch_100_1_in_flight, {.events = 100, .in_flight = 1});
ANNALS_SUBMIT(batch_100_16_in_flight, {.events = 100, .in_flight = 16});
ANNALS_SUBMIT(
    batch_100_16_client_ids, {.events = 100, .in_flight = 16, .condition = Condition::kClientIds}
);
BENCHMARK(feed)->UseRealTime()->Unit(benchmark::kMillisecond)->Iterations(2);

}  // namespace
}  // namespace annals::order_local
