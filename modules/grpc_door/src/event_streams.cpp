// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_streams.hpp"

#include <algorithm>
#include <utility>

#include "annals/api_wire/read_wire.hpp"
#include "annals/api_wire/subscribe_wire.hpp"

namespace annals::grpc_door {
namespace {

constexpr std::uint32_t kScanPageEvents = 100;

}  // namespace

SubscribeStream::SubscribeStream(std::unique_ptr<api::Subscription> subscription)
    : subscription_(std::move(subscription)) {}

void SubscribeStream::set_waker(std::function<void()> waker) {
    subscription_->set_waker(std::move(waker));
}

Result<RpcStream::Next> SubscribeStream::next(std::string& message) {
    api::SubscriptionFrame frame;
    ANNALS_TRY(const bool has_frame, subscription_->try_next(frame));
    if (!has_frame) return Next::kNothing;
    message = frame.events.take_bytes();
    api_wire::encode_subscribe_response_tail(message, frame);
    return Next::kMessage;
}

ScanStream::ScanStream(
    api::EventStore& store, const api::CallContext& context, api::ReadRequest request
)
    : store_(store),
      name_space_(context.name_space),
      request_(std::move(request)),
      has_limit_(request_.limit != 0),
      left_(request_.limit) {
    // the trace context's views end with the call's opening
    context_.name_space = name_space_;
    context_.deadline_ns = context.deadline_ns;
    request_.limit = has_limit_ ? std::min(request_.limit, kScanPageEvents) : kScanPageEvents;
}

Result<RpcStream::Next> ScanStream::next(std::string& message) {
    if (is_end_) return Next::kEnd;
    ANNALS_TRY(api::ReadPage page, store_.read(context_, request_));
    const std::size_t count = page.events.size();
    left_ -= std::min<std::uint64_t>(left_, count);
    is_end_ = page.is_end || page.next.empty() || (has_limit_ && left_ == 0);
    message = page.events.take_bytes();
    api_wire::encode_read_response_tail(message, page);
    request_.start = api::AfterToken{page.next};
    request_.min_position.clear();
    if (has_limit_) {
        request_.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(left_, request_.limit));
    }
    return Next::kMessage;
}

}  // namespace annals::grpc_door
