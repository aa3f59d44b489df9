// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_stream.hpp"

#include <utility>

#include "annals/api_wire/group_wire.hpp"
#include "annals/grpc_kit/bytes.hpp"

namespace annals::client {

Result<std::shared_ptr<GroupStream>> GroupStream::start(
    Core& core, const Methods::Method& method, const api::CallContext& context, std::string join
) {
    const std::shared_ptr<GroupStream> stream(new GroupStream(core.streams()));
    // The membership outlives the call that makes it: no deadline of its own.
    api::CallContext lasting = context;
    lasting.deadline_ns = api::CallContext().deadline_ns;
    ANNALS_CHECK(apply(core, lasting, stream->context_));
    stream->poller_.hold();
    using Factory =
        grpc::internal::ClientAsyncReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>;
    const std::lock_guard lock(stream->mutex_);
    stream->outgoing_.push_back(std::move(join));
    stream->stream_.reset(Factory::Create(
        core.channel.get(),
        stream->poller_.queue(),
        method,
        &stream->context_,
        true,
        stream->started_.begin()
    ));
    return stream;
}

void GroupStream::on_started(bool ok) {
    const std::lock_guard lock(mutex_);
    is_writing_ = false;
    is_broken_ = !ok;
    stream_->Read(&incoming_, read_.begin());
    write_next();
}

void GroupStream::write_next() {
    if (is_writing_ || is_broken_ || outgoing_.empty()) return;
    is_writing_ = true;
    const grpc::ByteBuffer message = grpc_kit::make_buffer(std::move(outgoing_.front()));
    outgoing_.pop_front();
    stream_->Write(message, grpc::WriteOptions(), written_.begin());
}

void GroupStream::on_written(bool ok) {
    const std::lock_guard lock(mutex_);
    is_writing_ = false;
    is_broken_ = is_broken_ || !ok;
    write_next();
}

void GroupStream::on_read(bool ok) {
    if (!ok) {
        stream_->Finish(&status_, finished_.begin());
        return;
    }
    const grpc::Slice bytes = grpc_kit::flatten(incoming_);
    Result<api_wire::GroupWork> work = api_wire::decode_group_work(grpc_kit::view(bytes));
    if (!work) {
        context_.TryCancel();
    } else {
        const std::lock_guard lock(mutex_);
        if (work->joined) joined_ = work->joined;
        if (work->settled) {
            answers_.push_back(std::move(*work->settled));
        }
        if (!work->deliveries.empty()) deliveries_.push_back(std::move(work->deliveries));
    }
    changed_.notify_all();
    wake();
    incoming_ = grpc::ByteBuffer();
    stream_->Read(&incoming_, read_.begin());
}

void GroupStream::on_finished(bool /*ok*/) {
    {
        const std::lock_guard lock(mutex_);
        is_broken_ = true;
        end_ = status_;
    }
    changed_.notify_all();
    wake();
    poller_.release();
}

Error GroupStream::end_error() const {
    if (end_->ok()) return Error(ErrorCode::kUnavailable, "the server ended the membership");
    return error_of(*end_);
}

void GroupStream::wake() {
    const std::lock_guard waking(waker_mutex_);
    {
        const std::lock_guard lock(mutex_);
        if (deliveries_.empty() && !end_) return;
        if (!std::exchange(is_armed_, false)) return;
    }
    if (waker_) waker_();
}

Result<std::uint64_t> GroupStream::wait_joined() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return joined_ || end_; });
    if (joined_) return *joined_;
    return end_error();
}

Result<bool> GroupStream::try_next(api::GroupDeliveries& deliveries, std::uint32_t events_max) {
    const std::lock_guard lock(mutex_);
    if (!deliveries_.empty()) {
        deliveries = deliveries_.front().take_first(events_max);
        if (deliveries_.front().empty()) deliveries_.pop_front();
        return true;
    }
    if (end_) return end_error();
    is_armed_ = true;
    return false;
}

void GroupStream::set_waker(std::function<void()> waker) {
    const std::lock_guard waking(waker_mutex_);
    waker_ = std::move(waker);
}

Result<std::vector<api::RefusedSettlement>> GroupStream::settle(
    const std::vector<api::Settlement>& settled
) {
    std::string message;
    api_wire::encode_settle_message(message, settled);
    const std::lock_guard one(settle_mutex_);
    std::unique_lock lock(mutex_);
    if (end_) return end_error();
    outgoing_.push_back(std::move(message));
    write_next();
    changed_.wait(lock, [&] { return !answers_.empty() || end_; });
    if (answers_.empty()) return end_error();
    std::vector<api::RefusedSettlement> refused = std::move(answers_.front());
    answers_.pop_front();
    return refused;
}

void GroupStream::close() {
    context_.TryCancel();
    set_waker({});
}

}  // namespace annals::client
