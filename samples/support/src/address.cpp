// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/address.hpp"

#include <charconv>
#include <stdexcept>

namespace samples {

std::string Address::to_string() const {
    const bool is_v6 = host.find(':') != std::string::npos;
    return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Address parse_address(std::string_view text) {
    const auto refuse = [&]() -> std::invalid_argument {
        return std::invalid_argument(
            "\"" + std::string(text) +
            "\" is no HOST:PORT, as 127.0.0.1:8080; port 0 takes a free one"
        );
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) throw refuse();
    std::string_view host = text.substr(0, colon);
    const std::string_view port = text.substr(colon + 1);
    Address address;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size()) throw refuse();
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        throw refuse();
    }
    address.host = host.empty() ? "0.0.0.0" : std::string(host);
    return address;
}

}  // namespace samples
