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

#include "annals/bench_kit/bench.hpp"

#include "null_call.hpp"
#include "null_group_call.hpp"

namespace annals::bench_kit {
namespace {

/// One call after the other in one place, so that nothing is allocated by us.
class UnaryCall final : public Call {
  public:
    explicit UnaryCall(NullServer& server) : server_(server) { wait(); }

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
    NullServer& server_;
    std::unique_ptr<grpc::ServerContext> context_;
    std::unique_ptr<Writer> writer_;
    grpc::ByteBuffer message_;
    grpc::Slice nothing_;
    grpc::ByteBuffer empty_{&nothing_, 1};
    bool is_waiting_ = false;
};

class StreamCall final : public Call {
  public:
    explicit StreamCall(NullServer& server) : server_(server) { wait(); }

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
    NullServer& server_;
    std::unique_ptr<grpc::ServerContext> context_;
    std::unique_ptr<Writer> writer_;
    grpc::ByteBuffer message_;
    State state_ = State::kWaiting;
    std::uint64_t left_ = 0;
};

constexpr int kCallsAtATime = 128;
constexpr int kMembersMax = 64;

}  // namespace

Status run_null_server(std::ostream& out) {
    NullServer parts;
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
    calls.reserve(kCallsAtATime + 1 + kMembersMax);
    for (int at = 0; at < kCallsAtATime; ++at) calls.push_back(std::make_unique<UnaryCall>(parts));
    calls.push_back(std::make_unique<StreamCall>(parts));
    for (int at = 0; at < kMembersMax; ++at) {
        calls.push_back(std::make_unique<NullGroupCall>(parts));
    }
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
