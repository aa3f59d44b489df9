// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace annals::grpc_door::testing {

/// What a foreign client got: status, and the messages before it.
struct RawAnswer {
    int code = 0;
    std::string message;
    std::string details;  ///< grpc-status-details-bin
    std::vector<std::string> bodies;
};

/// A gRPC client that sends whatever bytes it is told to, and has no setting of ours. Waits for
/// each call; ten seconds are the end of it.
class RawClient {
  public:
    explicit RawClient(int port);
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    ~RawClient();

    using Metadata = std::map<std::string, std::string>;

    /// `path` as "/annals.v1.EventStore/Append".
    RawAnswer call(
        const std::string& path, const std::string& request, const Metadata& metadata = {}
    );
    /// Takes at most so many messages, then cancels. Calls `on_message` for each.
    RawAnswer stream(
        const std::string& path,
        const std::string& request,
        std::size_t messages_max,
        const std::function<void()>& on_message = {}
    );
    /// Sends all, ends its side, takes everything.
    RawAnswer converse(const std::string& path, const std::vector<std::string>& requests);

  private:
    struct Channel;
    std::unique_ptr<Channel> channel_;
};

}  // namespace annals::grpc_door::testing
