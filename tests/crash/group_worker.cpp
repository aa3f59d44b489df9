// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The three sides of the crash test of consumer groups (group_rounds.py):
//
//     annals_group_worker load  ADDRESS FROM COUNT KEYS    appends events, until all are
//     acknowledged annals_group_worker work  ADDRESS GROUP MEMBER SEED  a member, until it is
//     killed annals_group_worker check ADDRESS COUNT              holds results against events
//
// A member writes each result and `tracking` in one append, so each event must have exactly one
// result, and those of a key must be in order.
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/client/client.hpp"
#include "annals/client/group_client.hpp"

namespace annals {
namespace {

constexpr int kFailed = 1;

int fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    return kFailed;
}

std::uint64_t number(const char* text) { return std::strtoull(text, nullptr, 10); }

client::ClientOptions at(const char* address) {
    client::ClientOptions options;
    options.address = address;
    return options;
}

/// The same id for the same event, so that loading again is a replay.
Uuid id_of(std::uint64_t index) {
    char text[37];
    std::snprintf(
        text, sizeof text, "00000000-0000-4000-8000-%012llx", static_cast<unsigned long long>(index)
    );
    return *Uuid::parse(text);
}

int load(const char* address, std::uint64_t from, std::uint64_t count, std::uint64_t keys) {
    auto store = client::connect(at(address));
    if (!store) return fail(store.error().to_string());
    for (std::uint64_t i = from; i < from + count; ++i) {
        const std::string stream = "work-" + std::to_string(i % keys);
        const std::string data = std::to_string(i);
        model::AppendRequest request;
        model::NewEvent& event = request.events.emplace_back();
        event.stream = stream;
        event.type = "asked";
        event.data = data;
        event.id = id_of(i + 1);
        const auto appended = (*store)->append_and_wait({}, request);
        if (!appended) return fail(appended.error().to_string());
    }
    return 0;
}

/// Whether the event is handled now.
bool handle(api::EventStore& store, const std::string& group, const model::RecordedEvent& event) {
    const std::string key(event.stream);
    const std::string stream = "result-" + key.substr(key.find('-') + 1);
    const std::string data = std::to_string(event.position.value);
    model::AppendRequest request;
    model::NewEvent& result = request.events.emplace_back();
    result.stream = stream;
    result.type = "done";
    result.data = data;
    request.tracking = model::Tracking{"events", group, key, event.position.value};
    const auto appended = store.append_and_wait({}, request);
    return appended || appended.error().code() == ErrorCode::kAlreadyTracked;
}

int work(const char* address, const std::string& group, const char* member, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    auto store = client::connect(at(address));
    if (!store) return fail(store.error().to_string());
    auto groups = client::connect_groups(at(address));
    if (!groups) return fail(groups.error().to_string());
    while (true) {
        auto membership = (*groups)->join({}, {group, member, 32, false});
        if (!membership) return fail(membership.error().to_string());
        while (true) {
            api::GroupDeliveries deliveries;
            const auto has_some =
                (*membership)->next(deliveries, system_clock().monotonic_ns() + 1'000'000'000);
            if (!has_some) break;
            std::vector<api::Settlement> settled;
            std::size_t next = 0;
            const Status read = deliveries.events.for_each([&](const model::RecordedEvent& event) {
                api::Settlement one{deliveries.deliveries[next++]};
                const bool is_bad_day = random() % 20 == 0;
                if (is_bad_day || !handle(**store, group, event)) one.what = api::Settling::kRetry;
                // Some die, or are too late, between the result and its acknowledgement.
                settled.push_back(one);
                return ok();
            });
            if (!read || !(*membership)->settle(settled)) break;
        }
    }
}

struct Seen {
    std::map<std::string, std::vector<std::uint64_t>> events;  ///< positions by key
    std::map<std::string, std::vector<std::uint64_t>> results;
    std::uint64_t count = 0;
};

int check(const char* address, std::uint64_t count) {
    auto store = client::connect(at(address));
    if (!store) return fail(store.error().to_string());
    Seen seen;
    api::ReadRequest request;
    request.limit = 0;
    request.filter.categories = {"work", "result"};
    const Status scanned = (*store)->scan({}, request, [&](const api::ReadPage& page) {
        return page.events.for_each([&](const model::RecordedEvent& event) {
            const std::string stream(event.stream);
            const std::string key = stream.substr(stream.find('-') + 1);
            if (event.type == "asked") {
                seen.events[key].push_back(event.position.value);
                ++seen.count;
            } else {
                seen.results[key].push_back(number(std::string(event.data).c_str()));
            }
            return ok();
        });
    });
    if (!scanned) return fail(scanned.error().to_string());
    if (seen.count != count) {
        return fail(std::to_string(seen.count) + " events are there, not " + std::to_string(count));
    }
    for (const auto& [key, positions] : seen.events) {
        if (seen.results[key] == positions) continue;
        return fail(
            "key " + key + ": " + std::to_string(positions.size()) + " events, " +
            std::to_string(seen.results[key].size()) +
            " results, or they are not the same in the same order"
        );
    }
    return 0;
}

}  // namespace
}  // namespace annals

int main(int argc, char** argv) {
    using namespace annals;
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "load" && argc == 6) {
        return load(argv[2], number(argv[3]), number(argv[4]), number(argv[5]));
    }
    if (what == "work" && argc == 6) return work(argv[2], argv[3], argv[4], number(argv[5]));
    if (what == "check" && argc == 4) return check(argv[2], number(argv[3]));
    return fail("usage: load|work|check, see the source");
}
