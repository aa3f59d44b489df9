// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Whole connections: bytes, parser, table of routes, handlers, over a store in memory. Whatever is
// said, what comes back is HTTP, and the door goes on with others.
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "annals/api/testing/fake_event_store.hpp"
#include "annals/base/assert.hpp"
#include "annals/base/uuid.hpp"
#include "annals/http_door/http_door.hpp"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// A door that loses its patience quickly.
class Served {
  public:
    Served() {
        annals::http_door::HttpHandlers handlers;
        handlers.readiness = [] { return annals::http_door::Readiness{true, "serving", ""}; };
        handlers.metrics_text = [] { return std::string(); };
        annals::http_door::HttpDoorOptions options;
        options.request_timeout = options.idle_timeout = options.write_timeout =
            std::chrono::milliseconds(100);
        door_ = std::move(
            annals::http_door::HttpDoor::start(std::move(options), std::move(handlers)).value()
        );
        door_->open_store(store_);
    }

    /// Says it, says no more, and hears what comes until the door closes or pauses (what waits for
    /// events on purpose).
    [[nodiscard]] std::string hear(std::string_view said) const {
        asio::io_context io;
        tcp::socket socket(io);
        socket.connect(
            {asio::ip::address_v4::loopback(), static_cast<unsigned short>(door_->port())}
        );
        boost::system::error_code ignored;
        asio::write(socket, asio::buffer(said), ignored);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
        const timeval pause{0, 20'000};
        ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof pause);
        std::string heard;
        std::array<char, 16'384> piece{};
        while (true) {
            const auto bytes = ::recv(socket.native_handle(), piece.data(), piece.size(), 0);
            if (bytes <= 0) return heard;
            heard.append(piece.data(), static_cast<std::size_t>(bytes));
        }
    }

  private:
    annals::api::testing::FakeEventStore store_;
    std::unique_ptr<annals::http_door::HttpDoor> door_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // What was appended stays: a fresh store now and then.
    constexpr int kInputsMax = 4'096;
    constexpr int kInputsBetweenLooks = 32;
    // What OpenSSL keeps for a thread is freed with the thread, unless OpenSSL ends before it: its
    // end is the last thing to happen when it was used before there was a server.
    static const annals::Uuid first = annals::make_uuid_v5(annals::Uuid(), "first");
    static std::unique_ptr<Served> served;
    static int inputs = 0;
    if (inputs++ % kInputsMax == 0) {
        served = nullptr;
        served = std::make_unique<Served>();
    }
    const std::string heard = served->hear({reinterpret_cast<const char*>(data), size});
    ANNALS_ASSERT(first != annals::Uuid(), "a name has an id");
    ANNALS_ASSERT(heard.empty() || heard.starts_with("HTTP/1."), "an answer, or nothing");
    if (inputs % kInputsBetweenLooks == 0) {
        const std::string live = served->hear("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
        ANNALS_ASSERT(live.empty() || live.starts_with("HTTP/1.1 200"), "others are answered");
    }
    return 0;
}
