// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include "annals/client/bulk_appender.hpp"
#include "annals/grpc_kit/tag.hpp"

#include "core.hpp"

namespace annals::client {

/// The messages of one append on the bulk call: one, or parts of a few MiB each.
std::vector<grpc::ByteBuffer> make_parts(
    std::string_view name_space, const model::AppendRequest& request, std::size_t& bytes
);

/// One AppendStream call. Kept alive by its operations that are under way. Any thread.
class BulkStream : public std::enable_shared_from_this<BulkStream> {
  public:
    static Result<std::shared_ptr<BulkStream>> start(
        Core& core, const api::CallContext& context, const BulkOptions& options
    );

    /// Waits for room.
    void append(const model::AppendRequest& request, api::AppendDone done);
    /// Nothing more will be appended. Does not wait.
    void end();
    /// Waits until the call is over.
    Status wait();
    void cancel();

  private:
    struct Place {
        std::size_t bytes;
        api::AppendDone done;
    };
    /// A tag that keeps the stream alive while its operation is under way.
    class Operation final : public grpc_kit::Tag {
      public:
        Operation(BulkStream& stream, void (BulkStream::*handler)(bool))
            : stream_(stream), handler_(handler) {}
        /// To be called when the operation is begun.
        grpc_kit::Tag* begin() {
            kept_ = stream_.shared_from_this();
            return this;
        }
        void complete(bool ok) override {
            const std::shared_ptr<BulkStream> kept = std::move(kept_);
            (stream_.*handler_)(ok);
        }

      private:
        BulkStream& stream_;
        void (BulkStream::*handler_)(bool);
        std::shared_ptr<BulkStream> kept_;
    };

    BulkStream(Poller& poller, const BulkOptions& options) : poller_(poller), options_(options) {}
    void on_started(bool ok);
    void on_written(bool ok);
    void on_writes_done(bool ok);
    void on_read(bool ok);
    void on_finished(bool ok);
    /// With the lock held.
    void write_next();

    Poller& poller_;
    const BulkOptions options_;
    std::string name_space_;
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream_;
    Operation started_{*this, &BulkStream::on_started};
    Operation written_{*this, &BulkStream::on_written};
    Operation writes_done_{*this, &BulkStream::on_writes_done};
    Operation read_{*this, &BulkStream::on_read};
    Operation finished_{*this, &BulkStream::on_finished};
    grpc::ByteBuffer answer_;
    grpc::Status status_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<grpc::ByteBuffer> outgoing_;
    std::deque<Place> places_;
    std::size_t bytes_under_way_ = 0;
    bool is_writing_ = true;  ///< until the call has started
    bool has_ended_ = false;
    bool is_broken_ = false;  ///< nothing more can be written
    std::optional<Status> result_;
};

}  // namespace annals::client
