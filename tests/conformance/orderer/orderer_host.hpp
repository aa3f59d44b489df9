// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "annals/base/clock.hpp"
#include "annals/commit/orderer.hpp"

namespace annals::conformance {

struct HostOptions {
    const Clock* clock = nullptr;
    std::int64_t interval_ns = 0;
    std::size_t queue_appends_max = 16'384;
    std::size_t stream_table_bytes_max = 64u << 20u;
};

/// Where one log lives between openings. Destroyed: the log is gone.
class OrdererHost {
  public:
    OrdererHost() = default;
    OrdererHost(const OrdererHost&) = delete;
    OrdererHost& operator=(const OrdererHost&) = delete;
    virtual ~OrdererHost() = default;

    virtual std::unique_ptr<commit::Orderer> open(const HostOptions& options) = 0;
    /// While closed: everything that is derived from the log.
    virtual void delete_index() = 0;
};

/// A body of the orderer port, for the contract.
struct OrdererBody {
    std::string name;
    std::function<std::unique_ptr<OrdererHost>()> make_host;
};

inline std::ostream& operator<<(std::ostream& out, const OrdererBody& body) {
    return out << body.name;
}

}  // namespace annals::conformance
