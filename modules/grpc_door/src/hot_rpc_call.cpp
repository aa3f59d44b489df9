// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "hot_rpc_call.hpp"

#include <utility>

namespace annals::grpc_door {

void HotRpcCall::begin() {
    loop_thread_ = std::this_thread::get_id();
    request_.emplace(context(), slice());
    method_.handle(*request_, [this](RpcAnswer answered) {
        if (std::this_thread::get_id() == loop_thread_) {
            answer(std::move(answered));
            return;
        }
        answer_ = std::move(answered);
        door().loop->post(*this);
    });
    // The place is not used again before the loop goes on, so the handler's views were good.
    request_.reset();
    drop_message();
}

void HotRpcCall::run() { answer(std::exchange(answer_, RpcAnswer())); }

}  // namespace annals::grpc_door
