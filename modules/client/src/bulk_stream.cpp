// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "bulk_stream.hpp"

#include <array>
#include <utility>

#include "annals/api_wire/append_wire.hpp"
#include "annals/grpc_kit/bytes.hpp"

namespace annals::client {
namespace {

constexpr std::size_t kPartBytes = 4u << 20u;

std::size_t bytes_of(const model::NewEvent& event) {
    return event.data.size() + event.metadata.size() + event.stream.size() + event.type.size();
}

grpc::ByteBuffer make_part(
    std::string_view name_space, const model::AppendRequest& request, bool is_part
) {
    std::string append;
    append.reserve(api_wire::append_request_bytes_min(request) + 64 * (request.events.size() + 1));
    api_wire::encode_append_request(append, name_space, request);
    std::string head;
    api_wire::begin_append_part(head, append.size(), is_part);
    const std::array<grpc::Slice, 2> slices{
        grpc_kit::make_slice(std::move(head)), grpc_kit::make_slice(std::move(append))
    };
    return {slices.data(), slices.size()};
}

}  // namespace

std::vector<grpc::ByteBuffer> make_parts(
    std::string_view name_space, const model::AppendRequest& request, std::size_t& bytes
) {
    std::vector<grpc::ByteBuffer> parts;
    bytes = api_wire::append_request_bytes_min(request);
    if (bytes <= kPartBytes) {
        parts.push_back(make_part(name_space, request, false));
        return parts;
    }
    model::AppendRequest part = request;
    part.events.clear();
    std::size_t part_bytes = 0;
    for (const model::NewEvent& event : request.events) {
        if (!part.events.empty() && part_bytes + bytes_of(event) > kPartBytes) {
            parts.push_back(make_part(name_space, part, true));
            part = model::AppendRequest{};
            part_bytes = 0;
        }
        part.events.push_back(event);
        part_bytes += bytes_of(event);
    }
    parts.push_back(make_part(name_space, part, false));
    return parts;
}

Result<std::shared_ptr<BulkStream>> BulkStream::start(
    Core& core, const api::CallContext& context, const BulkOptions& options
) {
    const std::shared_ptr<BulkStream> stream(new BulkStream(core.calls(), options));
    ANNALS_CHECK(apply(core, context, stream->context_));
    stream->poller_.hold();
    stream->name_space_ = sent_namespace(context);
    using Factory =
        grpc::internal::ClientAsyncReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>;
    const std::lock_guard lock(stream->mutex_);
    stream->stream_.reset(Factory::Create(
        core.channel.get(),
        core.calls().queue(),
        core.methods.append_stream,
        &stream->context_,
        true,
        stream->started_.begin()
    ));
    return stream;
}

void BulkStream::append(const model::AppendRequest& request, api::AppendDone done) {
    std::size_t bytes = 0;
    std::vector<grpc::ByteBuffer> parts = make_parts(name_space_, request, bytes);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
        return result_ || places_.empty() ||
               (places_.size() < options_.appends_max &&
                bytes_under_way_ + bytes <= options_.bytes_max);
    });
    if (result_) {
        Error error = *result_ ? Error(ErrorCode::kCancelled, "the bulk call has ended")
                               : result_->error();
        lock.unlock();
        done(std::move(error));
        return;
    }
    places_.push_back({bytes, std::move(done)});
    bytes_under_way_ += bytes;
    for (grpc::ByteBuffer& part : parts) outgoing_.push_back(std::move(part));
    write_next();
}

void BulkStream::write_next() {
    if (is_writing_ || is_broken_) return;
    if (!outgoing_.empty()) {
        is_writing_ = true;
        const grpc::ByteBuffer message = std::move(outgoing_.front());
        outgoing_.pop_front();
        grpc::WriteOptions options;
        if (!outgoing_.empty()) options.set_buffer_hint();
        stream_->Write(message, options, written_.begin());
    } else if (has_ended_) {
        is_writing_ = true;
        stream_->WritesDone(writes_done_.begin());
    }
}

void BulkStream::end() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(has_ended_, true)) return;
    write_next();
}

void BulkStream::on_started(bool ok) {
    const std::lock_guard lock(mutex_);
    is_writing_ = false;
    is_broken_ = !ok;
    stream_->Read(&answer_, read_.begin());
    write_next();
}

void BulkStream::on_written(bool ok) {
    const std::lock_guard lock(mutex_);
    is_writing_ = false;
    is_broken_ = is_broken_ || !ok;
    write_next();
}

void BulkStream::on_writes_done(bool /*ok*/) {}

void BulkStream::on_read(bool ok) {
    if (!ok) {
        stream_->Finish(&status_, finished_.begin());
        return;
    }
    const grpc::Slice bytes = grpc_kit::flatten(answer_);
    Result<Result<api::AppendResponse>> outcome = api_wire::decode_append_outcome(
        grpc_kit::view(bytes)
    );
    api::AppendDone done;
    {
        const std::lock_guard lock(mutex_);
        if (!places_.empty()) {
            bytes_under_way_ -= places_.front().bytes;
            done = std::move(places_.front().done);
            places_.pop_front();
        }
    }
    changed_.notify_all();
    if (done) done(outcome ? std::move(*outcome) : std::move(outcome).take_error());
    stream_->Read(&answer_, read_.begin());
}

void BulkStream::on_finished(bool /*ok*/) {
    std::deque<Place> unanswered;
    Status result;
    {
        const std::lock_guard lock(mutex_);
        is_broken_ = true;
        unanswered = std::move(places_);
        places_.clear();
    }
    if (!status_.ok()) {
        result = error_of(status_);
    } else if (!unanswered.empty()) {
        result = Error(ErrorCode::kUnavailable, "the server ended the call before it answered");
    }
    for (Place& place : unanswered) place.done(result.error());
    {
        const std::lock_guard lock(mutex_);
        result_ = std::move(result);
    }
    changed_.notify_all();
    poller_.release();
}

Status BulkStream::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return result_.has_value(); });
    return *result_;
}

void BulkStream::cancel() { context_.TryCancel(); }

}  // namespace annals::client
