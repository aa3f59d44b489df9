// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>

#include "messages.hpp"
#include "null_call.hpp"

namespace annals::bench_kit {

/// A member's call without a group: the first message comes back again and again, as long as so
/// many deliveries are not acknowledged that kNullGroupInHand are out. Ends when the caller goes.
class NullGroupCall final : public Call {
  public:
    explicit NullGroupCall(NullServer& server) : server_(server) { wait(); }

    /// The call came.
    void on_event(bool ok) override {
        if (ok) read();
    }

  private:
    class Part final : public Call {
      public:
        Part(NullGroupCall& call, void (NullGroupCall::*handler)(bool))
            : call_(call), handler_(handler) {}
        void on_event(bool ok) override { (call_.*handler_)(ok); }

      private:
        NullGroupCall& call_;
        void (NullGroupCall::*handler_)(bool);
    };

    void wait() {
        context_ = std::make_unique<grpc::ServerContext>();
        stream_ = std::make_unique<Stream>(context_.get());
        in_hand_ = 0;
        message_.Clear();
        is_reading_ = is_writing_ = is_over_ = false;
        server_.service.request_group(
            *context_, *stream_, *server_.queue, static_cast<Call*>(this)
        );
    }
    void read() {
        is_reading_ = true;
        stream_->Read(&request_, static_cast<Call*>(&read_));
    }
    void on_read(bool ok) {
        is_reading_ = false;
        if (!ok || is_over_) return end();
        const grpc::Slice bytes = one_piece(request_);
        if (message_.Valid()) {
            in_hand_ -= std::min(in_hand_, acks_in(view(bytes)));
        } else {
            message_ = request_;
            batch_ = numbers_in(view(bytes), kDeliveriesField);
        }
        read();
        write();
    }
    static std::uint64_t acks_in(std::string_view message) {
        std::uint64_t count = 0;
        codec::FieldReader reader(message);
        while (reader.next()) {
            if (reader.field() == kSettleField) count += numbers_in(reader.bytes(), kAcksField);
        }
        return count;
    }
    void on_written(bool ok) {
        is_writing_ = false;
        if (!ok || is_over_) return end();
        write();
    }
    void write() {
        if (is_writing_ || batch_ == 0 || in_hand_ + batch_ > kNullGroupInHand) return;
        in_hand_ += batch_;
        is_writing_ = true;
        stream_->Write(message_, static_cast<Call*>(&written_));
    }
    void end() {
        is_over_ = true;
        if (is_reading_ || is_writing_) return;
        stream_->Finish(grpc::Status::OK, static_cast<Call*>(&finished_));
    }
    void on_finished(bool /*ok*/) { wait(); }

    using Stream = grpc::ServerAsyncReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
    NullServer& server_;
    std::unique_ptr<grpc::ServerContext> context_;
    std::unique_ptr<Stream> stream_;
    grpc::ByteBuffer request_;
    grpc::ByteBuffer message_;
    std::uint64_t batch_ = 0;
    std::uint64_t in_hand_ = 0;
    bool is_reading_ = false;
    bool is_writing_ = false;
    bool is_over_ = false;
    Part read_{*this, &NullGroupCall::on_read};
    Part written_{*this, &NullGroupCall::on_written};
    Part finished_{*this, &NullGroupCall::on_finished};
};

}  // namespace annals::bench_kit
