// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "annals/api_wire/append_wire.hpp"
#include "annals/api_wire/catalog_wire.hpp"
#include "annals/api_wire/life_wire.hpp"
#include "annals/api_wire/scavenge_wire.hpp"

#include "bare_log.hpp"
#include "bench_run.hpp"

namespace annals::bench_kit {
namespace {

constexpr const char* kSetMetadata = "/annals.v1.EventStore/SetStreamMetadata";
constexpr const char* kCreateNamespace = "/annals.v1.EventStore/CreateNamespace";
constexpr const char* kStart = "/annals.v1.EventStore/StartScavenge";
constexpr const char* kStatus = "/annals.v1.EventStore/GetScavenge";
constexpr const char* kControl = "/annals.v1.EventStore/ControlScavenge";

constexpr std::uint64_t kHiddenStreams = 10'000;
constexpr std::uint64_t kEventsPerSecond = 100'000;  ///< more than the throttle gets through
constexpr std::uint64_t kBatchEvents = 1'000;
constexpr std::uint64_t kThrottleBytes = 20'000'000;  ///< the default of scavenge.throttle_mb_s
constexpr std::size_t kCopyBytes = 8u << 20u;         ///< what a scavenge writes between two syncs

/// A namespace of its own in which each stream shows its last event alone.
class HiddenEvents {
  public:
    explicit HiddenEvents(BenchRun& run)
        : run_(run), name_space_("scavenge-" + run.tag), category_("hidden" + run.tag) {}

    Status create() {
        std::string request;
        api_wire::encode_namespace_request(request, name_space_);
        ANNALS_CHECK(run_.server().call(kCreateNamespace, request));
        api::SetMetadataRequest defaults;
        defaults.target.category = category_;
        defaults.metadata.max_count = 1;
        request.clear();
        api_wire::encode_set_metadata_request(request, name_space_, defaults);
        ANNALS_CHECK(run_.server().call(kSetMetadata, request));
        return ok();
    }
    Status load(std::uint64_t events) {
        ANNALS_CHECK(run_.server().loop(
            kAppend,
            16,
            {.calls = events / kBatchEvents + 1},
            [&](std::size_t, std::string& request) { make(request, kBatchEvents); },
            [](std::size_t, std::string_view) { return ok(); }
        ));
        return ok();
    }
    Result<LoopResult> append(double seconds) {
        return run_.server().loop(
            kAppend,
            kInFlight,
            {.seconds = seconds},
            [&](std::size_t, std::string& request) { make(request, 1); },
            [](std::size_t, std::string_view) { return ok(); }
        );
    }

    Status start(std::uint64_t throttle_bytes_per_s) {
        api::StartScavengeRequest start;
        start.name_space = name_space_;
        start.throttle_bytes_per_s = throttle_bytes_per_s;
        std::string request;
        api_wire::encode_start_scavenge_request(request, start);
        ANNALS_CHECK(run_.server().call(kStart, request));
        return ok();
    }
    Result<api::ScavengeStatus> status() {
        ANNALS_TRY(const std::string answer, run_.server().call(kStatus, ""));
        return api_wire::decode_scavenge_status(answer);
    }
    Status control(api::ScavengeCommand command) {
        std::string request;
        api_wire::encode_control_scavenge_request(request, command);
        ANNALS_CHECK(run_.server().call(kControl, request));
        return ok();
    }
    /// Until it has ended by itself; an error when it failed.
    Result<api::ScavengeStatus> wait() {
        while (true) {
            ANNALS_TRY(api::ScavengeStatus now, status());
            if (now.state == api::ScavengeState::kDone) return now;
            if (now.state != api::ScavengeState::kRunning) {
                return Error(ErrorCode::kInternal, "the scavenge ended otherwise: " + now.error);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

  private:
    void make(std::string& request, std::uint64_t events) {
        model::AppendRequest one;
        for (std::uint64_t i = 0; i < events; ++i) {
            const std::string name = stream_name(category_, dice_.roll(kHiddenStreams));
            one.events.assign(1, run_.events.make(name));
            api_wire::encode_append_request(request, name_space_, one);
        }
    }

    BenchRun& run_;
    const std::string name_space_;
    const std::string category_;
    Dice dice_{11};
};

std::uint64_t events_for(const BenchRun& run) {
    const double seconds = run.options.seconds * run.options.rounds;
    return static_cast<std::uint64_t>(seconds * kEventsPerSecond);
}

Status measure_rate(BenchRun& run, HiddenEvents& hidden) {
    ANNALS_TRY(const auto bare, BareLog::open(run.work_directory));
    std::vector<double> copies_us;
    std::vector<double> rates;
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_CHECK(hidden.load(events_for(run)));
        ANNALS_TRY(const api::ScavengeStatus before, hidden.status());
        ANNALS_CHECK(hidden.start(0));
        ANNALS_TRY(const api::ScavengeStatus done, hidden.wait());
        const double seconds = static_cast<double>(
                                   done.ended_time.value - done.started_time.value
                               ) /
                               1e9;
        rates.push_back(static_cast<double>(done.bytes_done) / 1e6 / seconds);
        if (round == 0) {
            run.remark(
                "removed " + number_text(static_cast<double>(done.removed_events)) + " events of " +
                number_text(static_cast<double>(done.bytes) / 1e6) + " MB, freed " +
                number_text(static_cast<double>(done.freed_bytes) / 1e6) + " MB"
            );
        }
        ANNALS_CHECK(bare->measure(kCopyBytes, run.options.seconds / 4, copies_us));
    }
    Figure figure;
    figure.name = "scavenge_rate";
    figure.value = median(rates);
    figure.unit = "MB/s";
    figure.ceiling = static_cast<double>(kCopyBytes) / percentile(copies_us, 0.5);
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 0.1;
    figure.ceiling_is = "bare writes of 8 MiB with a sync each";
    figure.what = "scavenge without a throttle: segments looked at, most of their events removed";
    run.add(figure);
    return ok();
}

Status measure_cost(BenchRun& run, HiddenEvents& hidden) {
    ANNALS_CHECK(hidden.load(events_for(run)));
    ANNALS_CHECK(hidden.append(run.options.seconds / 4));  // warm
    ANNALS_CHECK(hidden.start(kThrottleBytes));
    std::vector<double> shares;
    std::vector<double> alone_rates;
    const double slice = run.options.seconds / kSlices;
    for (int turn = 0; turn < run.options.rounds * kSlices; ++turn) {
        ANNALS_CHECK(hidden.control(api::ScavengeCommand::kPause));
        ANNALS_TRY(const LoopResult alone, hidden.append(slice));
        ANNALS_CHECK(hidden.control(api::ScavengeCommand::kResume));
        ANNALS_TRY(const LoopResult beside, hidden.append(slice));
        alone_rates.push_back(alone.rate());
        shares.push_back(beside.rate() / alone.rate());
    }
    // Refused when the scavenge has ended before: then the last turns were beside nothing.
    ANNALS_CHECK(hidden.control(api::ScavengeCommand::kStop));
    Figure figure;
    figure.name = "append_beside_scavenge";
    figure.ratio = median(shares);
    figure.ceiling = median(alone_rates);
    figure.value = figure.ceiling * figure.ratio;
    figure.unit = "appends/s";
    figure.goal = 0.9;
    figure.ceiling_is = "the same while the scavenge is paused";
    figure.what = "single appends, 64 in flight, beside a scavenge at 20 MB/s";
    run.add(figure);
    return ok();
}

}  // namespace

Status measure_scavenge(BenchRun& run) {
    const bool is_rate_wanted = run.is_wanted("scavenge_rate");
    const bool is_cost_wanted = run.is_wanted("append_beside_scavenge");
    if (!is_rate_wanted && !is_cost_wanted) return ok();
    if (!run.has_own_server()) {
        run.remark("scavenging is measured of an own server only: leave out --server");
        return ok();
    }
    run.remark("scavenging");
    HiddenEvents hidden(run);
    ANNALS_CHECK(hidden.create());
    if (is_rate_wanted) ANNALS_CHECK(measure_rate(run, hidden));
    if (is_cost_wanted) ANNALS_CHECK(measure_cost(run, hidden));
    return ok();
}

}  // namespace annals::bench_kit
