// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string_view>

#include <grpcpp/generic/async_generic_service.h>

#include "annals/grpc_door/rpc_service.hpp"
#include "annals/grpc_kit/bytes.hpp"
#include "annals/grpc_kit/tag.hpp"

#include "door.hpp"

namespace annals::grpc_door {

/// What a method does with its call. Everything is called on the loop's thread.
class CallLogic {
  public:
    CallLogic() = default;
    CallLogic(const CallLogic&) = delete;
    CallLogic& operator=(const CallLogic&) = delete;
    virtual ~CallLogic() = default;

    /// The message that read() asked for.
    virtual void on_message(grpc::Slice message) = 0;
    /// The caller sends nothing more; the other answer to read().
    virtual void on_end_of_messages() = 0;
    /// The message given to write() is on its way.
    virtual void on_written() {}
    /// The call is over: by finish(), or the caller is gone. Comes once; what still runs elsewhere
    /// must come to its end.
    virtual void on_over() {}
    /// The server stops: end soon.
    virtual void on_drain() = 0;
};

/// One call of any method but the hot ones. Lives until gRPC has given back all its tags and all
/// holders have let go. Belongs to the loop's thread.
class GenericCall {
  public:
    /// Waits for a call; when it comes, waits for the next in another object.
    static void accept(Door& door);
    GenericCall(const GenericCall&) = delete;
    GenericCall& operator=(const GenericCall&) = delete;

    [[nodiscard]] Door& door() { return door_; }
    [[nodiscard]] const grpc::ServerContextBase& context() const { return context_; }
    [[nodiscard]] bool is_over() const { return is_over_; }

    /// One at a time; answered by on_message or on_end_of_messages.
    void read();
    /// One at a time; answered by on_written. `has_more`: another one follows at once.
    void write(const grpc::ByteBuffer& message, bool has_more);
    /// Once, not while a write is under way.
    void finish(RpcAnswer answer);
    void finish(const Error& error);
    /// finish() of a unary method: an answer that went well is a message even when it is empty.
    void finish_unary(RpcAnswer answer);
    /// The server stops. A call to a method that does not exist has been answered already.
    void drain() {
        if (logic_) logic_->on_drain();
    }

    /// Keeps the object alive while work for it is under way elsewhere.
    void hold() { ++holders_; }
    /// May destroy the object.
    void release();

  private:
    /// A tag that calls a member of the call.
    class Event final : public grpc_kit::Tag {
      public:
        Event(GenericCall& call, void (GenericCall::*handler)(bool))
            : call_(call), handler_(handler) {}
        void complete(bool ok) override { (call_.*handler_)(ok); }

      private:
        GenericCall& call_;
        void (GenericCall::*handler_)(bool);
    };

    explicit GenericCall(Door& door) : door_(door), stream_(&context_) {}
    ~GenericCall();
    void on_accepted(bool ok);
    void on_read(bool ok);
    void on_written(bool ok);
    void finish(RpcAnswer answer, bool has_message);
    void on_finished(bool ok);
    void on_done(bool ok);
    void over();

    Door& door_;
    grpc::GenericServerContext context_;
    grpc::GenericServerAsyncReaderWriter stream_;
    Event accepted_{*this, &GenericCall::on_accepted};
    Event read_{*this, &GenericCall::on_read};
    Event written_{*this, &GenericCall::on_written};
    Event finished_{*this, &GenericCall::on_finished};
    Event done_{*this, &GenericCall::on_done};
    grpc::ByteBuffer message_;
    const MethodEntry* entry_ = nullptr;
    std::unique_ptr<CallLogic> logic_;
    std::size_t holders_ = 0;
    bool is_over_ = false;
    bool is_finished_ = false;
    bool has_written_ = false;
    int code_ = 0;
    std::int64_t begun_ns_ = 0;
};

}  // namespace annals::grpc_door
