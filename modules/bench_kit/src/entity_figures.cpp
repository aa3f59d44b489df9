// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/v1/entity_store.pb.h"

#include "bench_run.hpp"
#include "null_service.hpp"
#include "single_appends.hpp"
#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

constexpr const char* kCreate = "/annals.v1.EntityStore/Create";
constexpr const char* kCreateMany = "/annals.v1.EntityStore/CreateMany";
constexpr const char* kPatch = "/annals.v1.EntityStore/Patch";
constexpr const char* kGet = "/annals.v1.EntityStore/Get";
constexpr const char* kList = "/annals.v1.EntityStore/List";
constexpr const char* kCount = "/annals.v1.EntityStore/Count";

constexpr std::uint64_t kEntitiesPerSlot = 100;
constexpr int kManyUpdates = 10'000;
constexpr std::uint32_t kListEntities = 100;
constexpr double kWriteGoal = 0.7;

std::string id_of(std::uint64_t number) { return stream_name("e", number); }

/// As much as an event of the other figures holds.
std::string document_of(std::uint64_t number) {
    std::string text = R"({"number":)" + std::to_string(number) + R"(,"filler":")";
    text.append(kEventDataBytes - text.size() - 2, 'x');
    return text + "\"}";
}

Status take_nothing(std::size_t, std::string_view) { return ok(); }

/// The same requests to a server, and to one that does nothing.
class Calls {
  public:
    Calls(BenchRun& run, const char* method, std::size_t in_flight, RpcClient::MakeRequest make)
        : run_(run), method_(method), in_flight_(in_flight), make_(std::move(make)) {}

    Result<LoopResult> measure(LoopEnd end) {
        return run_.server().loop(method_, in_flight_, end, make_, take_nothing);
    }
    Result<LoopResult> measure_null(LoopEnd end) {
        return run_.null().loop(kNullCall, in_flight_, end, make_, take_nothing);
    }

  private:
    BenchRun& run_;
    const char* method_;
    std::size_t in_flight_;
    RpcClient::MakeRequest make_;
};

/// Requests that create an entity each.
RpcClient::MakeRequest creations(const std::string& type) {
    return [type, number = std::uint64_t{0}](std::size_t, std::string& request) mutable {
        v1::CreateEntityRequest create;
        create.set_type(type);
        create.set_id(id_of(number));
        create.set_document(document_of(number));
        ++number;
        create.SerializeToString(&request);
    };
}

/// Requests that change one field of 256 bytes of text: each slot has entities of its own.
RpcClient::MakeRequest updates(const std::string& type) {
    return [type, number = std::uint64_t{0}](std::size_t slot, std::string& request) mutable {
        v1::PatchEntityRequest patch;
        patch.set_type(type);
        // Slots take turns, so that an entity is met again when all others were.
        const std::uint64_t turn = number++ / kInFlight % kEntitiesPerSlot;
        patch.set_id(id_of(slot * kEntitiesPerSlot + turn));
        patch.set_merge_patch(R"({"number":)" + std::to_string(number) + "}");
        patch.SerializeToString(&request);
    };
}

Status create_many(BenchRun& run, const std::string& type, std::uint64_t entities) {
    constexpr std::uint64_t kMany = 1'000;
    for (std::uint64_t first = 0; first < entities; first += kMany) {
        v1::CreateEntitiesRequest request;
        request.set_type(type);
        for (std::uint64_t number = first; number < first + kMany && number < entities; ++number) {
            v1::NewEntity* const entity = request.add_entities();
            entity->set_id(id_of(number));
            entity->set_document(document_of(number));
        }
        ANNALS_CHECK(run.server().call(kCreateMany, request.SerializeAsString()));
    }
    return ok();
}

struct Write {
    const char* figure;
    std::size_t in_flight;
    bool is_update;
    const char* what;
};

/// Beside plain appends of as many bytes with as many in flight, in turns.
Status measure_write(BenchRun& run, const Write& write) {
    run.remark(write.what);
    const std::string type = std::string(write.figure) + run.tag;
    if (write.is_update) {
        ANNALS_CHECK(create_many(run, type, kInFlight * kEntitiesPerSlot));
    }
    Calls calls(
        run,
        write.is_update ? kPatch : kCreate,
        write.in_flight,
        write.is_update ? updates(type) : creations(type)
    );
    SingleAppends appends(run, Condition::kNone, write.in_flight);
    const double seconds = run.options.seconds;
    ANNALS_CHECK(calls.measure({.seconds = seconds / 4}));
    ANNALS_CHECK(appends.measure(seconds / 4));
    // In short turns, all of them pooled: what disturbs one disturbs the other.
    LoopResult total;
    LoopResult ceiling;
    for (int turn = 0; turn < run.options.rounds * kSlices; ++turn) {
        ANNALS_TRY(const LoopResult plain, appends.measure(seconds / kSlices));
        ANNALS_TRY(const LoopResult result, calls.measure({.seconds = seconds / kSlices}));
        ceiling.add(plain);
        total.add(result);
    }
    Figure figure;
    figure.name = write.figure;
    figure.is_bounded = true;
    figure.what = write.what;
    if (write.in_flight == 1) {
        // One after the other the latency is what counts; the goal is 0.7 of the append's rate.
        run.remark("change " + spread_text(total.latencies_us));
        run.remark("append " + spread_text(ceiling.latencies_us));
        figure.value = percentile(total.latencies_us, 0.5);
        figure.ceiling = percentile(ceiling.latencies_us, 0.5);
        figure.unit = "us";
        figure.goal = 1 / kWriteGoal;
        figure.better = Better::kLower;
        figure.ceiling_is = "plain durable append, 1 in flight: p50";
    } else {
        figure.value = total.rate();
        figure.ceiling = ceiling.rate();
        figure.unit = "calls/s";
        figure.goal = kWriteGoal;
        figure.ceiling_is = "plain durable append, as many in flight";
    }
    figure.ratio = figure.value / figure.ceiling;
    run.add(figure);
    return ok();
}

struct Get {
    const char* figure;
    int updates;
    std::uint64_t entities;
    const char* what;
};

Status measure_get(BenchRun& run, const Get& get) {
    run.remark(get.what);
    const std::string type = std::string(get.figure) + run.tag;
    ANNALS_CHECK(create_many(run, type, get.entities));
    std::uint64_t next = 0;
    // One entity is changed by one call at a time: nobody loses a race.
    Calls changes(
        run,
        kPatch,
        static_cast<std::size_t>(std::min<std::uint64_t>(get.entities, kInFlight)),
        [&](std::size_t, std::string& request) {
            v1::PatchEntityRequest patch;
            patch.set_type(type);
            patch.set_id(id_of(next % get.entities));
            patch.set_merge_patch(R"({"number":)" + std::to_string(next++) + "}");
            patch.SerializeToString(&request);
        }
    );
    const auto count = static_cast<std::uint64_t>(get.updates) * get.entities;
    ANNALS_CHECK(changes.measure({.calls = count}));
    Dice dice(11);
    Calls calls(run, kGet, kInFlight, [&](std::size_t, std::string& request) {
        v1::GetEntityRequest wanted;
        wanted.set_type(type);
        wanted.set_id(id_of(dice.roll(get.entities)));
        wanted.SerializeToString(&request);
    });
    const LoopEnd end{.seconds = run.options.seconds / kSlices};
    ANNALS_CHECK(calls.measure({.seconds = run.options.seconds / 4}));
    LoopResult total;
    LoopResult ceiling;
    for (int turn = 0; turn < run.options.rounds * kSlices; ++turn) {
        ANNALS_TRY(const LoopResult null_result, calls.measure_null(end));
        ANNALS_TRY(const LoopResult result, calls.measure(end));
        ceiling.add(null_result);
        total.add(result);
    }
    Figure figure;
    figure.name = get.figure;
    figure.value = total.rate();
    figure.unit = "gets/s";
    figure.ceiling = ceiling.rate();
    figure.ratio = figure.value / figure.ceiling;
    figure.goal = 0.6;
    figure.is_bounded = true;
    figure.ceiling_is = "null unary RPC, 64 in flight";
    figure.what = get.what;
    run.add(figure);
    return ok();
}

/// Latencies of one call after the other, beside those of null calls.
Status measure_latency(
    BenchRun& run, const char* name, const std::string& what, Calls& calls, double seconds
) {
    std::vector<double> call_us;
    std::vector<double> null_us;
    for (int round = 0; round < run.options.rounds; ++round) {
        ANNALS_TRY(const LoopResult null_result, calls.measure_null({.seconds = seconds / 2}));
        ANNALS_TRY(const LoopResult result, calls.measure({.seconds = seconds}));
        call_us.insert(call_us.end(), result.latencies_us.begin(), result.latencies_us.end());
        null_us.insert(
            null_us.end(), null_result.latencies_us.begin(), null_result.latencies_us.end()
        );
    }
    Figure figure;
    figure.name = name;
    figure.value = percentile(call_us, 0.5);
    figure.unit = "us";
    figure.ceiling = percentile(null_us, 0.5);
    figure.ratio = figure.value / figure.ceiling;
    figure.better = Better::kLower;
    figure.is_bounded = true;
    figure.ceiling_is = "null unary RPC, 1 in flight";
    figure.what = what;
    run.add(figure);
    return ok();
}

Status measure_walks(BenchRun& run) {
    const std::uint64_t entities = run.options.is_quick ? 10'000 : 100'000;
    const std::string of = " of a type of " + number_text(static_cast<double>(entities));
    run.remark("lists and counts" + of);
    const std::string type = "crud_list" + run.tag;
    ANNALS_CHECK(create_many(run, type, entities));
    Dice dice(13);
    v1::ListEntitiesRequest all;
    all.set_type(type);
    Calls pages(run, kList, 1, [&](std::size_t, std::string& request) {
        v1::ListEntitiesRequest page = all;
        page.set_limit(kListEntities);
        page.set_after(id_of(dice.roll(entities - kListEntities)));
        page.SerializeToString(&request);
    });
    Calls counts(run, kCount, 1, [&](std::size_t, std::string& request) {
        all.SerializeToString(&request);
    });
    // The first ones bring the read model forward.
    const Stopwatch watch;
    ANNALS_CHECK(counts.measure({.seconds = run.options.seconds / 4}));
    while (true) {
        v1::EntityCount counted;
        ANNALS_TRY(const std::string answer, run.server().call(kCount, all.SerializeAsString()));
        if (!counted.ParseFromString(answer)) return Error(ErrorCode::kInternal, "no EntityCount");
        if (counted.entities() == entities && counted.next().empty()) break;
        if (watch.seconds() > 60) {
            return Error(ErrorCode::kInternal, "the read model does not get done");
        }
    }
    if (run.is_wanted("crud_list")) {
        const std::string what = "list of " + std::to_string(kListEntities) + " entities" + of;
        ANNALS_CHECK(measure_latency(run, "crud_list", what, pages, run.options.seconds));
    }
    if (run.is_wanted("crud_count")) {
        ANNALS_CHECK(measure_latency(run, "crud_count", "count" + of, counts, run.options.seconds));
    }
    return ok();
}

}  // namespace

Status measure_entities(BenchRun& run) {
    constexpr std::array<Write, 4> kWrites{{
        {"crud_create_1", 1, false, "an entity created, 1 in flight: latency p50"},
        {"crud_create_64", kInFlight, false, "entities created, 64 in flight"},
        {"crud_update_1", 1, true, "an entity changed, 1 in flight: latency p50"},
        {"crud_update_64", kInFlight, true, "entities changed, 64 in flight"},
    }};
    for (const Write& write : kWrites) {
        if (run.is_wanted(write.figure)) ANNALS_CHECK(measure_write(run, write));
    }
    constexpr std::array<Get, 3> kGets{{
        {"crud_get_1", 1, 1'000, "entities with 1 update read, 64 in flight"},
        {"crud_get_50", 50, 100, "entities with 50 updates read, 64 in flight"},
        {"crud_get_10000", kManyUpdates, 1, "an entity with 10,000 updates read, 64 in flight"},
    }};
    for (const Get& get : kGets) {
        if (run.is_wanted(get.figure)) ANNALS_CHECK(measure_get(run, get));
    }
    if (run.is_wanted("crud_list") || run.is_wanted("crud_count")) {
        ANNALS_CHECK(measure_walks(run));
    }
    return ok();
}

}  // namespace annals::bench_kit
