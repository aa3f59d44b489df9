// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include "annals/grpc_kit/tag.hpp"

#include "core.hpp"

namespace annals::client {

/// The messages of a server-streaming call, some of them fetched ahead. Kept alive by its
/// operations that are under way. One reader; the waker runs on the poller's thread.
class MessageStream : public std::enable_shared_from_this<MessageStream> {
  public:
    static Result<std::shared_ptr<MessageStream>> start(
        Core& core,
        Poller& poller,
        const Methods::Method& method,
        const api::CallContext& context,
        const grpc::ByteBuffer& request,
        std::size_t ahead_max
    );

    enum class Next : std::uint8_t { kMessage, kNothing, kEnd };
    /// kEnd: the server ended the call with OK; an error: with that. kNothing: the waker will be
    /// called once.
    Result<Next> next(grpc::ByteBuffer& message);
    void set_waker(std::function<void()> waker);
    /// Cancels; when it returns, no waker runs or will run. Not from the waker.
    void close();

  private:
    class Operation final : public grpc_kit::Tag {
      public:
        Operation(MessageStream& stream, void (MessageStream::*handler)(bool))
            : stream_(stream), handler_(handler) {}
        grpc_kit::Tag* begin() {
            kept_ = stream_.shared_from_this();
            return this;
        }
        void complete(bool ok) override {
            const std::shared_ptr<MessageStream> kept = std::move(kept_);
            (stream_.*handler_)(ok);
        }

      private:
        MessageStream& stream_;
        void (MessageStream::*handler_)(bool);
        std::shared_ptr<MessageStream> kept_;
    };

    MessageStream(Poller& poller, std::size_t ahead_max) : poller_(poller), ahead_max_(ahead_max) {}
    void on_started(bool ok);
    void on_read(bool ok);
    void on_finished(bool ok);
    void read_locked();
    void wake();

    Poller& poller_;
    const std::size_t ahead_max_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientAsyncReader<grpc::ByteBuffer>> reader_;
    Operation started_{*this, &MessageStream::on_started};
    Operation read_{*this, &MessageStream::on_read};
    Operation finished_{*this, &MessageStream::on_finished};
    grpc::ByteBuffer incoming_;
    grpc::Status status_;

    std::mutex mutex_;
    std::deque<grpc::ByteBuffer> messages_;
    bool is_reading_ = true;  ///< until the call has started
    bool is_armed_ = false;
    bool is_closed_ = false;
    bool is_finishing_ = false;
    std::optional<grpc::Status> end_;
    /// Held while the waker runs.
    std::mutex waker_mutex_;
    std::function<void()> waker_;
};

}  // namespace annals::client
