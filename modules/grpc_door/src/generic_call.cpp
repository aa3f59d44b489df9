// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "generic_call.hpp"

#include <utility>

#include "answers.hpp"

namespace annals::grpc_door {

void GenericCall::accept(Door& door) {
    auto* call = new GenericCall(door);
    call->context_.AsyncNotifyWhenDone(&call->done_);
    door.generic.RequestCall(
        &call->context_, &call->stream_, door.loop->queue(), door.loop->queue(), &call->accepted_
    );
}

GenericCall::~GenericCall() {
    if (entry_ == nullptr) return;
    door_.generic_calls.erase(this);
    door_.call_over();
}

void GenericCall::on_accepted(bool ok) {
    if (!ok) {
        delete this;  // the server is stopping: no call came, and no other tag will
        return;
    }
    accept(door_);
    static const MethodEntry unknown{"unknown", "unknown", {}};
    const auto found = door_.methods.find(context_.method());
    entry_ = found == door_.methods.end() ? &unknown : &found->second;
    begun_ns_ = system_clock().monotonic_ns();
    door_.call_begun();
    door_.generic_calls.insert(this);
    hold();  // for done_
    if (entry_ == &unknown) {
        finish(RpcAnswer::failed(
            grpc::StatusCode::UNIMPLEMENTED, "there is no method " + context_.method()
        ));
        return;
    }
    logic_ = entry_->make_logic(*this);
    if (door_.is_draining) {
        logic_->on_drain();
    } else {
        read();
    }
}

void GenericCall::read() {
    hold();
    stream_.Read(&message_, &read_);
}

void GenericCall::on_read(bool ok) {
    if (!is_over_ && !is_finished_) {
        if (ok) {
            grpc::Slice message = grpc_kit::flatten(message_);
            message_.Clear();
            logic_->on_message(std::move(message));
        } else {
            logic_->on_end_of_messages();
        }
    }
    release();
}

void GenericCall::write(const grpc::ByteBuffer& message, bool has_more) {
    hold();
    grpc::WriteOptions options;
    // The first message takes the initial metadata along, which gRPC must have written before it
    // calls the write done: buffered, it would wait for a write that never comes.
    if (has_more && has_written_) options.set_buffer_hint();
    has_written_ = true;
    stream_.Write(message, options, &written_);
}

void GenericCall::on_written(bool ok) {
    if (ok && !is_over_) logic_->on_written();
    release();
}

void GenericCall::finish(RpcAnswer answer) {
    const bool has_message = !answer.body.empty();
    finish(std::move(answer), has_message);
}

void GenericCall::finish_unary(RpcAnswer answer) {
    // A unary call that went well has a message, also an empty one.
    finish(std::move(answer), true);
}

void GenericCall::finish(RpcAnswer answer, bool has_message) {
    if (is_finished_) return;
    is_finished_ = true;
    code_ = answer.code;
    hold();
    if (answer.code == 0 && has_message) {
        stream_.WriteAndFinish(
            grpc_kit::make_buffer(std::move(answer.body)),
            grpc::WriteOptions(),
            grpc::Status::OK,
            &finished_
        );
    } else {
        stream_.Finish(to_status(answer), &finished_);
    }
}

void GenericCall::finish(const Error& error) { finish(answer_of(error, context_)); }

void GenericCall::on_finished(bool /*ok*/) {
    over();
    release();
}

void GenericCall::on_done(bool /*ok*/) {
    if (!is_finished_) {
        is_finished_ = true;
        code_ = grpc::StatusCode::CANCELLED;
    }
    over();
    release();
}

void GenericCall::over() {
    if (is_over_) return;
    is_over_ = true;
    door_.observe(entry_->service, entry_->method, code_, begun_ns_);
    if (logic_) logic_->on_over();
}

void GenericCall::release() {
    if (--holders_ == 0) delete this;
}

}  // namespace annals::grpc_door
