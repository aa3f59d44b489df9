// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_calls.hpp"

#include <deque>
#include <string_view>
#include <utility>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "annals/api_wire/group_wire.hpp"
#include "annals/codec/wire.hpp"

#include "messages.hpp"
#include "null_service.hpp"

namespace annals::bench_kit {
namespace {

constexpr const char* kJoin = "/annals.v1.ConsumerGroups/Join";
constexpr std::uint32_t kJoinedField = 4;

/// One member's call. Its tags are the places of its parts.
struct MemberCall {
    struct Tag {
        MemberCall* call;
        enum class Of : std::uint8_t { kStart, kRead, kWrite, kFinish } of;
    };

    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream;
    grpc::ByteBuffer message;
    grpc::Status status;
    std::string acks;  ///< that wait for the write under way
    bool is_writing = true;
    Tag start{this, Tag::Of::kStart};
    Tag read{this, Tag::Of::kRead};
    Tag write{this, Tag::Of::kWrite};
    Tag finish{this, Tag::Of::kFinish};

    void write_acks() {
        if (is_writing || acks.empty()) return;
        std::string settle;
        codec::FieldWriter(settle).bytes(kAcksField, acks);
        std::string bytes;
        codec::FieldWriter(bytes).bytes(kSettleField, settle);
        acks.clear();
        is_writing = true;
        stream->Write(to_buffer(bytes), &write);
    }
    void read_next() { stream->Read(&message, &read); }

    /// Notes the deliveries of a message; how many, and whether it says something to the caller.
    std::pair<std::uint64_t, bool> take_message() {
        const grpc::Slice slice = one_piece(message);
        codec::FieldReader reader(view(slice));
        std::uint64_t events = 0;
        bool is_joined = false;
        while (reader.next()) {
            if (reader.field() == kJoinedField) is_joined = true;
            if (reader.field() != kDeliveriesField) continue;
            acks += reader.bytes();
            events += reader.bytes().size() / kDeliveryBytes;
        }
        return {events, is_joined || events > 0};
    }
};

}  // namespace

struct GroupCalls::Impl {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<grpc::GenericStub> stub;
};

GroupCalls::GroupCalls(const std::string& address) : impl_(std::make_unique<Impl>()) {
    impl_->channel = make_channel(address);
    impl_->stub = std::make_unique<grpc::GenericStub>(impl_->channel);
}

GroupCalls::~GroupCalls() = default;

Status GroupCalls::work(
    const std::string& group, std::size_t members, const OnDeliveries& on_deliveries
) {
    std::string join;
    api_wire::encode_join_message(join, {}, {group, "bench", 0, false});
    return work(kJoin, join, members, on_deliveries);
}

Status GroupCalls::work_null(
    const std::string& message, std::size_t members, const OnDeliveries& on_deliveries
) {
    return work(kNullGroup, message, members, on_deliveries);
}

Status GroupCalls::work(
    const char* method,
    const std::string& first,
    std::size_t members,
    const OnDeliveries& on_deliveries
) {
    using Of = MemberCall::Tag::Of;
    grpc::CompletionQueue queue;
    std::deque<MemberCall> calls(members);
    for (MemberCall& call : calls) {
        call.stream = impl_->stub->PrepareCall(&call.context, method, &queue);
        call.stream->StartCall(&call.start);
    }
    std::size_t open = members;
    bool is_over = false;
    Status failure = ok();
    const auto end = [&] {
        if (std::exchange(is_over, true)) return;
        for (MemberCall& call : calls) call.context.TryCancel();
    };
    void* place = nullptr;
    bool is_ok = false;
    while (open > 0 && queue.Next(&place, &is_ok)) {
        const MemberCall::Tag& tag = *static_cast<MemberCall::Tag*>(place);
        MemberCall& call = *tag.call;
        switch (tag.of) {
            case Of::kStart:
                if (is_ok) call.stream->Write(to_buffer(first), &call.write);
                call.read_next();
                break;
            case Of::kWrite:
                call.is_writing = false;
                if (is_ok) call.write_acks();
                break;
            case Of::kRead: {
                if (!is_ok) {
                    call.stream->Finish(&call.status, &call.finish);
                    break;
                }
                const auto [events, says_something] = call.take_message();
                if (says_something && !on_deliveries(events)) end();
                call.write_acks();
                call.read_next();
                break;
            }
            case Of::kFinish:
                --open;
                if (!is_over && failure) failure = to_error(call.status);
                end();
                break;
        }
    }
    queue.Shutdown();
    while (queue.Next(&place, &is_ok)) {
    }
    return failure;
}

}  // namespace annals::bench_kit
