// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Callers that ask for much and read nothing: what the server holds for them is bounded, their
// time-out closes them, and others are answered meanwhile.
#include <chrono>
#include <cstddef>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/http_door/http_door.hpp"
#include "annals/http_door/testing/http_connection.hpp"
#include "annals/telemetry/metrics.hpp"

#include "direct_host.hpp"
#include "socket_frames.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
/// What was freed is kept for a while, to find who uses it; here it would hide what is held.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=8"; }
#endif
#endif

namespace annals::http_door {
namespace {

using testing::Connection;

constexpr int kReaders = 8;
/// More than the system's buffers of a connection take (some MiB).
constexpr int kEvents = 3'072;
constexpr int kEventsAtOnce = 64;
constexpr std::size_t kEventBytes = 16u << 10u;
/// Of an answer or a frame: it may take 4 s (transfer_time.hpp).
constexpr int kEventsInAnswer = 4;
/// What all readers ask for, and what may be held for them: the rest is fetched when it is read.
constexpr std::size_t kAskedKiB = kReaders * kEvents * (kEventBytes >> 10u);
constexpr std::size_t kHeldKiBMax = kAskedKiB / 2;

/// A line of /proc/self/status, in KiB.
std::size_t status_kib(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name + ":")) return std::stoul(line.substr(name.size() + 1));
    }
    ADD_FAILURE() << "the system does not tell " << name;
    return 0;
}

/// The most memory that this process has is counted from now on; what it has now.
std::size_t begin_peak_kib() {
    std::ofstream("/proc/self/clear_refs") << "5";
    return status_kib("VmRSS");
}

class SlowReaders : public ::testing::Test {
  protected:
    SlowReaders() {
        HttpHandlers handlers;
        handlers.readiness = [] { return Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return ""; };
        HttpDoorOptions options;
        options.metrics = &metrics_;
        options.write_timeout = std::chrono::milliseconds(200);
        door_ = std::move(HttpDoor::start(std::move(options), std::move(handlers)).value());
        door_->open_store(store_.store());
        Connection writer(door_->port());
        const std::string event = R"({"type":"t","data":")" + std::string(kEventBytes, 'a') + "\"}";
        std::string events = "[" + event;
        for (int i = 1; i < kEventsAtOnce; ++i) events += "," + event;
        events += "]";
        for (int i = 0; i < kEvents; i += kEventsAtOnce) {
            EXPECT_EQ(
                writer.ask("POST", "/v1/streams/a-1", events, "Content-Type: application/json\r\n")
                    .status(),
                201
            );
        }
    }

    [[nodiscard]] bool has_connections(std::size_t count) {
        return metrics_.expose().find("annals_http_connections " + std::to_string(count) + "\n") !=
               std::string::npos;
    }

    /// Each asks and reads nothing; until the server has given all of them up. A websocket is
    /// opened, then asked.
    void expect_bounded(
        const std::string& request, const std::string& asked = "", const std::string& goes_on = ""
    ) {
        while (!has_connections(0)) std::this_thread::yield();
        const std::size_t before = begin_peak_kib();
        std::vector<std::unique_ptr<Connection>> readers;
        for (int i = 0; i < kReaders; ++i) {
            readers.push_back(std::make_unique<Connection>(door_->port(), 4'096));
            readers.back()->send(request);
            if (asked.empty()) continue;
            ASSERT_EQ(readers.back()->receive(false).status(), 101);
            readers.back()->send(asked);
        }
        do {
            Connection other(door_->port());
            ASSERT_EQ(other.get("/v1/streams/a-1/info").status(), 200) << "others go on";
            for (const auto& reader : readers) {
                if (!goes_on.empty()) reader->send(goes_on);
            }
        } while (!has_connections(0));
        EXPECT_LT(status_kib("VmHWM"), before + kHeldKiBMax);
    }

    telemetry::Metrics metrics_;
    conformance::DirectHost store_;
    std::unique_ptr<HttpDoor> door_;
};

TEST_F(SlowReaders, OfLongAnswersAreClosed) {
    std::string requests;
    const std::string limit = std::to_string(kEventsInAnswer);
    for (int i = 0; i < kEvents; i += kEventsInAnswer) {
        requests += "GET /v1/streams/a-1?limit=" + limit + "&from=" + std::to_string(i) +
                    " HTTP/1.1\r\nHost: x\r\n\r\n";
    }
    expect_bounded(requests);
}

TEST_F(SlowReaders, OfFeedsAreClosed) {
    expect_bounded(
        "GET /v1/events?batch_events_max=" + std::to_string(kEventsInAnswer) +
        " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
    );
}

std::string subscribed() {
    return frame_of(
        0x1,
        R"({"op":"subscribe","id":"a","credit":100000,"stream":"a-1","batch_events_max":)" +
            std::to_string(kEventsInAnswer) + "}"
    );
}

TEST_F(SlowReaders, OfWebsocketsAreClosed) { expect_bounded(kOpening, subscribed()); }

/// Signs of life do not help who does not read.
TEST_F(SlowReaders, OfWebsocketsThatTalkAreClosedToo) {
    expect_bounded(kOpening, subscribed(), frame_of(0xA, "alive"));
}

}  // namespace
}  // namespace annals::http_door
