// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "hot_call.hpp"

#include "answers.hpp"

namespace annals::grpc_door {

void HotPlaces::fill() {
    while (waiting_ < kWaitingMax) {
        if (free_.empty()) {
            if (all_.size() == calls_max_) return;
            free_.push_back(all_.emplace_back(make_(*this)).get());
        }
        HotCall* place = free_.back();
        free_.pop_back();
        ++waiting_;
        place->post();
    }
}

void HotCall::post() {
    state_ = State::kWaiting;
    writer_.reset();
    context_.emplace();
    writer_.emplace(&*context_);
    service_.request(method_, *context_, request_, *writer_, *door_.loop, *this);
}

void HotCall::complete(bool ok) {
    if (state_ == State::kWaiting) {
        if (!ok) return;  // the server is stopping: no call came
        state_ = State::kRunning;
        door_.call_begun();
        begun_ns_ = system_clock().monotonic_ns();
        code_ = 0;
        message_ = grpc_kit::flatten(request_);
        request_.Clear();
        if (!door_.is_draining) places_.taken();
        begin();
        return;
    }
    drop_message();
    door_.observe(service_name_, name_, code_, begun_ns_);
    places_.free(*this);
    if (!door_.is_draining) places_.fill();
    door_.call_over();
}

void HotCall::drop_message() { message_ = grpc::Slice(); }

void HotCall::answer(const grpc::ByteBuffer& response) {
    state_ = State::kAnswered;
    writer_->Finish(response, grpc::Status::OK, this);
}

void HotCall::answer(const Error& error) { answer(answer_of(error, *context_)); }

void HotCall::answer(RpcAnswer answer) {
    if (answer.code == 0) return this->answer(grpc_kit::make_buffer(std::move(answer.body)));
    state_ = State::kAnswered;
    code_ = answer.code;
    writer_->FinishWithError(to_status(answer), this);
}

}  // namespace annals::grpc_door
