// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "annals/api_wire/append_wire.hpp"
#include "annals/api_wire/read_wire.hpp"
#include "annals/api_wire/subscribe_wire.hpp"
#include "annals/codec/wire.hpp"

#include "bare_log.hpp"
#include "bench_run.hpp"
#include "catch_up.hpp"
#include "null_service.hpp"
#include "read_streams.hpp"
#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

constexpr std::uint32_t kMessageEvents = 100;

Result<double> null_rate(BenchRun& run) {
    Dice dice(3);
    const std::uint64_t streams = run.streams_per_block();
    ANNALS_TRY(
        const LoopResult result,
        run.null().loop(
            kNullCall,
            kInFlight,
            {.seconds = run.options.seconds},
            [&](std::size_t, std::string& request) {
                api::ReadRequest read;
                read.stream = stream_name(run.load_category(), dice.roll(streams));
                api_wire::encode_read_request(request, {}, read);
            },
            [](std::size_t, std::string_view) { return ok(); }
        )
    );
    return result.rate();
}

Status measure_stream_reads(BenchRun& run) {
    run.remark("reads of 20-event streams, 64 in flight");
    std::vector<double> rates;
    std::vector<double> ceilings;
    // Warm: each stream about three times, as a store that has run for a while.
    const double pass_seconds = static_cast<double>(run.loaded_events) / 50'000;
    ANNALS_CHECK(read_streams(run, std::max(run.options.seconds / 4, pass_seconds / 2)));
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(const double ceiling, null_rate(run));
        ANNALS_TRY(const double rate, read_streams(run, run.options.seconds));
        rates.push_back(rate);
        ceilings.push_back(ceiling);
    }
    const std::uint64_t streams = run.loaded_events / kEventsPerStream;
    Figure figure;
    figure.name = "read_stream_64";
    figure.value = median(rates);
    figure.unit = "reads/s";
    figure.ceiling = median(ceilings);
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 0.75;
    figure.is_bounded = true;
    figure.ceiling_is = "null unary RPC, 64 in flight";
    figure.what = "read of a 20-event stream out of " + number_text(static_cast<double>(streams)) +
                  " streams, 64 in flight";
    run.add(figure);
    return ok();
}

Result<double> null_stream(BenchRun& run, std::uint64_t events, const std::string& message_like) {
    std::string message;
    codec::FieldWriter(message).fixed64(kCountField, events / kMessageEvents);
    message += message_like;
    std::uint64_t got = 0;
    const Stopwatch watch;
    ANNALS_CHECK(run.null()
                     .stream(kNullStream, message, [&](std::string_view answer) -> Result<bool> {
                         got += count_message(answer).events;
                         return true;
                     }));
    return static_cast<double>(got) / watch.seconds();
}

Status measure_catch_up(BenchRun& run) {
    run.remark("catch-up");
    std::string message_like;
    std::vector<double> rates;
    std::vector<double> ceilings;
    const std::uint64_t events = run.options.events;
    ANNALS_CHECK(catch_up(run, events, message_like));
    if (message_like.empty()) {
        return Error(ErrorCode::kInternal, "no message of 100 events came: is the store empty?");
    }
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(const double ceiling, null_stream(run, events, message_like));
        ANNALS_TRY(const double rate, catch_up(run, events, message_like));
        rates.push_back(rate);
        ceilings.push_back(ceiling);
    }
    Figure figure;
    figure.name = "catch_up";
    figure.value = median(rates);
    figure.unit = "events/s";
    figure.ceiling = median(ceilings);
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 0.6;
    figure.is_bounded = true;
    figure.ceiling_is = "null stream, the same messages of 100 events";
    figure.what = "catch-up over gRPC";
    run.add(figure);
    return ok();
}

/// Appends one event after the other and notes how long each takes until the subscriber has it.
class LiveWatch {
  public:
    LiveWatch(BenchRun& run, std::uint64_t turn)
        : run_(run), stream_(stream_name("live" + run.tag, turn)) {}

    Result<std::vector<double>> measure(std::size_t events) {
        Status read_status = ok();
        std::thread reader([&] { read_status = read(events); });
        while (!is_live_ && !is_over_) std::this_thread::yield();
        const Status append_status = append(events);
        reader.join();
        ANNALS_CHECK(append_status);
        ANNALS_CHECK(read_status);
        return std::move(latencies_us_);
    }

  private:
    /// On a channel of its own: another process would not share one either.
    Status read(std::size_t events) {
        api::SubscribeRequest subscribe;
        subscribe.stream = stream_;
        std::string request;
        api_wire::encode_subscribe_request(request, {}, subscribe);
        const Status status = run_.server().stream(
            kSubscribe,
            request,
            [&](std::string_view message) -> Result<bool> {
                const MessageCount count = count_message(message);
                if (count.is_caught_up) is_live_ = true;
                if (count.events > 0) {
                    latencies_us_.push_back(watch_.micros());
                    arrived_ += count.events;
                    arrived_.notify_one();
                }
                return latencies_us_.size() < events;
            }
        );
        is_over_ = true;
        ++arrived_;  // nobody waits any longer
        arrived_.notify_one();
        return status;
    }

    /// Asleep, as a caller would be: a loop that looks again and again takes the processor from
    /// those that bring the event.
    void wait_for_more_than(std::uint64_t count) {
        for (std::uint64_t seen = arrived_; seen <= count && !is_over_; seen = arrived_)
            arrived_.wait(seen);
    }

    Status append(std::size_t events) {
        for (std::size_t count = 0; count < events && !is_over_; ++count) {
            model::AppendRequest append;
            append.events.push_back(run_.events.make(stream_));
            std::string request;
            api_wire::encode_append_request(request, {}, append);
            watch_.restart();
            ANNALS_CHECK(run_.server().call(kAppend, request));
            wait_for_more_than(count);
        }
        return ok();
    }

    BenchRun& run_;
    std::string stream_;
    Stopwatch watch_;  ///< restarted only while the reader waits
    std::vector<double> latencies_us_;
    std::atomic<std::uint64_t> arrived_ = 0;
    std::atomic<bool> is_live_ = false;
    std::atomic<bool> is_over_ = false;
};

Status measure_live(BenchRun& run) {
    run.remark("append to live subscriber");
    constexpr int kTurns = 10;
    const std::size_t events = run.options.is_quick ? 100 : 400;
    ANNALS_TRY(const auto bare, BareLog::open(run.work_directory));
    std::vector<double> sync_us;
    std::vector<double> latencies_us;
    for (int turn = 0; turn < kTurns; ++turn) {
        ANNALS_CHECK(bare->measure(400, run.options.seconds / kTurns / 2, sync_us));
        LiveWatch watch(run, static_cast<std::uint64_t>(turn));
        ANNALS_TRY(const std::vector<double> measured, watch.measure(events));
        latencies_us.insert(latencies_us.end(), measured.begin(), measured.end());
    }
    run.remark("append to subscriber " + spread_text(latencies_us));
    run.remark("fdatasync            " + spread_text(sync_us));
    Figure figure;
    figure.name = "append_to_subscriber";
    figure.value = percentile(latencies_us, 0.5);
    figure.unit = "us";
    figure.ceiling = percentile(sync_us, 0.5);
    figure.is_bounded = true;
    figure.ratio = (figure.value - figure.ceiling) / 1'000;
    figure.goal = 0.2;
    figure.better = Better::kLower;
    figure.ceiling_is = "fdatasync; the ratio is the rest in ms";
    figure.what = "append to live subscriber: p50";
    run.add(figure);
    return ok();
}

}  // namespace

Result<double> catch_up(BenchRun& run, std::uint64_t events_max, std::string& message_like) {
    api::SubscribeRequest subscribe;
    subscribe.batch_events_max = kMessageEvents;
    std::string request;
    api_wire::encode_subscribe_request(request, {}, subscribe);
    std::uint64_t events = 0;
    const Stopwatch watch;
    ANNALS_CHECK(run.server()
                     .stream(kSubscribe, request, [&](std::string_view message) -> Result<bool> {
                         const MessageCount count = count_message(message);
                         if (message_like.empty() && count.events == kMessageEvents)
                             message_like = message;
                         events += count.events;
                         return !count.is_caught_up && events < events_max;
                     }));
    return static_cast<double>(events) / watch.seconds();
}

Status measure_reads(BenchRun& run) {
    if (run.is_wanted("append_to_subscriber")) {
        ANNALS_CHECK(measure_live(run));
    }
    if (run.is_wanted("read_stream_64") || run.is_wanted("catch_up")) {
        ANNALS_CHECK(run.load(run.options.events));
    }
    if (run.is_wanted("read_stream_64")) {
        ANNALS_CHECK(measure_stream_reads(run));
    }
    if (run.is_wanted("catch_up")) {
        ANNALS_CHECK(measure_catch_up(run));
    }
    return ok();
}

}  // namespace annals::bench_kit
