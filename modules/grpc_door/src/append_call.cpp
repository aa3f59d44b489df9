// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "append_call.hpp"

#include <utility>

#include "caller.hpp"

namespace annals::grpc_door {
namespace {

constexpr std::size_t kKeptEventsMax = 256;

/// Empty again, with the memory of its lists unless a large append made them large.
void reset(api_wire::AppendCall& call) {
    call.name_space = {};
    model::AppendRequest& request = call.request;
    request.stream = {};
    request.idempotency_key = {};
    request.tracking.reset();
    request.checks.clear();
    request.events.clear();
    if (request.events.capacity() > kKeptEventsMax) request.events.shrink_to_fit();
}

}  // namespace

void AppendCall::begin() {
    reset(call_);
    if (const Status decoded = api_wire::decode_append_request(message(), call_); !decoded) {
        answer(decoded.error());
        return;
    }
    if (door().is_draining) {
        answer(Error(ErrorCode::kShuttingDown, "the server is stopping; nothing was written"));
        return;
    }
    door().store.append(
        context_of(context(), call_.name_space),
        call_.request,
        [this](Result<api::AppendResponse> outcome) {
            outcome_.emplace(std::move(outcome));
            door().loop->post(*this);
        }
    );
    drop_message();
}

void AppendCall::run() {
    if (*outcome_) {
        scratch_.clear();
        api_wire::encode_append_response(scratch_, **outcome_);
        const grpc::Slice slice(scratch_.data(), scratch_.size());
        answer(grpc::ByteBuffer(&slice, 1));
    } else {
        answer(outcome_->error());
    }
    outcome_.reset();
}

}  // namespace annals::grpc_door
