// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "annals/base/result.hpp"

namespace annals::bench_kit {

/// Members of consumer groups for measuring: raw bytes over one channel of their own, one
/// completion queue, the calling thread alone. They look at the deliveries' numbers only, to
/// acknowledge them.
class GroupCalls {
  public:
    /// Deliveries that one message brought; 0: the member has joined. False: that is enough.
    using OnDeliveries = std::function<bool(std::uint64_t events)>;

    explicit GroupCalls(const std::string& address);
    GroupCalls(const GroupCalls&) = delete;
    GroupCalls& operator=(const GroupCalls&) = delete;
    ~GroupCalls();

    /// So many members join, and acknowledge what they get at once, until somebody has enough or a
    /// call breaks.
    Status work(const std::string& group, std::size_t members, const OnDeliveries& on_deliveries);
    /// The same on a null server, which delivers the same message again and again.
    Status work_null(
        const std::string& message, std::size_t members, const OnDeliveries& on_deliveries
    );

  private:
    Status work(
        const char* method,
        const std::string& first,
        std::size_t members,
        const OnDeliveries& on_deliveries
    );

    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace annals::bench_kit
