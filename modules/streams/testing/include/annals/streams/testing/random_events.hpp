// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "annals/model/query.hpp"
#include "annals/streams/testing/fake_orderer.hpp"

namespace annals::streams::testing {

/// Events and filters at random over few names, so that everything collides. Same seed, same
/// sequence.
class RandomEvents {
  public:
    explicit RandomEvents(std::uint64_t seed) : random_(seed) {}

    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
    [[nodiscard]] bool chance(std::uint64_t of) { return below(of) == 0; }

    [[nodiscard]] TestEvent event() {
        TestEvent event;
        event.stream = stream();
        event.type = type();
        for (std::uint64_t tag = 0; tag < 3; ++tag) {
            if (chance(3)) event.tags.push_back(tag_of(tag));
        }
        event.data.assign(below(60), 'd');
        return event;
    }
    [[nodiscard]] std::string stream() {
        static const std::vector<std::string> names = {"order", "cart", "order", "user"};
        const std::uint64_t kind = below(40);
        if (kind == 0) return "$system-" + std::to_string(below(2));
        if (kind == 1) return "plain";
        return names[kind % names.size()] + "-" + std::to_string(below(5));
    }
    [[nodiscard]] std::string type() { return "type" + std::to_string(below(4)); }
    [[nodiscard]] model::Filter filter() {
        model::Filter filter;
        if (chance(4)) filter.categories.emplace_back(chance(2) ? "order" : "cart");
        if (chance(6)) filter.categories.emplace_back("user");
        if (chance(4)) filter.types.push_back(type());
        if (chance(8)) filter.types.emplace_back("unknown");
        if (chance(5)) filter.stream_prefixes.emplace_back(chance(2) ? "order-1" : "c");
        if (chance(4)) filter.tags.push_back(tag_of(below(3)));
        if (chance(8)) filter.tags.push_back(tag_of(below(3)));
        filter.include_system = chance(3);
        return filter;
    }

  private:
    static std::string tag_of(std::uint64_t number) { return "tag:" + std::to_string(number); }

    std::mt19937_64 random_;
};

/// The reference: what matches, oldest first.
inline std::vector<TestEvent> select(
    const std::vector<TestEvent>& all, const std::string& stream, const model::Filter& filter
) {
    std::vector<TestEvent> selected;
    for (const TestEvent& event : all) {
        const bool is_in = stream.empty() ? model::matches(filter, event.view())
                                          : event.stream == stream;
        if (is_in) selected.push_back(event);
    }
    return selected;
}

}  // namespace annals::streams::testing
