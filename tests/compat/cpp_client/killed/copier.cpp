// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A consumer to be killed, and what looks at what it left (killed_consumer_test.py):
//
//     copier SERVER append N    appends N numbered events to four streams, one after the other
//     copier SERVER copy        copies them with tracking, for ever; a line for each batch
//     copier SERVER check N     waits for N copies, then: each once, in the order of their streams

#include <chrono>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

#include "annals/annals.hpp"

namespace {

constexpr std::uint64_t kStreams = 4;
constexpr std::chrono::minutes kWaitMax{2};

void append(const annals::Client& client, std::uint64_t count) {
    for (std::uint64_t number = 0; number < count; ++number) {
        client.append(
            "order-" + std::to_string(number % kStreams),
            {{.type = "Numbered", .data = std::to_string(number)}}
        );
    }
}

void copy(const annals::Client& client) {
    annals::ConsumerOptions options;
    options.subscribe.batch_events_max = 7;
    annals::Consumer copier = client.consumer("copier", {.categories = {"order"}}, options);
    copier.run_batches([&](const annals::Batch& batch) {
        for (const annals::Event& event : batch.events) {
            try {
                client.append(
                    "copy-" + std::string(event.stream),
                    {{.type = std::string(event.type), .data = std::string(event.data)}},
                    {.tracking = event.tracking("copier")}
                );
            } catch (const annals::Failure& failure) {
                if (failure.code() != annals::ErrorCode::kAlreadyTracked) throw;
                std::cout << "tracked\n";
            }
        }
        std::cout << "copied " << batch.events.size() << std::endl;
    });
}

void check(const annals::Client& client, std::uint64_t count) {
    std::map<std::string, std::uint64_t, std::less<>> next;
    std::uint64_t copies = 0;
    std::stop_source late;
    std::jthread watchdog([&](const std::stop_token& done) {
        const auto end = std::chrono::steady_clock::now() + kWaitMax;
        while (!done.stop_requested() && std::chrono::steady_clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        late.request_stop();
    });
    annals::Subscription live = client.subscribe({.categories = {"copy"}});
    while (copies < count) {
        const auto batch = live.next(late.get_token());
        if (!batch) throw std::runtime_error(std::to_string(copies) + " copies in two minutes");
        for (const annals::Event& event : batch->events) {
            const auto found = next.find(event.stream);
            const std::uint64_t wanted = found != next.end() ? found->second
                                                             : static_cast<std::uint64_t>(
                                                                   event.stream.back() - '0'
                                                               );
            if (std::stoull(std::string(event.data)) != wanted) {
                throw std::runtime_error(
                    std::string(event.stream) + ": " + std::string(event.data) + ", want " +
                    std::to_string(wanted)
                );
            }
            next[std::string(event.stream)] = wanted + kStreams;
            ++copies;
        }
    }
    std::uint64_t all = 0;
    for ([[maybe_unused]] const annals::Event& event : client.read({.categories = {"copy"}})) ++all;
    if (all != count) throw std::runtime_error(std::to_string(all) + " copies in all");
}

}  // namespace

int main(int count, char** arguments) {
    try {
        const annals::Client client = annals::connect(arguments[1]);
        const std::string what = arguments[2];
        const std::uint64_t number = count > 3 ? std::stoull(arguments[3]) : 0;
        if (what == "append") append(client, number);
        if (what == "copy") copy(client);
        if (what == "check") check(client, number);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
