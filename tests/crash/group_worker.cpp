// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The three sides of the crash test of consumer groups (group_rounds.py):
//
//     load  ADDRESS FROM COUNT KEYS               appends events, until all are acknowledged
//     work  ADDRESS GROUP NAME SEED MEMBERS LOG POISON_OF   so many members, until they are killed
//     check ADDRESS COUNT TOLD                    holds results against events
//
// A member writes each result and `tracking` in one append, so each event must have exactly one
// result, and those of a key must be in order. An event whose number leaves 7 when divided by
// POISON_OF is poison: it is parked whoever gets it, until other data are delivered in its place. A
// member lives on while the server is away, and joins the next one at the same address. TOLD says
// what somebody did about them: lines "skipped POSITION" and "mended POSITION". LOG gets a line for
// each settlement that was refused because its delivery was over.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
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

constexpr std::uint64_t kLoadedAtOnce = 50;

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
    for (std::uint64_t i = from; i < from + count; i += kLoadedAtOnce) {
        const std::uint64_t end = std::min(from + count, i + kLoadedAtOnce);
        std::vector<std::pair<std::string, std::string>> texts;  // stream, data
        for (std::uint64_t j = i; j < end; ++j) {
            texts.emplace_back("work-" + std::to_string(j % keys), std::to_string(j));
        }
        model::AppendRequest request;
        for (std::uint64_t j = i; j < end; ++j) {
            model::NewEvent& event = request.events.emplace_back();
            event.stream = texts[j - i].first;
            event.type = "asked";
            event.data = texts[j - i].second;
            event.id = id_of(j + 1);
        }
        const auto appended = (*store)->append_and_wait({}, request);
        if (!appended) return fail(appended.error().to_string());
    }
    return 0;
}

constexpr std::uint64_t kPoison = 7;
constexpr std::string_view kMended = "mended ";

bool is_poison(std::string_view data, std::uint64_t of) {
    return !data.starts_with(kMended) && number(std::string(data).c_str()) % of == kPoison;
}

/// Whether the event is handled now. The result says what was delivered.
bool handle(api::EventStore& store, const std::string& group, const model::RecordedEvent& event) {
    const std::string key(event.stream);
    const std::string stream = "result-" + key.substr(key.find('-') + 1);
    const std::string data = std::to_string(event.position.value) + " " + std::string(event.data);
    model::AppendRequest request;
    model::NewEvent& result = request.events.emplace_back();
    result.stream = stream;
    result.type = "done";
    result.data = data;
    request.tracking = model::Tracking{"events", group, key, event.position.value};
    const auto appended = store.append_and_wait({}, request);
    return appended || appended.error().code() == ErrorCode::kAlreadyTracked;
}

/// One member, until its process is killed.
class Worker {
  public:
    Worker(
        api::EventStore& store,
        api::ConsumerGroups& groups,
        std::string group,
        std::uint64_t seed,
        const char* log,
        std::uint64_t poison_of
    )
        : store_(store),
          groups_(groups),
          group_(std::move(group)),
          random_(seed),
          log_(log),
          poison_of_(poison_of) {}

    [[noreturn]] void work(const std::string& member) {
        constexpr auto kPause = std::chrono::milliseconds(20);
        while (true) {
            auto membership = groups_.join({}, {group_, member, 4, false});
            if (!membership) {
                // The server is away, or starting; the harness ends us if it stays so.
                std::this_thread::sleep_for(kPause);
                continue;
            }
            while (serve(**membership)) {
            }
        }
    }

  private:
    bool serve(api::GroupMembership& membership) {
        api::GroupDeliveries deliveries;
        const std::int64_t until = system_clock().monotonic_ns() + 1'000'000'000;
        if (!membership.next(deliveries, until)) return false;
        std::vector<api::Settlement> settled;
        std::size_t next = 0;
        const Status read = deliveries.events.for_each([&](const model::RecordedEvent& event) {
            api::Settlement& one = settled.emplace_back();
            one.delivery = deliveries.deliveries[next++];
            const std::uint64_t luck = random_() % 100;
            if (is_poison(event.data, poison_of_)) {
                one.what = api::Settling::kPark;
                one.reason = "poison";
            } else if (luck < 2) {
                one.what = api::Settling::kPark;
                one.reason = "a bad day";
            } else if (luck < 8 || !handle(store_, group_, event)) {
                one.what = api::Settling::kRetry;
                one.reason = "a bad moment";
            }
            // Some die, or are too late, between the result and its acknowledgement.
            return ok();
        });
        if (!read) return false;
        const auto refused = membership.settle(settled);
        if (!refused) return false;
        for (const api::RefusedSettlement& one : *refused) {
            std::ofstream(log_, std::ios::app) << one.error.info().name << "\n";
        }
        return true;
    }

    api::EventStore& store_;
    api::ConsumerGroups& groups_;
    const std::string group_;
    std::mt19937_64 random_;
    const char* const log_;
    const std::uint64_t poison_of_;
};

int work(
    const char* address,
    const std::string& group,
    const std::string& name,
    std::uint64_t seed,
    std::uint64_t members,
    const char* log,
    std::uint64_t poison_of
) {
    auto store = client::connect(at(address));
    if (!store) return fail(store.error().to_string());
    auto groups = client::connect_groups(at(address));
    if (!groups) return fail(groups.error().to_string());
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < members; ++i) {
        threads.emplace_back([&, i] {
            Worker worker(**store, **groups, group, seed + i, log, poison_of);
            worker.work(name + "." + std::to_string(i));
        });
    }
    threads.clear();
    return fail("they ended");
}

/// What an administrator did with parked events.
struct Told {
    std::set<std::uint64_t> skipped;
    std::set<std::uint64_t> mended;
};

bool read_told(const char* path, Told& told) {
    std::ifstream file(path);
    std::string what;
    std::uint64_t position = 0;
    while (file >> what >> position) {
        (what == "skipped" ? told.skipped : told.mended).insert(position);
    }
    return file.eof();
}

struct Seen {
    std::map<std::string, std::vector<std::string>> expected;  ///< results by key
    std::map<std::string, std::vector<std::string>> results;
    std::uint64_t count = 0;
};

int check(const char* address, std::uint64_t count, const char* path) {
    Told told;
    if (!read_told(path, told)) return fail(std::string(path) + " cannot be read");
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
            const std::uint64_t at = event.position.value;
            if (event.type == "asked") {
                ++seen.count;
                if (told.skipped.contains(at)) return ok();
                const std::string data = (told.mended.contains(at) ? std::string(kMended) : "") +
                                         std::string(event.data);
                seen.expected[key].push_back(std::to_string(at) + " " + data);
            } else {
                seen.results[key].emplace_back(event.data);
            }
            return ok();
        });
    });
    if (!scanned) return fail(scanned.error().to_string());
    if (seen.count != count) {
        return fail(std::to_string(seen.count) + " events are there, not " + std::to_string(count));
    }
    for (const auto& [key, expected] : seen.expected) {
        const auto& results = seen.results[key];
        if (results == expected) continue;
        std::size_t at = 0;
        while (at < results.size() && at < expected.size() && results[at] == expected[at]) ++at;
        return fail(
            "key " + key + ", result " + std::to_string(at) + ": \"" +
            (at < results.size() ? results[at] : "none") + "\" where \"" +
            (at < expected.size() ? expected[at] : "none") + "\" was to come"
        );
    }
    return 0;
}

}  // namespace
}  // namespace annals

int main(int argc, char** argv) {
    using annals::check;
    using annals::fail;
    using annals::load;
    using annals::number;
    using annals::work;
    const std::string what = argc > 1 ? argv[1] : "";
    if (what == "load" && argc == 6) {
        return load(argv[2], number(argv[3]), number(argv[4]), number(argv[5]));
    }
    if (what == "work" && argc == 9) {
        const std::uint64_t members = number(argv[6]);
        return work(argv[2], argv[3], argv[4], number(argv[5]), members, argv[7], number(argv[8]));
    }
    if (what == "check" && argc == 5) return check(argv[2], number(argv[3]), argv[4]);
    return fail("usage: load|work|check, see the source");
}
