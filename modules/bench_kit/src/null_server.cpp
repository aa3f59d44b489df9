// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <unistd.h>

#include <cstring>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/rpc_service_method.h>
#include <grpcpp/impl/codegen/service_type.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include "annals/bench_kit/bench.hpp"

#include "null_service.hpp"

namespace annals::bench_kit {
namespace {

/// Raw bytes on a completion queue, one thread: the fastest server that gRPC has here
/// (architecture.md 4).
class NullService final : public grpc::Service {
  public:
    NullService() {
        using grpc::internal::RpcMethod;
        using grpc::internal::RpcServiceMethod;
        AddMethod(new RpcServiceMethod(kNullCall, RpcMethod::NORMAL_RPC, nullptr));
        MarkMethodRaw(0);
        AddMethod(new RpcServiceMethod(kNullStream, RpcMethod::SERVER_STREAMING, nullptr));
        MarkMethodRaw(1);
    }

    template <typename Writer>
    void request_call(
        grpc::ServerContext& context,
        grpc::ByteBuffer& message,
        Writer& writer,
        grpc::ServerCompletionQueue& queue,
        void* tag
    ) {
        RequestAsyncUnary(0, &context, &message, &writer, &queue, &queue, tag);
    }

    template <typename Writer>
    void request_stream(
        grpc::ServerContext& context,
        grpc::ByteBuffer& message,
        Writer& writer,
        grpc::ServerCompletionQueue& queue,
        void* tag
    ) {
        RequestAsyncServerStreaming(1, &context, &message, &writer, &queue, &queue, tag);
    }
};

/// What a completion means. `ok` false before the first step: the server goes away.
class Call {
  public:
    Call() = default;
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    virtual ~Call() = default;
    virtual void on_event(bool ok) = 0;
};

struct Server {
    NullService service;
    std::unique_ptr<grpc::ServerCompletionQueue> queue;
    std::unique_ptr<grpc::Server> server;
};

/// One call after the other in one place, so that nothing is allocated by us.
class UnaryCall final : public Call {
  public:
    explicit UnaryCall(Server& server) : server_(server) { wait(); }

    void on_event(bool ok) override {
        if (is_waiting_ && ok) {
            is_waiting_ = false;
            writer_->Finish(empty_, grpc::Status::OK, static_cast<Call*>(this));
        } else if (!is_waiting_) {
            wait();
        }
    }

  private:
    void wait() {
        is_waiting_ = true;
        context_ = std::make_unique<grpc::ServerContext>();
        writer_ = std::make_unique<Writer>(context_.get());
        message_.Clear();
        server_.service.request_call(
            *context_, message_, *writer_, *server_.queue, static_cast<Call*>(this)
        );
    }

    using Writer = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;
    Server& server_;
    std::unique_ptr<grpc::ServerContext> context_;
    std::unique_ptr<Writer> writer_;
    grpc::ByteBuffer message_;
    grpc::Slice nothing_;
    grpc::ByteBuffer empty_{&nothing_, 1};
    bool is_waiting_ = false;
};

class StreamCall final : public Call {
  public:
    explicit StreamCall(Server& server) : server_(server) { wait(); }

    void on_event(bool ok) override {
        if (state_ == State::kWaiting) {
            if (!ok) return;
            state_ = State::kWriting;
            left_ = count_of(message_);
        } else if (state_ == State::kFinishing) {
            return wait();
        }
        if (!ok || left_ == 0) {
            state_ = State::kFinishing;
            return writer_->Finish(grpc::Status::OK, static_cast<Call*>(this));
        }
        --left_;
        writer_->Write(message_, static_cast<Call*>(this));
    }

  private:
    enum class State : unsigned char { kWaiting, kWriting, kFinishing };

    static std::uint64_t count_of(const grpc::ByteBuffer& message) {
        grpc::Slice slice;
        std::uint64_t count = 0;
        if (message.DumpToSingleSlice(&slice).ok() && slice.size() >= kCountOffset + sizeof count) {
            std::memcpy(&count, slice.begin() + kCountOffset, sizeof count);
        }
        return count;
    }

    void wait() {
        state_ = State::kWaiting;
        context_ = std::make_unique<grpc::ServerContext>();
        writer_ = std::make_unique<Writer>(context_.get());
        message_.Clear();
        server_.service.request_stream(
            *context_, message_, *writer_, *server_.queue, static_cast<Call*>(this)
        );
    }

    using Writer = grpc::ServerAsyncWriter<grpc::ByteBuffer>;
    Server& server_;
    std::unique_ptr<grpc::ServerContext> context_;
    std::unique_ptr<Writer> writer_;
    grpc::ByteBuffer message_;
    State state_ = State::kWaiting;
    std::uint64_t left_ = 0;
};

constexpr int kCallsAtATime = 128;

}  // namespace

Status run_null_server(std::ostream& out) {
    Server parts;
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&parts.service);
    builder.SetMaxReceiveMessageSize(64 << 20);
    parts.queue = builder.AddCompletionQueue();
    parts.server = builder.BuildAndStart();
    if (!parts.server || port == 0) return Error(ErrorCode::kUnavailable, "no port is free");
    out << "null server on port " << port << std::endl;

    std::vector<std::unique_ptr<Call>> calls;
    for (int at = 0; at < kCallsAtATime; ++at) calls.push_back(std::make_unique<UnaryCall>(parts));
    calls.push_back(std::make_unique<StreamCall>(parts));
    std::thread watcher([&parts] {
        char byte = 0;
        while (::read(STDIN_FILENO, &byte, 1) > 0) {
        }
        parts.server->Shutdown(std::chrono::system_clock::now());
        parts.queue->Shutdown();
    });
    void* tag = nullptr;
    bool is_ok = false;
    while (parts.queue->Next(&tag, &is_ok)) static_cast<Call*>(tag)->on_event(is_ok);
    watcher.join();
    return ok();
}

}  // namespace annals::bench_kit
