// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <eventstore/service.pb.h>

#include "annals/dialect_eskit/event_store_service.hpp"
#include "annals/grpc_door/rpc_service.hpp"
#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"
#include "annals/namespaces/namespaces.hpp"

namespace annals::dialect_eskit::testing {

/// Of gRPC.
enum Code : int {
    kOk = 0,
    kInvalidArgument = 3,
    kAlreadyExists = 6,
    kResourceExhausted = 8,
    kInternal = 13,
};

template <typename Message>
struct Answer {
    int code = -1;
    std::string text;
    Message message;
};

/// A LogsPoll that is open. next() waits for an entry.
class Poll {
  public:
    explicit Poll(std::unique_ptr<grpc_door::RpcStream> stream);
    ~Poll();
    Poll(const Poll&) = delete;
    Poll& operator=(const Poll&) = delete;

    /// The next entry; fails the test when none comes within 20 s.
    contracts::eventstore::AppLogEntry next();
    /// An entry that is there already; nothing when the stream says that there is none now.
    std::optional<contracts::eventstore::AppLogEntry> next_now();

  private:
    std::mutex mutex_;
    std::condition_variable woken_;
    bool is_woken_ = false;
    std::unique_ptr<grpc_door::RpcStream> stream_;
};

/// The service over a real store in memory, called as grpc_door calls it, without gRPC.
class Harness {
  public:
    Harness();
    ~Harness();

    Answer<contracts::eventstore::HealthResponse> healtz();
    Answer<contracts::eventstore::AppendEventResponse> append(
        const contracts::eventstore::AppendEventRequest& request
    );
    Answer<contracts::eventstore::AppendEventResponse> append(
        std::string_view id,
        std::string_view version,
        std::string_view event_type,
        std::string_view payload = "{}",
        std::int64_t occured_on = 0
    );
    Answer<contracts::eventstore::GetEventsResponse> get_events(
        const contracts::eventstore::GetEventsRequest& request
    );
    Answer<contracts::eventstore::GetEventsResponse> get_events(
        std::string_view id, std::string_view version = "", std::string_view entity_type = ""
    );
    Answer<contracts::eventstore::AppLogResponse> logs(
        std::string_view from_id = "",
        std::uint32_t size = 0,
        std::string_view selector = "",
        std::string_view pipeline_id = ""
    );
    Answer<contracts::eventstore::AppLogEntry> poll_refused(std::string_view from_id);
    std::unique_ptr<Poll> poll(
        std::string_view from_id = "",
        std::string_view selector = "",
        std::string_view pipeline_id = "",
        std::uint32_t size = 0
    );
    /// Bytes as they come, to the method of this name: code and text.
    Answer<contracts::eventstore::HealthResponse> raw(
        std::string_view method, const std::string& bytes
    );

    /// Through another door: no reserved fields. Fails the test when it is refused.
    void append_native(
        std::string_view stream, std::string_view type, std::string_view data = "{}"
    );

    namespaces::Namespaces& store() { return *store_; }
    [[nodiscard]] std::uint64_t subscriptions() const;

  private:
    const grpc_door::RpcMethod& method(std::string_view name) const;
    grpc_door::RpcAnswer call(std::string_view name, std::string message);

    std::unique_ptr<log::FileSystem> files_;
    index::IndexMemory memory_;
    std::unique_ptr<namespaces::Namespaces> store_;
    std::unique_ptr<grpc_door::RpcService> service_;
    std::vector<grpc_door::RpcMethod> methods_;
};

}  // namespace annals::dialect_eskit::testing
