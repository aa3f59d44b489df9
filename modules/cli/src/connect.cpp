// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "connect.hpp"

#include <algorithm>
#include <chrono>

#include "time_text.hpp"

namespace annals::cli {

client::ClientOptions client_options(const GlobalOptions& options) {
    constexpr std::int64_t kConnectMsMax = 5'000;
    const std::int64_t timeout_ms = parse_duration_ms(options.timeout).value_or(kConnectMsMax);
    client::ClientOptions client;
    client.address = options.server;
    client.connect_timeout = std::chrono::milliseconds(
        std::clamp<std::int64_t>(timeout_ms, 1, kConnectMsMax)
    );
    return client;
}

Result<std::unique_ptr<api::EventStore>> connect_to_server(const GlobalOptions& options) {
    ANNALS_TRY(
        std::unique_ptr<client::RemoteEventStore> store, client::connect(client_options(options))
    );
    return std::unique_ptr<api::EventStore>(std::move(store));
}

}  // namespace annals::cli
