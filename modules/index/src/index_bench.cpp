// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/index/index.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>
#include <rocksdb/table_properties.h>

#include "annals/codec/checksum.hpp"

#include "store.hpp"

// What the index costs: for the writer, for the background, for readers. Large logs with
// ANNALS_INDEX_BENCH_EVENTS=20000000 and --benchmark_filter=Large.
namespace annals::index {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Name {
    std::string text;
    std::uint64_t hash = 0;
    [[nodiscard]] Term term() const { return {text, hash}; }
};

std::vector<Name> names(const std::string& prefix, std::size_t count) {
    std::vector<Name> made;
    for (std::size_t i = 0; i < count; ++i) {
        std::string text = prefix + std::to_string(i);
        const std::uint64_t hash = codec::hash64(text);
        made.push_back({std::move(text), hash});
    }
    return made;
}

/// Events of a shop: streams in a random order, a category, 20 types, a customer and a product
/// each.
class Shop {
  public:
    explicit Shop(std::size_t streams)
        : streams_(names("order-", streams)),
          types_(names("order-event-", 20)),
          customers_(names("customer:", 100'000)),
          products_(names("product:", 1000)),
          revisions_(streams, 0) {
        category_ = names("order", 1).front();
        category_.text = "order";
        category_.hash = codec::hash64(category_.text);
    }

    /// The next events; views last until the next call.
    const std::vector<IndexedEvent>& next(std::size_t count) {
        batch_.clear();
        tags_.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t stream = random_() % streams_.size();
            tags_[i] = {
                customers_[random_() % customers_.size()].term(),
                products_[random_() % products_.size()].term()
            };
            IndexedEvent event;
            event.position = Position(++position_);
            event.revision = Revision(revisions_[stream]++);
            event.recorded_time = TimeNs(static_cast<std::int64_t>(position_ * 1000));
            const std::array<std::uint64_t, 2> id{position_, random_()};
            std::memcpy(event.id.bytes.data(), id.data(), 16);
            event.stream = streams_[stream].term();
            event.category = category_.term();
            event.type = types_[random_() % types_.size()].term();
            event.tags = tags_[i];
            batch_.push_back(event);
        }
        return batch_;
    }
    [[nodiscard]] const std::string& stream(std::size_t i) const { return streams_[i].text; }
    [[nodiscard]] std::size_t stream_count() const { return streams_.size(); }
    [[nodiscard]] const std::string& customer(std::size_t i) const { return customers_[i].text; }
    [[nodiscard]] std::uint64_t position() const { return position_; }

  private:
    std::mt19937_64 random_{1};
    std::vector<Name> streams_;
    std::vector<Name> types_;
    std::vector<Name> customers_;
    std::vector<Name> products_;
    Name category_;
    std::vector<std::uint64_t> revisions_;
    std::uint64_t position_ = 0;
    std::vector<IndexedEvent> batch_;
    std::vector<std::array<Term, 2>> tags_;
};

/// An index in a folder of its own.
class Place {
  public:
    explicit Place(const IndexOptions& options)
        : path_((std::filesystem::temp_directory_path() /
                 ("annals-index-bench-" + std::to_string(getpid())))
                    .string()),
          options_(options) {
        std::filesystem::remove_all(path_);
        open();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        index_.reset();
        std::filesystem::remove_all(path_);
    }

    void open() {
        index_.reset();
        std::string discarded;
        const auto valid = [](const IndexMark&) { return true; };
        auto index = Index::open(path_, options_, memory_, valid, discarded);
        if (!index || !discarded.empty()) std::abort();
        index_ = std::move(*index);
    }
    struct Tables {
        double filter_bytes = 0;
        double index_bytes = 0;
    };
    /// What the files have for finding things: wanted in the cache, whatever is read.
    Tables tables() {
        index_.reset();
        auto store = Store::open(path_, options_, rocksdb::NewLRUCache(1u << 20u));
        rocksdb::TablePropertiesCollection files;
        if (!store || !(*store)->db().GetPropertiesOfAllTables(&files).ok()) std::abort();
        Tables sum;
        for (const auto& [path, file] : files) {
            sum.filter_bytes += static_cast<double>(file->filter_size);
            sum.index_bytes += static_cast<double>(file->index_size);
        }
        return sum;
    }
    /// The shape of RocksDB, for tuning.
    void print_levels() {
        index_.reset();
        auto store = Store::open(path_, options_, rocksdb::NewLRUCache(1u << 20u));
        std::string text;
        if (store && (*store)->db().GetProperty("rocksdb.levelstats", &text))
            std::fputs(text.c_str(), stderr);
    }
    [[nodiscard]] Index& index() { return *index_; }
    [[nodiscard]] const IndexMemory& memory() const { return memory_; }

  private:
    std::string path_;
    IndexOptions options_;
    IndexMemory memory_;
    std::unique_ptr<Index> index_;
};

// ---- the writer and the background ----

void add(benchmark::State& state) {
    const auto batch = static_cast<std::size_t>(state.range(0));
    Shop shop(10'000);
    Place place{IndexOptions{}};
    double background = 0;
    const double before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) -
                          cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    for (auto _ : state) {
        const auto& events = shop.next(batch);
        const double start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        place.index().add(events, 0);
        state.SetIterationTime(cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - start);
    }
    if (!place.index().flush()) std::abort();
    background = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_seconds(CLOCK_THREAD_CPUTIME_ID) -
                 before;
    const auto events = static_cast<double>(shop.position());
    state.counters["per_event"] = benchmark::Counter(
        events, benchmark::Counter::kIsRate | benchmark::Counter::kInvert
    );
    state.counters["background_us_per_event"] = background / events * 1e6;
}
BENCHMARK(add)->Arg(1)->Iterations(1'000'000)->UseManualTime();
BENCHMARK(add)->Arg(100)->Iterations(20'000)->UseManualTime();

// ---- readers ----

/// Streams of about 20 events: 50,000 in RocksDB, or 15,000 in one window.
struct Shelf {
    explicit Shelf(bool is_ingested)
        : shop(is_ingested ? 50'000 : 15'000), place(options(is_ingested)) {
        for (int i = 0; i < (is_ingested ? 10'000 : 3'000); ++i)
            place.index().add(shop.next(100), 0);
        if (!is_ingested && place.index().ingested().position.value > 0) std::abort();
        if (is_ingested && !place.index().flush()) std::abort();
    }
    static IndexOptions options(bool is_ingested) {
        IndexOptions options;
        if (!is_ingested)
            options.window_events_max = options.window_bytes_max = std::size_t{1} << 40u;
        return options;
    }
    Shop shop;
    Place place;
};

std::unique_ptr<Shelf>& shelf() {
    static std::unique_ptr<Shelf> one;
    return one;
}

Shelf& shelf_of(const benchmark::State& state) {
    static std::int64_t kind = -1;
    if (!shelf() || kind != state.range(0)) {
        shelf().reset();
        kind = state.range(0);
        shelf() = std::make_unique<Shelf>(kind == 1);
        // Before RocksDB's own statics go.
        static const int at_exit = std::atexit([] { shelf().reset(); });
        if (at_exit != 0) std::abort();
    }
    return *shelf();
}

void stream_of_twenty(benchmark::State& state) {
    Shelf& where = shelf_of(state);
    std::vector<Position> found;
    std::mt19937_64 random(2);
    const auto once = [&] {
        found.clear();
        const std::string& name = where.shop.stream(random() % where.shop.stream_count());
        if (!where.place.index().stream_positions(
                name, Revision(0), Direction::kForwards, 100, found
            ))
            std::abort();
        benchmark::DoNotOptimize(found.data());
    };
    for (int i = 0; i < 200'000; ++i) once();
    for (auto _ : state) once();
    state.SetLabel(state.range(0) == 1 ? "RocksDB" : "window");
}
BENCHMARK(stream_of_twenty)->Arg(0)->Arg(1);

void head_of_stream(benchmark::State& state) {
    Shelf& where = shelf_of(state);
    std::mt19937_64 random(2);
    const auto once = [&] {
        auto head = where.place.index().head_without_disk(
            where.shop.stream(random() % where.shop.stream_count())
        );
        benchmark::DoNotOptimize(head);
    };
    for (int i = 0; i < 200'000; ++i)
        (void)where.place.index().head(
            where.shop.stream(static_cast<std::size_t>(i) % where.shop.stream_count())
        );
    for (auto _ : state) once();
    state.SetLabel(state.range(0) == 1 ? "RocksDB" : "window");
}
BENCHMARK(head_of_stream)->Arg(0)->Arg(1);

void head_of_absent_stream(benchmark::State& state) {
    Shelf& where = shelf_of(state);
    std::uint64_t n = 0;
    for (auto _ : state) {
        auto head = where.place.index().head("order-absent-" + std::to_string(++n));
        benchmark::DoNotOptimize(head);
    }
    state.SetLabel(state.range(0) == 1 ? "RocksDB" : "window");
}
BENCHMARK(head_of_absent_stream)->Arg(0)->Arg(1);

void query_of_absent_tag(benchmark::State& state) {
    Shelf& where = shelf_of(state);
    std::vector<Position> found;
    model::Query query{{{{"order-event-1"}, {"customer:absent"}}}};
    std::uint64_t n = 0;
    for (auto _ : state) {
        query.items[0].tags[0] = "customer:absent" + std::to_string(++n);
        if (!where.place.index().query_positions(
                query, Position(1), Position(1u << 30u), Direction::kForwards, 1, found
            )) {
            std::abort();
        }
    }
    state.SetLabel(state.range(0) == 1 ? "RocksDB" : "window");
}
BENCHMARK(query_of_absent_tag)->Arg(0)->Arg(1);

void query_of_tag_and_type(benchmark::State& state) {
    Shelf& where = shelf_of(state);
    std::vector<Position> found;
    model::Query query{{{{"order-event-1"}, {"customer:"}}}};
    std::mt19937_64 random(3);
    for (auto _ : state) {
        found.clear();
        query.items[0].tags[0] = where.shop.customer(random() % 100'000);
        if (!where.place.index().query_positions(
                query, Position(1), Position(1u << 30u), Direction::kForwards, 100, found
            )) {
            std::abort();
        }
    }
    state.SetLabel(state.range(0) == 1 ? "RocksDB" : "window");
}
BENCHMARK(query_of_tag_and_type)->Arg(0)->Arg(1);

void event_by_id(benchmark::State& state) {
    Shelf& where = shelf_of(state);
    std::vector<Position> found;
    for (auto _ : state) {
        found.clear();
        if (!where.place.index().find_id(make_uuid_v4(), found)) std::abort();
    }
    state.SetLabel(state.range(0) == 1 ? "RocksDB" : "window");
}
BENCHMARK(event_by_id)->Arg(0)->Arg(1);

// ---- a large log ----

void large(benchmark::State& state) {
    // NOLINTBEGIN(concurrency-mt-unsafe): nothing sets them
    const char* wish = std::getenv("ANNALS_INDEX_BENCH_EVENTS");
    const char* streams = std::getenv("ANNALS_INDEX_BENCH_STREAMS");
    // NOLINTEND(concurrency-mt-unsafe)
    const std::size_t count = wish == nullptr ? 2'000'000 : std::strtoull(wish, nullptr, 10);
    Shop shop(streams == nullptr ? 50'000 : std::strtoull(streams, nullptr, 10));
    shelf().reset();
    Place place{IndexOptions{}};
    for (auto _ : state) {
        const double before = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) -
                              cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
        double adding = 0;
        double longest = 0;
        const auto start = Clock::now();
        for (std::size_t done = 0; done < count; done += 100) {
            const auto& events = shop.next(100);
            const auto add_start = Clock::now();
            const double cpu_start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
            place.index().add(events, 0);
            adding += cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - cpu_start;
            const double took = seconds_since(add_start);
            longest = std::max(longest, took);
        }
        if (!place.index().flush()) std::abort();
        const double background = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) -
                                  cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - before;
        const auto events = static_cast<double>(count);
        state.counters["add_us_per_event"] = adding / events * 1e6;
        state.counters["longest_add_ms"] = longest * 1e3;
        state.counters["background_us_per_event"] = background / events * 1e6;
        state.counters["events_per_s"] = events / seconds_since(start);
        const IndexStats stats = place.index().stats();
        state.counters["disk_bytes_per_event"] = static_cast<double>(stats.disk_bytes) / events;
        state.counters["files"] = static_cast<double>(stats.files);
        state.counters["memory_mib"] = static_cast<double>(place.memory().used_bytes()) /
                                       (1u << 20u);
        // NOLINTNEXTLINE(concurrency-mt-unsafe)
        if (std::getenv("ANNALS_INDEX_BENCH_LEVELS") != nullptr) place.print_levels();
        const Place::Tables tables = place.tables();
        state.counters["filter_bytes_per_event"] = tables.filter_bytes / events;
        state.counters["table_index_bytes_per_event"] = tables.index_bytes / events;
        state.counters["filter_and_index_mib"] = (tables.filter_bytes + tables.index_bytes) /
                                                 (1u << 20u);
        const auto open_start = Clock::now();
        place.open();
        state.counters["open_ms"] = seconds_since(open_start) * 1e3;

        std::vector<Position> found;
        std::mt19937_64 random(2);
        for (int round = 0; round < 2; ++round) {
            const double read_start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
            constexpr int kReads = 200'000;
            for (int i = 0; i < kReads; ++i) {
                found.clear();
                const std::string& name = shop.stream(random() % shop.stream_count());
                if (!place.index().stream_positions(
                        name, Revision(0), Direction::kForwards, 20, found
                    ))
                    std::abort();
            }
            const double took = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - read_start;
            state.counters[round == 0 ? "stream_us_cold" : "stream_us_warm"] = took / kReads * 1e6;
        }
        state.counters["memory_warm_mib"] = static_cast<double>(place.memory().used_bytes()) /
                                            (1u << 20u);
    }
}
BENCHMARK(large)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace annals::index
