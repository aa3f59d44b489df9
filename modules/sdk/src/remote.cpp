// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "annals/client/stores.hpp"

#include "client_impl.hpp"
#include "option_checks.hpp"

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

}  // namespace

Client connect(std::string address, ClientOptions options) {
    sdk::check_options(options);
    client::ClientOptions connection;
    connection.address = address_or_default(std::move(address));
    sdk::check_address(connection.address);
    connection.connect_timeout = std::chrono::milliseconds(0);
    connection.keep_alive_interval = options.keep_alive_interval;
    connection.keep_alive_timeout = options.keep_alive_timeout;
    connection.reconnect_first = options.backoff.first;
    connection.reconnect_max = options.backoff.max;
    connection.token = options.token;
    connection.is_token_plain = options.is_token_plain;
    connection.headers = options.headers;
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
