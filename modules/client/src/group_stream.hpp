// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <grpcpp/support/async_stream.h>

#include "annals/api/consumer_groups.hpp"
#include "annals/grpc_kit/tag.hpp"

#include "core.hpp"

namespace annals::client {

/// One Join call of annals.v1.ConsumerGroups. Kept alive by its operations that are under way. Any
/// thread; the waker runs on the poller's.
class GroupStream : public std::enable_shared_from_this<GroupStream> {
  public:
    static Result<std::shared_ptr<GroupStream>> start(
        Core& core, const Methods::Method& method, const api::CallContext& context, std::string join
    );

    /// Waits for the server's answer: the member's id.
    Result<std::uint64_t> wait_joined();
    /// At most so many; 0: any number.
    Result<bool> try_next(api::GroupDeliveries& deliveries, std::uint32_t events_max);
    void set_waker(std::function<void()> waker);
    /// Waits for the server's answer. Not from the waker.
    Result<std::vector<api::RefusedSettlement>> settle(const std::vector<api::Settlement>& settled);
    /// Cancels; when it returns, no waker runs or will run. Not from the waker.
    void close();

  private:
    class Operation final : public grpc_kit::Tag {
      public:
        Operation(GroupStream& stream, void (GroupStream::*handler)(bool))
            : stream_(stream), handler_(handler) {}
        grpc_kit::Tag* begin() {
            kept_ = stream_.shared_from_this();
            return this;
        }
        void complete(bool ok) override {
            const std::shared_ptr<GroupStream> kept = std::move(kept_);
            (stream_.*handler_)(ok);
        }

      private:
        GroupStream& stream_;
        void (GroupStream::*handler_)(bool);
        std::shared_ptr<GroupStream> kept_;  // joins the stream and its operation
    };

    explicit GroupStream(Poller& poller) : poller_(poller) {}
    void on_started(bool ok);
    void on_written(bool ok);
    void on_read(bool ok);
    void on_finished(bool ok);
    void write_next();
    void wake();
    [[nodiscard]] Error end_error() const;

    Poller& poller_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream_;
    Operation started_{*this, &GroupStream::on_started};
    Operation written_{*this, &GroupStream::on_written};
    Operation read_{*this, &GroupStream::on_read};
    Operation finished_{*this, &GroupStream::on_finished};
    grpc::ByteBuffer incoming_;
    grpc::Status status_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> outgoing_;
    /// In order; bounded by the group's in_flight_max.
    std::deque<api::GroupDeliveries> deliveries_;
    std::optional<std::uint64_t> joined_;
    std::deque<std::vector<api::RefusedSettlement>> answers_;  ///< to settlements
    bool is_writing_ = true;                                   ///< until the call has started
    bool is_armed_ = false;
    bool is_broken_ = false;
    std::optional<grpc::Status> end_;
    std::mutex settle_mutex_;  ///< one settle at a time
    std::mutex waker_mutex_;
    std::function<void()> waker_;
};

}  // namespace annals::client
