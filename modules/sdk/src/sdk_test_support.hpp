// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "annals/annals.hpp"

namespace annals::testing {

/// The failure that a call throws; kInternal where it throws none, which no test wants.
inline Failure failure_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const Failure& failure) {
        return failure;
    }
    return Failure(Error(ErrorCode::kInternal, "nothing was thrown"));
}

inline Client memory_store(ClientOptions options = {}) {
    return embedded::open("", {.is_memory = true, .client = std::move(options)});
}

inline std::vector<std::string> types_of(const Client& client, const std::string& stream) {
    std::vector<std::string> types;
    for (const Event& event : client.read_stream(stream)) types.emplace_back(event.type);
    return types;
}

/// The only event of a stream.
inline Event event_of(const Client& client, const std::string& stream) {
    Event found;
    for (const Event& event : client.read_stream(stream)) found = event;
    return found;
}

template <typename T>
std::vector<T> all_of(const Sequence<T>& sequence) {
    std::vector<T> all;
    for (const T& one : sequence) all.push_back(one);
    return all;
}

/// A decider that adds up.
struct Counted {
    int amount;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Counted, amount)

struct Counter {
    using State = int;
    using Command = int;
    using Event = std::variant<Counted>;
    static constexpr std::array kNames = {"counted"};
    static std::vector<Event> decide(int amount, int) { return {Counted{amount}}; }
    static int evolve(int sum, const Event& event) { return sum + std::get<0>(event).amount; }
};

}  // namespace annals::testing
