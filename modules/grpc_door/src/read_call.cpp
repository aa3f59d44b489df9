// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "read_call.hpp"

#include <array>
#include <string>
#include <utility>

#include "caller.hpp"
#include "messages.hpp"

namespace annals::grpc_door {

void ReadCall::begin() {
    Result<api_wire::ReadCall> decoded = api_wire::decode_read_request(message());
    if (!decoded) {
        answer(decoded.error());
        return;
    }
    call_ = std::move(*decoded);
    if (call_.request.limit == 0) call_.request.limit = kReadLimitDefault;
    context_ = context_of(context(), call_.name_space);
    if (auto at_once = door().store.try_read(context_, call_.request)) {
        finish(std::move(*at_once));
        return;
    }
    const bool may_wait = call_.request.max_wait_ms > 0 && !call_.request.min_position.empty();
    runtime::WorkerPool& workers = may_wait ? door().waiters : door().readers;
    const bool is_taken = workers.post([this] {
        page_.emplace(door().store.read(context_, call_.request));
        door().loop->post(*this);
    });
    if (!is_taken) answer(workers_busy());
}

void ReadCall::run() {
    finish(std::move(*page_));
    page_.reset();
}

void ReadCall::finish(Result<api::ReadPage> page) {
    if (!page) {
        answer(page.error());
        return;
    }
    std::string tail;
    api_wire::encode_read_response_tail(tail, *page);
    std::string events = page->events.take_bytes();
    if (events.size() <= kJoinedBytesMax) {
        events += tail;
        answer(grpc_kit::make_buffer(std::move(events)));
        return;
    }
    const std::array<grpc::Slice, 2> slices{
        grpc_kit::make_slice(std::move(events)), grpc_kit::make_slice(std::move(tail))
    };
    answer(grpc::ByteBuffer(slices.data(), slices.size()));
}

}  // namespace annals::grpc_door
