// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/grpc_door/testing/raw_client.hpp"

#include <chrono>
#include <limits>

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

namespace annals::grpc_door::testing {
namespace {

grpc::ByteBuffer to_buffer(const std::string& bytes) {
    const grpc::Slice slice(bytes.data(), bytes.size());
    return {&slice, 1};
}

std::string to_string(const grpc::ByteBuffer& buffer) {
    grpc::Slice slice;
    if (!buffer.Valid() || !buffer.DumpToSingleSlice(&slice).ok()) return {};
    return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace

struct RawClient::Channel {
    explicit Channel(const std::string& address)
        : stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())) {}

    bool wait() {
        void* tag = nullptr;
        bool ok = false;
        return queue.Next(&tag, &ok) && ok;
    }

    RawAnswer talk(
        const std::string& path,
        const std::vector<std::string>& requests,
        std::size_t messages_max,
        const Metadata& metadata,
        const std::function<void()>& on_message = {}
    ) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
        for (const auto& [name, value] : metadata) context.AddMetadata(name, value);
        auto call = stub.PrepareCall(&context, path, &queue);
        call->StartCall(this);
        bool is_open = wait();
        for (const std::string& request : requests) {
            if (!is_open) break;
            call->Write(to_buffer(request), this);
            is_open = wait();
        }
        if (is_open) {
            call->WritesDone(this);
            wait();
        }
        RawAnswer answer;
        while (answer.bodies.size() < messages_max) {
            grpc::ByteBuffer body;
            call->Read(&body, this);
            if (!wait()) break;
            answer.bodies.push_back(to_string(body));
            if (on_message) on_message();
        }
        if (answer.bodies.size() == messages_max) context.TryCancel();
        grpc::Status status;
        call->Finish(&status, this);
        wait();
        answer.code = status.error_code();
        answer.message = status.error_message();
        answer.details = status.error_details();
        return answer;
    }

    grpc::GenericStub stub;
    grpc::CompletionQueue queue;
};

RawClient::RawClient(int port)
    : channel_(std::make_unique<Channel>("127.0.0.1:" + std::to_string(port))) {}

RawClient::~RawClient() = default;

RawAnswer RawClient::call(
    const std::string& path, const std::string& request, const Metadata& metadata
) {
    return channel_->talk(path, {request}, std::numeric_limits<std::size_t>::max(), metadata);
}

RawAnswer RawClient::stream(
    const std::string& path,
    const std::string& request,
    std::size_t messages_max,
    const std::function<void()>& on_message
) {
    return channel_->talk(path, {request}, messages_max, {}, on_message);
}

RawAnswer RawClient::converse(const std::string& path, const std::vector<std::string>& requests) {
    return channel_->talk(path, requests, std::numeric_limits<std::size_t>::max(), {});
}

}  // namespace annals::grpc_door::testing
