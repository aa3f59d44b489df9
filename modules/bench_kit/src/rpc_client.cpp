// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "rpc_client.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "annals/api_wire/error_wire.hpp"

#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

grpc::ByteBuffer to_buffer(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return {&slice, 1};
}

/// The message's bytes as one piece; copies only when gRPC holds it in several.
grpc::Slice one_piece(const grpc::ByteBuffer& buffer) {
    grpc::Slice slice;
    if (buffer.TrySingleSlice(&slice).ok() || buffer.DumpToSingleSlice(&slice).ok()) return slice;
    return {};
}

std::string_view view(const grpc::Slice& slice) {
    return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

Error to_error(const grpc::Status& status) {
    return api_wire::decode_error(
        static_cast<int>(status.error_code()), status.error_message(), status.error_details()
    );
}

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
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    arguments.SetMaxSendMessageSize(64 << 20);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    impl_->channel = grpc::CreateCustomChannel(
        address, grpc::InsecureChannelCredentials(), arguments
    );
    impl_->stub = std::make_unique<grpc::GenericStub>(impl_->channel);
}

RpcClient::~RpcClient() = default;

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
