// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/log/segment_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

namespace annals::log {
namespace {

/// 256 bytes of data an event, as in the figures.
constexpr std::size_t kDataBytes = 256;
constexpr std::size_t kEventsPerAppend = 100;

std::string folder() {
    const char* root = std::getenv("ANNALS_BENCH_DIR");  // NOLINT(concurrency-mt-unsafe)
    return std::string(root != nullptr ? root : "/tmp") + "/annals-log-bench";
}

class Source {
  public:
    explicit Source(std::size_t events) : data_(kDataBytes, 'd'), events_(events), ids_(events) {
        for (std::size_t i = 0; i < events; ++i) {
            events_[i].stream = "customer-4711";
            events_[i].type = "order-placed";
            events_[i].data = data_;
            ids_[i] = make_uuid_v7(system_clock());
        }
    }
    void encode(EncodedAppend& append) const {
        append.encode({.principal = "bench"}, events_, ids_);
    }
    [[nodiscard]] std::size_t size() const { return events_.size(); }

  private:
    std::string data_;
    std::vector<model::NewEvent> events_;
    std::vector<Uuid> ids_;
};

std::unique_ptr<SegmentLog> open_log(const LogOptions& options) {
    RecoveryReport report;
    auto log = SegmentLog::open(disk_file_system(), folder(), options, report);
    if (!log) std::abort();
    return std::move(*log);
}

void must(const Status& status) {
    if (!status) std::abort();
}

class Writer {
  public:
    explicit Writer(SegmentLog& log) : log_(log) {}
    void add(EncodedAppend& append) {
        stamps_.clear();
        std::uint64_t p = log_.last_position().value;
        for (std::size_t i = 0; i < append.event_count(); ++i)
            stamps_.push_back({Position(++p), Revision(p)});
        must(log_.reserve(append.bytes(), append.event_count()));
        log_.add(append, stamps_, TimeNs(static_cast<std::int64_t>(p)));
    }

  private:
    SegmentLog& log_;
    std::vector<Stamp> stamps_;
};

/// Appends encoded beforehand: what the single writer thread does.
void append_and_sync(benchmark::State& state) {
    const auto events = static_cast<std::size_t>(state.range(0));
    static_cast<void>(disk_file_system().remove_all(folder()));
    const auto log = open_log({});
    Writer writer(*log);
    const Source source(std::min(events, kEventsPerAppend));
    EncodedAppend append;
    source.encode(append);
    for (auto _ : state) {
        for (std::size_t done = 0; done < events; done += source.size()) writer.add(append);
        must(log->write());
        must(log->sync());
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events));
    state.SetBytesProcessed(
        state.iterations() *
        static_cast<std::int64_t>(append.bytes() * std::max<std::size_t>(1, events / source.size()))
    );
}
BENCHMARK(append_and_sync)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime()->MinTime(2);

/// The ceiling: the same bytes, pwrite and fdatasync into a file filled beforehand.
void bare_write_and_sync(benchmark::State& state) {
    const auto events = static_cast<std::size_t>(state.range(0));
    const Source source(std::min(events, kEventsPerAppend));
    EncodedAppend append;
    source.encode(append);
    const std::string bytes(
        append.bytes() * std::max<std::size_t>(1, events / source.size()) + 96, 'x'
    );
    constexpr std::size_t kFileBytes = 256u << 20u;
    const std::string path = folder() + ".bare";
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0640);
    const std::string zeros(1u << 20u, '\0');
    for (std::size_t at = 0; at < kFileBytes; at += zeros.size()) {
        if (::pwrite(file, zeros.data(), zeros.size(), static_cast<off_t>(at)) < 0) std::abort();
    }
    if (::fdatasync(file) != 0) std::abort();
    std::size_t at = 0;
    for (auto _ : state) {
        if (at + bytes.size() > kFileBytes) at = 0;
        if (::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at)) < 0) std::abort();
        if (::fdatasync(file) != 0) std::abort();
        at += bytes.size();
    }
    ::close(file);
    ::unlink(path.c_str());
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(events));
}
BENCHMARK(bare_write_and_sync)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime()->MinTime(2);

void stamp_and_copy(benchmark::State& state) {
    const auto files = make_memory_file_system();
    RecoveryReport report;
    const auto log = std::move(*SegmentLog::open(*files, "log", {}, report));
    Writer writer(*log);
    const Source source(kEventsPerAppend);
    EncodedAppend append;
    source.encode(append);
    for (auto _ : state) {
        for (int i = 0; i < 10; ++i) writer.add(append);
        state.PauseTiming();
        must(log->write());
        must(log->sync());
        state.ResumeTiming();
        if (log->last_position().value > 2'000'000) break;
    }
    state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(stamp_and_copy)->Iterations(1000);

void encode_append(benchmark::State& state) {
    const Source source(kEventsPerAppend);
    EncodedAppend append;
    for (auto _ : state) source.encode(append);
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEventsPerAppend));
}
BENCHMARK(encode_append);

constexpr std::uint64_t kReadEvents = 2'000'000;

const SegmentLog& filled_log(Compression compression) {
    static std::unique_ptr<FileSystem> files = make_memory_file_system();
    static std::unique_ptr<SegmentLog> logs[2];
    auto& log = logs[static_cast<std::size_t>(compression)];
    if (log != nullptr) return *log;
    LogOptions options;
    options.compression = compression;
    options.has_tree = false;
    RecoveryReport report;
    const std::string directory = compression == Compression::kNone ? "plain" : "packed";
    log = std::move(*SegmentLog::open(*files, directory, options, report));
    Writer writer(*log);
    const Source source(kEventsPerAppend);
    EncodedAppend append;
    source.encode(append);
    while (log->last_position().value < kReadEvents) {
        for (int i = 0; i < 10; ++i) writer.add(append);
        must(log->write());
        must(log->sync());
    }
    log->wait_for_background();
    return *log;
}

void read_in_order(benchmark::State& state) {
    const SegmentLog& log = filled_log(static_cast<Compression>(state.range(0)));
    LogReader reader = log.reader();
    std::uint64_t p = 0;
    for (auto _ : state) benchmark::DoNotOptimize(reader.at(Position(p++ % kReadEvents + 1)));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(read_in_order)->Arg(0)->Arg(1);

/// A reader made for a page of 20 events: hot ones, each somewhere else.
void read_20_scattered(benchmark::State& state) {
    const SegmentLog& log = filled_log(static_cast<Compression>(state.range(0)));
    for (auto _ : state) {
        LogReader reader = log.reader();
        for (std::uint64_t i = 0; i < 20; ++i) {
            benchmark::DoNotOptimize(reader.at(Position(i * 97'001 % kReadEvents + 1)));
        }
    }
    state.SetItemsProcessed(state.iterations() * 20);
}
BENCHMARK(read_20_scattered)->Arg(0)->Arg(1);

}  // namespace
}  // namespace annals::log
