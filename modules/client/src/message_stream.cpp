// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "message_stream.hpp"

#include <utility>

namespace annals::client {

Result<std::shared_ptr<MessageStream>> MessageStream::start(
    Core& core,
    Poller& poller,
    const Methods::Method& method,
    const api::CallContext& context,
    const grpc::ByteBuffer& request,
    std::size_t ahead_max
) {
    const std::shared_ptr<MessageStream> stream(new MessageStream(poller, ahead_max));
    ANNALS_CHECK(apply(core, context, stream->context_));
    poller.hold();
    const std::lock_guard lock(stream->mutex_);
    stream->reader_.reset(grpc::internal::ClientAsyncReaderFactory<grpc::ByteBuffer>::Create(
        core.channel.get(),
        poller.queue(),
        method,
        &stream->context_,
        request,
        true,
        stream->started_.begin()
    ));
    return stream;
}

void MessageStream::on_started(bool /*ok*/) {
    const std::lock_guard lock(mutex_);
    is_reading_ = false;
    read_locked();
}

void MessageStream::read_locked() {
    is_reading_ = true;
    reader_->Read(&incoming_, read_.begin());
}

void MessageStream::on_read(bool ok) {
    {
        const std::lock_guard lock(mutex_);
        is_reading_ = false;
        if (!ok) {
            is_finishing_ = true;
            reader_->Finish(&status_, finished_.begin());
            return;
        }
        if (!is_closed_) messages_.push_back(std::move(incoming_));
        incoming_ = grpc::ByteBuffer();
        if (messages_.size() < ahead_max_) read_locked();
    }
    wake();
}

void MessageStream::on_finished(bool /*ok*/) {
    {
        const std::lock_guard lock(mutex_);
        end_ = status_;
    }
    wake();
    poller_.release();
}

void MessageStream::wake() {
    const std::lock_guard waking(waker_mutex_);
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(is_armed_, false)) return;
    }
    if (waker_) waker_();
}

Result<MessageStream::Next> MessageStream::next(grpc::ByteBuffer& message) {
    const std::lock_guard lock(mutex_);
    if (!messages_.empty()) {
        message.Swap(&messages_.front());
        messages_.pop_front();
        if (!is_reading_ && !is_finishing_) read_locked();
        return Next::kMessage;
    }
    if (!end_) {
        is_armed_ = true;
        return Next::kNothing;
    }
    if (end_->ok()) return Next::kEnd;
    return error_of(*end_);
}

void MessageStream::set_waker(std::function<void()> waker) {
    const std::lock_guard waking(waker_mutex_);
    waker_ = std::move(waker);
}

void MessageStream::close() {
    context_.TryCancel();
    {
        // what was fetched ahead is dropped, and the rest read away up to the end
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        messages_.clear();
        if (!is_reading_ && !is_finishing_) read_locked();
    }
    set_waker({});
}

}  // namespace annals::client
