// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "store_address.hpp"

#include <charconv>
#include <string_view>

#include "annals/http_client/http_event_store.hpp"

#include "connect.hpp"

namespace annals::cli {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kGrpc = "grpc://";

Error no_address(const std::string& address) {
    return Error(
               ErrorCode::kInvalidArgument,
               "'" + address +
                   "' is no address of an annals server: give http://HOST:PORT, or HOST:PORT of "
                   "its "
                   "gRPC port"
    )
        .with("address", address);
}

}  // namespace

Result<std::unique_ptr<api::EventStore>> connect_to_address(
    const std::string& address, const GlobalOptions& options
) {
    std::string_view rest = address;
    const bool is_http = rest.starts_with(kHttp);
    if (is_http || rest.starts_with(kGrpc)) rest.remove_prefix(kHttp.size());
    if (rest.ends_with('/')) rest.remove_suffix(1);
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || rest.find('/') != std::string_view::npos)
        return no_address(address);
    if (!is_http) {
        GlobalOptions other = options;
        other.server = rest;
        return connect_to_server(other);
    }
    http_client::ClientOptions client;
    client.host = rest.substr(0, colon);
    const std::string_view port = rest.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), client.port);
    if (error != std::errc() || end != port.data() + port.size()) return no_address(address);
    return http_client::make_http_event_store(client);
}

}  // namespace annals::cli
