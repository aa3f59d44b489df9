// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "annals/api_wire/append_wire.hpp"
#include "annals/base/assert.hpp"
#include "annals/base/uuid.hpp"
#include "annals/codec/wire.hpp"

#include "bare_log.hpp"
#include "bench_run.hpp"
#include "null_service.hpp"
#include "single_appends.hpp"

namespace annals::bench_kit {
namespace {

constexpr std::uint64_t kBatchStreams = 10'000;
constexpr std::size_t kBatchEvents = 100;

/// Bytes of one event as it travels, about what a log must write for it.
std::size_t event_bytes(BenchRun& run) {
    model::AppendRequest append;
    const std::string name = stream_name("size", 0);
    append.events.push_back(run.events.make(name));
    std::string request;
    api_wire::encode_append_request(request, {}, append);
    return request.size();
}

/// Appends of 100 events, encoded before the clock runs; each use gives the events ids of their
/// own.
class BatchRequests {
  public:
    explicit BatchRequests(BenchRun& run) {
        Dice dice(7);
        const std::string category = "batch" + run.tag;
        model::AppendRequest append;
        for (std::string& batch : batches_) {
            for (std::size_t count = 0; count < kBatchEvents; ++count) {
                const std::string name = stream_name(category, dice.roll(kBatchStreams));
                append.events.assign(1, run.events.make(name));
                const std::size_t begin = batch.size();
                api_wire::encode_append_request(batch, {}, append);
                const std::size_t id = batch.find(append.events.front().id.view(), begin);
                ANNALS_ASSERT(id != std::string::npos, "an encoded event holds its id");
                ids_[static_cast<std::size_t>(&batch - batches_.data())].push_back(id);
            }
        }
    }

    void next(std::string& request) {
        const std::size_t batch = used_++ % kBatches;
        request = batches_[batch];
        for (const std::size_t id : ids_[batch]) {
            ++events_;
            // seven of the random bytes of version 7; the variant stays
            std::memcpy(request.data() + id + kRandomAt, &events_, sizeof(Uuid) - kRandomAt);
        }
    }

  private:
    static constexpr std::size_t kBatches = 256;
    static constexpr std::size_t kRandomAt = 9;  ///< in an id

    std::array<std::string, kBatches> batches_;
    std::array<std::vector<std::size_t>, kBatches> ids_;
    std::size_t used_ = 0;
    std::uint64_t events_ = 0;
};

Result<LoopResult> append_batches(
    BatchRequests& batches,
    RpcClient& client,
    const char* method,
    std::size_t in_flight,
    double seconds
) {
    return client.loop(
        method,
        in_flight,
        {.seconds = seconds},
        [&](std::size_t, std::string& request) { batches.next(request); },
        [](std::size_t, std::string_view) { return ok(); }
    );
}

Figure make_figure(
    const char* name, double value, const char* unit, double ceiling, double ratio, double goal
) {
    Figure figure;
    figure.name = name;
    figure.value = value;
    figure.unit = unit;
    figure.ceiling = ceiling;
    figure.ratio = ratio;
    figure.goal = goal;
    return figure;
}

}  // namespace

Status measure_single_appends(BenchRun& run) {
    const bool is_wanted = run.is_wanted("append_64") || run.is_wanted("append_expected_64") ||
                           run.is_wanted("append_query_64");
    if (!is_wanted) return ok();
    run.remark("single appends, 64 in flight");
    SingleAppends plain(run, Condition::kNone, kInFlight);
    SingleAppends expected(run, Condition::kExpected, kInFlight);
    SingleAppends query(run, Condition::kQuery, kInFlight);
    ANNALS_CHECK(plain.measure(run.options.seconds / 4));  // warm
    std::vector<double> null_rates;
    std::vector<double> plain_rates;
    std::vector<double> expected_shares;
    std::vector<double> query_shares;
    // In turns, so that what else the machine does meets all of them alike.
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(const LoopResult null_result, plain.measure_null(run.options.seconds));
        ANNALS_TRY(const LoopResult plain_result, plain.measure(run.options.seconds));
        ANNALS_TRY(const LoopResult expected_result, expected.measure(run.options.seconds));
        ANNALS_TRY(const LoopResult query_result, query.measure(run.options.seconds));
        ANNALS_TRY(const LoopResult again, plain.measure(run.options.seconds));
        const double plain_rate = (plain_result.rate() + again.rate()) / 2;
        null_rates.push_back(null_result.rate());
        plain_rates.push_back(plain_rate);
        expected_shares.push_back(expected_result.rate() / plain_rate);
        query_shares.push_back(query_result.rate() / plain_rate);
    }
    const double null_rate = median(null_rates);
    const double rate = median(plain_rates);
    Figure single = make_figure("append_64", rate, "appends/s", null_rate, rate / null_rate, 0.8);
    single.is_bounded = true;
    single.ceiling_is = "null unary RPC, 64 in flight";
    single.what = "single-event durable append, 64 in flight";
    run.add(single);
    const double expected_share = median(expected_shares);
    Figure with_expected = make_figure(
        "append_expected_64", rate * expected_share, "appends/s", rate, expected_share, 0.95
    );
    with_expected.ceiling_is = "the same without a condition";
    with_expected.what = "the same with an expected revision";
    run.add(with_expected);
    const double query_share = median(query_shares);
    Figure with_query = make_figure(
        "append_query_64", rate * query_share, "appends/s", rate, query_share, 0.95
    );
    with_query.ceiling_is = "the same without a condition";
    with_query.what = "the same with a query check";
    run.add(with_query);
    return ok();
}

Status measure_latency(BenchRun& run) {
    if (!run.is_wanted("append_1")) return ok();
    run.remark("single appends, 1 in flight");
    SingleAppends appends(run, Condition::kNone, 1);
    ANNALS_CHECK(appends.measure(run.options.seconds / 4));
    ANNALS_TRY(const auto bare, BareLog::open(run.work_directory));
    const std::size_t bytes = event_bytes(run);
    std::vector<double> append_us;
    std::vector<double> null_us;
    std::vector<double> sync_us;
    // In short turns, all of them pooled: what disturbs one disturbs the others.
    const double slice = run.options.seconds / kSlices;
    for (int turn = 0; turn < run.options.rounds * kSlices; ++turn) {
        ANNALS_CHECK(bare->measure(bytes, slice / 2, sync_us));
        ANNALS_TRY(const LoopResult null_result, appends.measure_null(slice / 2));
        ANNALS_TRY(const LoopResult result, appends.measure(slice));
        null_us.insert(
            null_us.end(), null_result.latencies_us.begin(), null_result.latencies_us.end()
        );
        append_us.insert(append_us.end(), result.latencies_us.begin(), result.latencies_us.end());
    }
    run.remark("append    " + spread_text(append_us));
    run.remark("fdatasync " + spread_text(sync_us));
    run.remark("null RPC  " + spread_text(null_us));
    const double value = percentile(append_us, 0.5);
    const double ceiling = percentile(sync_us, 0.5) + percentile(null_us, 0.5);
    Figure figure = make_figure("append_1", value, "us", ceiling, value / ceiling, 1.2);
    figure.better = Better::kLower;
    figure.is_bounded = true;
    figure.ceiling_is = "fdatasync into filled blocks + null RPC";
    figure.what = "single-event durable append, 1 in flight: latency p50";
    run.add(figure);
    return ok();
}

Status measure_batches(BenchRun& run) {
    struct Shape {
        const char* name;
        std::size_t in_flight;
        std::size_t events_per_sync;
        double goal;
        const char* what;
        const char* ceiling_is;
    };
    constexpr std::array<Shape, 2> kShapes{{
        {"append_batch_1",
         1,
         100,
         0.6,
         "appends of 100 x 256 B over 10,000 streams, 1 in flight",
         "bare log, 100 events a sync"},
        {"append_batch_16",
         16,
         1'000,
         0.5,
         "the same, 16 in flight",
         "bare log, 1,000 events a sync"},
    }};
    for (const Shape& shape : kShapes) {
        if (!run.is_wanted(shape.name)) continue;
        run.remark(shape.what);
        const auto batches = std::make_unique<BatchRequests>(run);
        const auto append = [&](double seconds) {
            return append_batches(*batches, run.server(), kAppend, shape.in_flight, seconds);
        };
        ANNALS_CHECK(append(run.options.seconds / 4));
        ANNALS_TRY(const auto bare, BareLog::open(run.work_directory));
        const std::size_t bytes = event_bytes(run) * shape.events_per_sync;
        const double slice = run.options.seconds / kSlices;
        std::vector<double> sync_us;
        LoopResult total;
        LoopResult null_total;
        for (int turn = 0; turn < run.options.rounds * kSlices; ++turn) {
            ANNALS_CHECK(bare->measure(bytes, slice / 2, sync_us));
            ANNALS_TRY(const LoopResult result, append(slice));
            ANNALS_TRY(
                const LoopResult null_result,
                append_batches(*batches, run.null(), kNullCall, shape.in_flight, slice / 2)
            );
            total.add(result);
            null_total.add(null_result);
        }
        const double rate = total.rate() * static_cast<double>(kBatchEvents);
        const double ceiling = static_cast<double>(shape.events_per_sync) * 1e6 / mean(sync_us);
        run.remark(
            "the same requests to a server that does nothing: " +
            number_text(null_total.rate() * static_cast<double>(kBatchEvents)) + " events/s"
        );
        Figure figure = make_figure(
            shape.name, rate, "events/s", ceiling, rate / ceiling, shape.goal
        );
        figure.is_bounded = true;
        figure.ceiling_is = shape.ceiling_is;
        figure.what = shape.what;
        run.add(figure);
    }
    return ok();
}

}  // namespace annals::bench_kit
