// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "annals/client/stores.hpp"

#include "client_impl.hpp"

namespace annals {
namespace {

/// A server, over one connection.
class RemoteBackend final : public sdk::Backend {
  public:
    explicit RemoteBackend(client::Stores stores) : stores_(std::move(stores)) {}

    api::EventStore& events() override { return *stores_.events; }
    api::ConsumerStore& consumers() override { return *stores_.consumers; }
    api::ConsumerGroups& groups() override { return *stores_.groups; }
    api::EntityStore& entities() override { return *stores_.entities; }

  private:
    const client::Stores stores_;
};

std::string address_or_default(std::string address) {
    if (!address.empty()) return address;
    const char* const told = std::getenv("ANNALS_SERVER");  // NOLINT(concurrency-mt-unsafe)
    return told != nullptr && *told != '\0' ? told : "127.0.0.1:7400";
}

[[noreturn]] void refuse(const char* field, std::string message) {
    sdk::fail(Error(ErrorCode::kInvalidArgument, std::move(message)).with("field", field));
}

/// A certificate without its key ends the process within gRPC.
void check_tls(const Tls& tls) {
    if (!tls.certificate.empty() && tls.private_key.empty()) {
        refuse("tls.private_key", "tls.private_key is missing: tls.certificate needs its key");
    }
    if (tls.certificate.empty() && !tls.private_key.empty()) {
        refuse("tls.certificate", "tls.certificate is missing: give the one that the key is of");
    }
}

/// gRPC takes a port over 65535 as what is left of it in 16 bits: another one.
void check_port(const std::string& address) {
    const std::string port = address.substr(address.rfind(':') + 1);
    if (port.empty() || port.find_first_not_of("0123456789") != std::string::npos) return;
    constexpr std::size_t kDigitsMax = 5;
    if (port.size() > kDigitsMax || std::stoul(port) == 0 || std::stoul(port) > 65'535) {
        refuse(
            "address", "\"" + address + "\": its port is " + port + ", give one from 1 to 65535"
        );
    }
}

}  // namespace

namespace sdk {

void check_time(const char* field, std::chrono::milliseconds time) {
    // more would not fit beside the clock, in nanoseconds
    constexpr std::chrono::milliseconds kMost = std::chrono::hours(24 * 365);
    if (time.count() > 0 && time <= kMost) return;
    refuse(
        field,
        std::string(field) + " is " + std::to_string(time.count()) +
            " ms: give more than 0 and at most a year, " + std::to_string(kMost.count()) + " ms"
    );
}

void check_options(const ClientOptions& options) {
    if (options.backoff.first.count() <= 0 || options.backoff.max < options.backoff.first) {
        fail(Error(
                 ErrorCode::kInvalidArgument,
                 "a backoff from " + std::to_string(options.backoff.first.count()) + " ms to " +
                     std::to_string(options.backoff.max.count()) +
                     " ms cannot be: give a positive first and a max that is not below it"
        )
                 .with("field", "backoff"));
    }
    check_time("timeout", options.timeout);
    check_time("keep_alive_interval", options.keep_alive_interval);
    check_time("keep_alive_timeout", options.keep_alive_timeout);
    if (options.token && !options.tls) {
        fail(Error(ErrorCode::kInvalidArgument, "a token would travel in plain text: set tls, too")
                 .with("field", "token"));
    }
    if (options.tls) check_tls(*options.tls);
}

}  // namespace sdk

Client connect(std::string address, ClientOptions options) {
    sdk::check_options(options);
    client::ClientOptions connection;
    connection.address = address_or_default(std::move(address));
    check_port(connection.address);
    connection.connect_timeout = std::chrono::milliseconds(0);
    connection.keep_alive_interval = options.keep_alive_interval;
    connection.keep_alive_timeout = options.keep_alive_timeout;
    connection.reconnect_first = options.backoff.first;
    connection.reconnect_max = options.backoff.max;
    connection.token = options.token;
    if (options.tls) {
        connection.tls = client::TlsOptions{
            options.tls->root_certificates,
            options.tls->certificate,
            options.tls->private_key,
            options.tls->server_name
        };
    }
    auto impl = std::make_shared<Client::Impl>();
    impl->backend = std::make_shared<RemoteBackend>(sdk::value_of(client::connect_stores(connection)
    ));
    impl->options = std::move(options);
    return Client(std::move(impl));
}

}  // namespace annals
