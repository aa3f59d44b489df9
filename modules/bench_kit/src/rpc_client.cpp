// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "rpc_client.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "messages.hpp"
#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

/// One place of a loop: a call, then the next one.
struct Slot {
    std::size_t index = 0;
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
    Stopwatch watch;
};

}  // namespace

struct RpcClient::Impl {
    std::string address;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<grpc::GenericStub> stub;
    std::string request;

    void start(
        Slot& slot, const char* method, const MakeRequest& make, grpc::CompletionQueue& queue
    ) {
        request.clear();
        make(slot.index, request);
        slot.context.emplace();
        slot.answer.Clear();
        slot.watch.restart();
        slot.reader = stub->PrepareUnaryCall(&*slot.context, method, to_buffer(request), &queue);
        slot.reader->StartCall();
        slot.reader->Finish(&slot.answer, &slot.status, &slot);
    }
};

RpcClient::RpcClient(const std::string& address) : impl_(std::make_unique<Impl>()) {
    impl_->address = address;
    impl_->channel = make_channel(address);
    impl_->stub = std::make_unique<grpc::GenericStub>(impl_->channel);
}

RpcClient::~RpcClient() = default;

const std::string& RpcClient::address() const { return impl_->address; }

Status RpcClient::connect(double seconds_max) {
    const auto deadline = std::chrono::system_clock::now() +
                          std::chrono::milliseconds(static_cast<std::int64_t>(seconds_max * 1e3));
    if (impl_->channel->WaitForConnected(deadline)) return ok();
    return Error(ErrorCode::kUnavailable, "the server cannot be reached");
}

Result<LoopResult> RpcClient::loop(
    const char* method,
    std::size_t in_flight,
    LoopEnd end,
    const MakeRequest& make,
    const OnAnswer& on_answer
) {
    grpc::CompletionQueue queue;
    std::vector<Slot> slots(in_flight);
    LoopResult result;
    Status failure = ok();
    const Stopwatch total;
    std::uint64_t started = 0;
    std::size_t running = 0;
    const auto is_over = [&] {
        return !failure || started >= end.calls || total.seconds() >= end.seconds;
    };
    for (std::size_t index = 0; index < in_flight && !is_over(); ++index) {
        slots[index].index = index;
        impl_->start(slots[index], method, make, queue);
        ++started;
        ++running;
    }
    void* tag = nullptr;
    bool is_ok = false;
    while (running > 0 && queue.Next(&tag, &is_ok)) {
        Slot& slot = *static_cast<Slot*>(tag);
        if (slot.status.ok()) {
            result.latencies_us.push_back(slot.watch.micros());
            ++result.calls;
            const grpc::Slice answer = one_piece(slot.answer);
            Status taken = on_answer(slot.index, view(answer));
            if (!taken && failure) failure = std::move(taken);
        } else if (failure) {
            failure = to_error(slot.status);
        }
        if (is_over()) {
            --running;
            continue;
        }
        impl_->start(slot, method, make, queue);
        ++started;
    }
    result.seconds = total.seconds();
    queue.Shutdown();
    while (queue.Next(&tag, &is_ok)) {
    }
    ANNALS_CHECK(failure);
    return result;
}

Result<std::string> RpcClient::call(const char* method, const std::string& request) {
    std::string kept;
    ANNALS_CHECK(loop(
        method,
        1,
        {.calls = 1},
        [&](std::size_t, std::string& bytes) { bytes = request; },
        [&](std::size_t, std::string_view answer) {
            kept = answer;
            return ok();
        }
    ));
    return kept;
}

Status RpcClient::stream(
    const char* method, const std::string& request, const OnMessage& on_message
) {
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    void* tag = nullptr;
    bool is_ok = false;
    const auto step = [&] { return queue.Next(&tag, &is_ok) && is_ok; };

    // A generic call is a stream in both directions; ours writes one message.
    const auto call = impl_->stub->PrepareCall(&context, method, &queue);
    call->StartCall(nullptr);
    bool is_open = step();
    if (is_open) {
        call->WriteLast(to_buffer(request), grpc::WriteOptions(), nullptr);
        is_open = step();
    }
    Status failure = ok();
    bool is_enough = false;
    grpc::ByteBuffer message;
    while (is_open && !is_enough && failure) {
        call->Read(&message, nullptr);
        if (!step()) break;
        const grpc::Slice bytes = one_piece(message);
        Result<bool> goes_on = on_message(view(bytes));
        if (!goes_on) {
            failure = std::move(goes_on).take_error();
        } else {
            is_enough = !*goes_on;
        }
    }
    if (is_enough || !failure) context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    step();
    queue.Shutdown();
    while (queue.Next(&tag, &is_ok)) {
    }
    ANNALS_CHECK(failure);
    if (!is_enough && !status.ok()) return to_error(status);
    return ok();
}

}  // namespace annals::bench_kit
