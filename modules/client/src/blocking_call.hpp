// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "annals/grpc_kit/bytes.hpp"

#include "core.hpp"
#include "unary_call.hpp"

namespace annals::client {

/// Lets a thread wait for an answer that comes on another.
template <typename Answer>
class Promised {
  public:
    void set(Answer answer) {
        const std::lock_guard lock(mutex_);
        answer_.emplace(std::move(answer));
        answered_.notify_one();
    }
    Answer take() {
        std::unique_lock lock(mutex_);
        answered_.wait(lock, [&] { return answer_.has_value(); });
        return std::move(*answer_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable answered_;
    std::optional<Answer> answer_;
};

/// One unary call and its answer, decoded on the calls' thread.
template <typename Decode>
auto call_and_wait(
    Core& core,
    const Methods::Method& method,
    const api::CallContext& context,
    std::string request,
    Decode decode
) -> decltype(decode(std::string_view())) {
    using Answer = decltype(decode(std::string_view()));
    Promised<Answer> promised;
    start_unary(
        core,
        method,
        context,
        grpc_kit::make_buffer(std::move(request)),
        [&](Result<std::string_view> bytes) {
            if (bytes) {
                promised.set(decode(*bytes));
            } else {
                promised.set(std::move(bytes).take_error());
            }
        }
    );
    return promised.take();
}

}  // namespace annals::client
