// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "annals/api_wire/append_wire.hpp"
#include "annals/api_wire/group_wire.hpp"
#include "annals/codec/wire.hpp"
#include "annals/model/event_batch.hpp"

#include "bare_log.hpp"
#include "bench_run.hpp"
#include "catch_up.hpp"
#include "group_calls.hpp"
#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

constexpr const char* kCreate = "/annals.v1.ConsumerGroups/Create";
constexpr const char* kControl = "/annals.v1.ConsumerGroups/Control";
/// Enough for a second or so of delivering.
constexpr std::uint64_t kEventsMax = 300'000;

/// A group that is there while this is.
class BenchGroup {
  public:
    static Result<BenchGroup> create(
        BenchRun& run, const std::string& name, const api::GroupSettings& settings
    ) {
        std::string request;
        api_wire::encode_create_group_request(request, {}, {name, settings, "bench"});
        ANNALS_CHECK(run.server().call(kCreate, request));
        return BenchGroup(run, name);
    }
    BenchGroup(BenchGroup&& other) noexcept
        : run_(other.run_), name_(std::exchange(other.name_, {})) {}
    BenchGroup& operator=(BenchGroup&&) = delete;
    ~BenchGroup() {
        if (name_.empty()) return;
        std::string request;
        api_wire::encode_control_group_request(
            request, {}, {name_, api::GroupCommand::kDelete, {}, "measured", "bench"}
        );
        (void)run_.server().call(kControl, request);
    }

    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    BenchGroup(BenchRun& run, std::string name) : run_(run), name_(std::move(name)) {}

    BenchRun& run_;
    std::string name_;
};

struct Delivered {
    double events_per_second = 0;
    double events_per_message = 0;
};

/// What came until so many events were delivered.
class Deliveries {
  public:
    explicit Deliveries(std::uint64_t events_max) : events_max_(events_max) {}

    [[nodiscard]] GroupCalls::OnDeliveries counter() {
        return [this](std::uint64_t more) {
            events_ += more;
            messages_ += more > 0 ? 1 : 0;
            return events_ < events_max_;
        };
    }
    [[nodiscard]] Delivered result() const {
        const auto events = static_cast<double>(events_);
        const auto messages = static_cast<double>(std::max<std::uint64_t>(messages_, 1));
        return {events / watch_.seconds(), events / messages};
    }

  private:
    const std::uint64_t events_max_;
    std::uint64_t events_ = 0;
    std::uint64_t messages_ = 0;
    Stopwatch watch_;
};

/// What so many members got and acknowledged, all of them together.
Result<Delivered> deliver(BenchRun& run, std::size_t members, std::uint64_t events_max, int round) {
    api::GroupSettings settings;
    settings.member_in_flight_max = 1'024;
    const std::string name = "bench" + run.tag + "-" + std::to_string(members) + "-" +
                             std::to_string(round);
    ANNALS_TRY(const BenchGroup group, BenchGroup::create(run, name, settings));
    GroupCalls calls(run.server().address());
    Deliveries deliveries(events_max);
    ANNALS_CHECK(calls.work(group.name(), members, deliveries.counter()));
    return deliveries.result();
}

/// The first so many events of a message like those of the group, numbered as deliveries.
std::string work_like(std::string_view message_like, std::size_t events) {
    std::string message;
    api::GroupDeliveries numbers;
    std::uint64_t number = 1'000'000'000'000;
    while (numbers.deliveries.size() < events) {
        codec::FieldReader reader(message_like);
        while (reader.next() && numbers.deliveries.size() < events) {
            if (reader.field() != model::EventBatch::kEventsField) continue;
            codec::FieldWriter(message).bytes(model::EventBatch::kEventsField, reader.bytes());
            numbers.deliveries.push_back(++number);
        }
    }
    numbers.attempts.assign(events, 1);
    api_wire::encode_work_tail(message, numbers);
    return message;
}

/// What the streams alone cost: prepared messages, acknowledged, from a server that does nothing
/// else.
Result<Delivered> deliver_null(
    BenchRun& run, std::size_t members, std::uint64_t events_max, const std::string& message
) {
    GroupCalls calls(run.null().address());
    Deliveries deliveries(events_max);
    ANNALS_CHECK(calls.work_null(message, members, deliveries.counter()));
    return deliveries.result();
}

Status measure_delivery(BenchRun& run, std::size_t members) {
    const std::uint64_t events = std::min(run.options.events, kEventsMax);
    run.remark("delivery to " + std::to_string(members) + " members of a group");
    std::string message_like;
    std::vector<double> rates;
    std::vector<double> ceilings;
    std::vector<double> bare;
    ANNALS_CHECK(catch_up(run, events, message_like));
    if (message_like.empty()) {
        return Error(ErrorCode::kInternal, "no message of 100 events came: is the store empty?");
    }
    double message_events = 0;
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(const double ceiling, catch_up(run, events, message_like));
        ANNALS_TRY(const Delivered delivered, deliver(run, members, events, round));
        message_events = delivered.events_per_message;
        const std::string message = work_like(
            message_like, static_cast<std::size_t>(std::max(1.0, message_events))
        );
        ANNALS_TRY(const Delivered alone, deliver_null(run, members, events, message));
        rates.push_back(delivered.events_per_second);
        bare.push_back(alone.events_per_second);
        ceilings.push_back(ceiling);
    }
    run.remark(
        "the same streams, messages of " + number_text(message_events) +
        " events and acknowledgements without a group: " + number_text(median(bare)) +
        " events/s, " + number_text(median(bare) / median(ceilings)) + " of catch-up"
    );
    Figure figure;
    figure.name = "group_delivery_" + std::to_string(members);
    figure.value = median(rates);
    figure.unit = "events/s";
    figure.ceiling = median(ceilings);
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 0.3;
    figure.is_bounded = true;
    figure.ceiling_is = "catch-up of the same events";
    figure.what = "delivery by key to " + std::to_string(members) +
                  (members == 1 ? " member" : " members") + " of a group, each acknowledged";
    run.add(figure);
    return ok();
}

/// Appends one event after the other and notes how long each takes until the member has it.
class MemberWatch {
  public:
    MemberWatch(BenchRun& run, int turn)
        : run_(run),
          stream_(stream_name("grouped" + run.tag, static_cast<std::uint64_t>(turn))),
          group_("bench" + run.tag + "-live-" + std::to_string(turn)) {}

    Result<std::vector<double>> measure(std::size_t events) {
        api::GroupSettings settings;
        settings.stream = stream_;
        ANNALS_TRY(const BenchGroup group, BenchGroup::create(run_, group_, settings));
        Status read_status = ok();
        std::thread member([&] { read_status = work(events); });
        arrived_.wait(kNotJoined);
        const Status append_status = append(events);
        member.join();
        ANNALS_CHECK(append_status);
        ANNALS_CHECK(read_status);
        return std::move(latencies_us_);
    }

  private:
    static constexpr std::int64_t kNotJoined = -1;
    static constexpr std::int64_t kOver = INT64_MAX;

    Status work(std::size_t events) {
        GroupCalls calls(run_.server().address());
        std::int64_t count = 0;
        const Status status = calls.work(group_, 1, [&](std::uint64_t more) {
            if (more > 0) latencies_us_.push_back(watch_.micros());
            count += static_cast<std::int64_t>(more);
            tell(count);
            return latencies_us_.size() < events;
        });
        tell(kOver);
        return status;
    }
    void tell(std::int64_t arrived) {
        arrived_ = arrived;
        arrived_.notify_one();
    }

    Status append(std::size_t events) {
        for (std::int64_t count = 0; count < static_cast<std::int64_t>(events); ++count) {
            model::AppendRequest append;
            append.events.push_back(run_.events.make(stream_));
            std::string request;
            api_wire::encode_append_request(request, {}, append);
            if (arrived_ == kOver) return ok();
            watch_.restart();
            ANNALS_CHECK(run_.server().call(kAppend, request));
            // Asleep, as a caller would be.
            for (std::int64_t seen = arrived_; seen <= count; seen = arrived_) arrived_.wait(seen);
        }
        return ok();
    }

    BenchRun& run_;
    const std::string stream_;
    const std::string group_;
    Stopwatch watch_;  ///< restarted only while the member waits
    std::vector<double> latencies_us_;
    std::atomic<std::int64_t> arrived_ = kNotJoined;
};

Status measure_latency_of_groups(BenchRun& run) {
    run.remark("append to member of a group");
    constexpr int kTurns = 10;
    const std::size_t events = run.options.is_quick ? 100 : 400;
    ANNALS_TRY(const auto bare, BareLog::open(run.work_directory));
    std::vector<double> sync_us;
    std::vector<double> latencies_us;
    for (int turn = 0; turn < kTurns; ++turn) {
        ANNALS_CHECK(bare->measure(400, run.options.seconds / kTurns / 2, sync_us));
        MemberWatch watch(run, turn);
        ANNALS_TRY(const std::vector<double> measured, watch.measure(events));
        latencies_us.insert(latencies_us.end(), measured.begin(), measured.end());
    }
    run.remark("append to member      " + spread_text(latencies_us));
    run.remark("fdatasync             " + spread_text(sync_us));
    Figure figure;
    figure.name = "group_latency";
    figure.value = percentile(latencies_us, 0.5);
    figure.unit = "us";
    figure.ceiling = percentile(sync_us, 0.5);
    figure.is_bounded = true;
    figure.ratio = (figure.value - figure.ceiling) / 1'000;
    figure.goal = 0.5;
    figure.better = Better::kLower;
    figure.ceiling_is = "fdatasync; the ratio is the rest in ms";
    figure.what = "append to member of a group: p50";
    run.add(figure);
    return ok();
}

}  // namespace

Status measure_groups(BenchRun& run) {
    if (run.is_wanted("group_latency")) ANNALS_CHECK(measure_latency_of_groups(run));
    for (const std::size_t members : {1u, 8u}) {
        if (!run.is_wanted("group_delivery_" + std::to_string(members))) continue;
        ANNALS_CHECK(run.load(run.options.events));
        ANNALS_CHECK(measure_delivery(run, members));
    }
    return ok();
}

}  // namespace annals::bench_kit
