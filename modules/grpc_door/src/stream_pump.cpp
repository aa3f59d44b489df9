// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stream_pump.hpp"

#include <utility>

namespace annals::grpc_door {

void StreamPump::start(const std::shared_ptr<StreamPump>& pump, std::unique_ptr<RpcStream> stream) {
    // The stream is destroyed by close() before the pump goes, and with it the waker.
    stream->set_waker([raw = pump.get()] { raw->on_wake(); });
    const std::lock_guard lock(pump->mutex_);
    if (pump->is_closed_) return;
    pump->stream_ = std::move(stream);
    pump->deliver_locked();
}

void StreamPump::on_wake() {
    std::optional<Fetched> fetched;
    {
        const std::lock_guard lock(mutex_);
        is_armed_ = false;
        fetched = fetch_locked();
    }
    // Outside the lock, which the receiver may want; close() waits for the waker.
    if (fetched) deliver_(std::move(*fetched), From::kWaker);
}

bool StreamPump::give_credit() {
    const std::lock_guard lock(mutex_);
    has_credit_ = true;
    return stream_ != nullptr && !is_armed_ && !is_ended_;
}

void StreamPump::fetch() {
    const std::lock_guard lock(mutex_);
    if (!is_armed_) deliver_locked();
}

void StreamPump::deliver_locked() {
    std::optional<Fetched> fetched = fetch_locked();
    if (fetched) deliver_(std::move(*fetched), From::kWorker);
}

std::optional<Fetched> StreamPump::fetch_locked() {
    if (stream_ == nullptr || !has_credit_ || is_ended_) return std::nullopt;
    has_credit_ = false;
    Fetched fetched;
    std::size_t bytes = 0;
    while (fetched.messages.size() < kMessagesMax && bytes < kBytesMax) {
        std::string message;
        Result<RpcStream::Next> next = stream_->next(message);
        if (!next || *next == RpcStream::Next::kEnd) {
            is_ended_ = true;
            fetched.then = Fetched::Then::kEnd;
            if (!next) fetched.error = std::move(next).take_error();
            break;
        }
        if (*next == RpcStream::Next::kNothing) {
            is_armed_ = true;
            fetched.then = Fetched::Then::kNothing;
            break;
        }
        bytes += message.size();
        fetched.messages.push_back(std::move(message));
    }
    if (fetched.messages.empty() && fetched.then == Fetched::Then::kNothing) {
        has_credit_ = true;  // nothing was delivered: the waker may fetch again at once
        return std::nullopt;
    }
    return fetched;
}

Status StreamPump::message(std::string_view bytes) {
    std::shared_ptr<RpcStream> stream;
    {
        const std::lock_guard lock(mutex_);
        stream = stream_;
    }
    if (stream == nullptr) return ok();
    return stream->on_message(bytes);
}

void StreamPump::close() {
    std::shared_ptr<RpcStream> stream;
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        stream = std::move(stream_);
    }
    // outside the lock: the destructor waits for a waker that may be waiting for the lock
    stream.reset();
}

}  // namespace annals::grpc_door
