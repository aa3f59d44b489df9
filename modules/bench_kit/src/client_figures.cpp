// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The C++ client that users have (modules/sdk): over the server of the run, and over a folder in
// this process.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "annals/annals.hpp"

#include "bare_log.hpp"
#include "bench_run.hpp"
#include "catch_up.hpp"
#include "single_appends.hpp"
#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

constexpr std::uint32_t kMessageEvents = 100;
constexpr std::uint64_t kStreams = 1'000;
/// Reads a second of a 20-event stream that leave the client 3 us and some for each.
constexpr double kReadsGoal = 300'000;

/// The client's failures as errors of the run.
template <typename Measure>
Status measured(const Measure& measure) {
    try {
        return measure();
    } catch (const Failure& failure) {
        return Error(failure.code(), std::string(failure.message()));
    }
}

/// What a user appends: as much as the lean client's event.
std::vector<NewEvent> one_event(EventMaker& events, const std::string& stream) {
    const model::NewEvent made = events.make(stream);
    return {{.type = std::string(made.type), .data = std::string(made.data)}};
}

/// Appends one after the other for so long; adds the microseconds of each.
void append_singles(
    const Client& client,
    EventMaker& events,
    const std::string& stream,
    double seconds,
    std::vector<double>& latencies_us
) {
    const Stopwatch whole;
    while (whole.seconds() < seconds) {
        std::vector<NewEvent> event = one_event(events, stream);
        const Stopwatch watch;
        client.append(stream, std::move(event));
        latencies_us.push_back(watch.micros());
    }
}

/// Events a second of a new consumer from the start of the log, saving as it goes.
double consume(const Client& client, const std::string& name, std::uint64_t events_max) {
    ConsumerOptions options;
    options.subscribe.batch_events_max = kMessageEvents;
    Consumer consumer = client.consumer(name, {}, options);
    std::stop_source stop;
    std::uint64_t events = 0;
    double seconds = 0;
    const Stopwatch watch;
    consumer.run_batches(
        [&](const Batch& batch) {
            events += batch.events.size();
            if (events < events_max || stop.stop_requested()) return;
            seconds = watch.seconds();
            stop.request_stop();
        },
        stop.get_token()
    );
    return static_cast<double>(events) / seconds;
}

Status measure_consumer(BenchRun& run, const Client& client) {
    run.remark("catch-up of a consumer of the C++ client");
    const std::uint64_t events = run.options.events;
    ANNALS_CHECK(run.load(events));
    std::string message_like;
    std::vector<double> rates;
    std::vector<double> ceilings;
    ANNALS_CHECK(catch_up(run, events, message_like));
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(const double ceiling, catch_up(run, events, message_like));
        ceilings.push_back(ceiling);
        rates.push_back(consume(client, "bench" + run.tag + "-" + std::to_string(round), events));
    }
    Figure figure;
    figure.name = "client_catch_up";
    figure.value = median(rates);
    figure.unit = "events/s";
    figure.ceiling = median(ceilings);
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 0.8;
    figure.is_bounded = true;
    figure.ceiling_is = "the same stream, its events counted only";
    figure.what = "catch-up of a consumer of the C++ client";
    run.add(figure);
    return ok();
}

Status measure_remote_append(BenchRun& run, const Client& client) {
    run.remark("single appends of the C++ client, 1 in flight");
    const std::string stream = stream_name("client" + run.tag, 0);
    SingleAppends lean(run, Condition::kNone, 1);
    ANNALS_TRY(const auto bare, BareLog::open(run.work_directory));
    std::vector<double> append_us;
    std::vector<double> lean_us;
    std::vector<double> null_us;
    std::vector<double> sync_us;
    append_singles(client, run.events, stream, run.options.seconds / 4, append_us);
    append_us.clear();
    const double slice = run.options.seconds / kSlices;
    for (int turn = 0; turn < run.options.rounds * kSlices; ++turn) {
        ANNALS_CHECK(bare->measure(kEventDataBytes, slice / 2, sync_us));
        ANNALS_TRY(const LoopResult null_result, lean.measure_null(slice / 2));
        ANNALS_TRY(const LoopResult lean_result, lean.measure(slice / 2));
        append_singles(client, run.events, stream, slice, append_us);
        null_us.insert(
            null_us.end(), null_result.latencies_us.begin(), null_result.latencies_us.end()
        );
        lean_us.insert(
            lean_us.end(), lean_result.latencies_us.begin(), lean_result.latencies_us.end()
        );
    }
    run.remark("append of the client      " + spread_text(append_us));
    run.remark("append of the lean client " + spread_text(lean_us));
    run.remark("fdatasync                 " + spread_text(sync_us));
    run.remark("null RPC                  " + spread_text(null_us));
    Figure figure;
    figure.name = "client_append_1";
    figure.value = percentile(append_us, 0.5);
    figure.unit = "us";
    figure.ceiling = percentile(sync_us, 0.5) + percentile(null_us, 0.5);
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 1.43;  // the bound is 0.7 of it
    figure.better = Better::kLower;
    figure.is_bounded = true;
    figure.ceiling_is = "fdatasync into filled blocks + null RPC";
    figure.what = "single-event durable append of the C++ client: latency p50";
    run.add(figure);
    return ok();
}

Status measure_embedded_append(BenchRun& run, const Client& client) {
    run.remark("single appends in process");
    const std::string stream = stream_name("embedded", 0);
    ANNALS_TRY(const auto bare, BareLog::open(run.work_directory));
    std::vector<double> append_us;
    std::vector<double> sync_us;
    append_singles(client, run.events, stream, run.options.seconds / 4, append_us);
    append_us.clear();
    const double slice = run.options.seconds / kSlices;
    for (int turn = 0; turn < run.options.rounds * kSlices; ++turn) {
        ANNALS_CHECK(bare->measure(kEventDataBytes, slice / 2, sync_us));
        append_singles(client, run.events, stream, slice, append_us);
    }
    run.remark("append    " + spread_text(append_us));
    run.remark("fdatasync " + spread_text(sync_us));
    Figure figure;
    figure.name = "embedded_append_1";
    figure.value = 1e6 / percentile(append_us, 0.5);
    figure.unit = "appends/s";
    figure.ceiling = 1e6 / percentile(sync_us, 0.5);
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 0.9;
    figure.is_bounded = true;
    figure.ceiling_is = "bare log, one event a sync";
    figure.what = "single-event durable append in process, one after the other";
    run.add(figure);
    return ok();
}

/// Streams of 20 events each, spread over the log.
void fill_streams(const Client& client, EventMaker& events) {
    for (std::uint64_t round = 0; round < kEventsPerStream; ++round) {
        std::vector<NewEvent> batch;
        for (std::uint64_t number = 0; number < kStreams; ++number) {
            batch.push_back(std::move(one_event(events, "").front()));
            batch.back().stream = stream_name("read", number);
        }
        client.append("", std::move(batch));
    }
}

/// Of one thread.
Result<double> reads_per_second(const Client& client, double seconds, unsigned seed) {
    Dice dice(seed);
    std::uint64_t reads = 0;
    const Stopwatch watch;
    while (watch.seconds() < seconds) {
        for (int i = 0; i < 100; ++i, ++reads) {
            std::uint64_t seen = 0;
            std::uint64_t bytes = 0;
            for (const Event& event :
                 client.read_stream(stream_name("read", dice.roll(kStreams)))) {
                ++seen;
                bytes += event.data.size();
            }
            if (seen != kEventsPerStream || bytes < kEventsPerStream * kEventDataBytes / 2) {
                return Error(
                    ErrorCode::kInternal,
                    "a read gave " + std::to_string(seen) + " events of " + std::to_string(bytes) +
                        " bytes"
                );
            }
        }
    }
    return static_cast<double>(reads) / watch.seconds();
}

/// Of so many threads together.
Result<double> reads_per_second_of(const Client& client, double seconds, unsigned threads) {
    std::vector<Result<double>> rates(threads, 0.0);
    {
        std::vector<std::jthread> readers;
        readers.reserve(threads);
        for (unsigned i = 0; i < threads; ++i) {
            readers.emplace_back([&, i] { rates[i] = reads_per_second(client, seconds, 11 + i); });
        }
    }
    double sum = 0;
    for (const Result<double>& rate : rates) {
        if (!rate) return rate.error();
        sum += *rate;
    }
    return sum;
}

Status measure_embedded_reads(BenchRun& run, const Client& client) {
    run.remark("reads of 20-event streams in process");
    fill_streams(client, run.events);
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    ANNALS_CHECK(reads_per_second(client, run.options.seconds / 4, 11));
    std::vector<double> alone;
    std::vector<double> together;
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(const double one, reads_per_second(client, run.options.seconds, 11));
        ANNALS_TRY(const double all, reads_per_second_of(client, run.options.seconds, processors));
        alone.push_back(one);
        together.push_back(all);
    }
    run.remark("one thread alone " + std::to_string(std::llround(median(alone))) + " reads/s");
    Figure figure;
    figure.name = "embedded_read";
    figure.value = median(together);
    figure.unit = "reads/s";
    figure.ceiling = kReadsGoal;
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 1;
    figure.ceiling_is = "what is wanted of the machine";
    figure.what = "read of a 20-event stream in process, by a thread for each processor";
    run.add(figure);
    return ok();
}

}  // namespace

Status measure_client(BenchRun& run) {
    if (!run.is_wanted("client_catch_up") && !run.is_wanted("client_append_1")) return ok();
    return measured([&]() -> Status {
        const Client client = connect(run.server().address());
        if (run.is_wanted("client_append_1")) {
            ANNALS_CHECK(measure_remote_append(run, client));
        }
        if (run.is_wanted("client_catch_up")) {
            ANNALS_CHECK(measure_consumer(run, client));
        }
        return ok();
    });
}

Status measure_embedded(BenchRun& run) {
    if (!run.is_wanted("embedded_append_1") && !run.is_wanted("embedded_read")) return ok();
    return measured([&]() -> Status {
        const Client client = embedded::open(run.work_directory + "/embedded");
        if (run.is_wanted("embedded_append_1")) {
            ANNALS_CHECK(measure_embedded_append(run, client));
        }
        if (run.is_wanted("embedded_read")) {
            ANNALS_CHECK(measure_embedded_reads(run, client));
        }
        return ok();
    });
}

}  // namespace annals::bench_kit
