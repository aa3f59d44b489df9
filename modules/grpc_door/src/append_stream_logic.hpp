// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "generic_call.hpp"

namespace annals::grpc_door {

/// annals.v1.EventStore.AppendStream: appends as they come, a bounded number of them under way,
/// answers in the order of the requests. Parts of one append are kept until the last one.
class AppendStreamLogic final : public CallLogic {
  public:
    explicit AppendStreamLogic(GenericCall& call) : call_(call) {}

    void on_message(grpc::Slice message) override;
    void on_end_of_messages() override;
    void on_written() override;
    void on_drain() override;

  private:
    using Outcome = Result<api::AppendResponse>;

    /// Place of an append in the order of answers. Also the task that brings its answer.
    struct Place final : public runtime::Task {
        Place(AppendStreamLogic& owner, std::size_t request_bytes)
            : logic(owner), bytes(request_bytes) {}
        void run() override {
            is_back = true;
            logic.on_answer();
        }

        AppendStreamLogic& logic;
        const std::size_t bytes;
        std::optional<Outcome> outcome;
        bool is_back = false;  ///< the loop has seen the outcome
    };

    /// Takes the append that the message completes. A refusal is an answer like any other.
    void append();
    void answer_at_once(Error error);
    Place& add_place(std::size_t bytes);
    void on_answer();
    void go_on();

    GenericCall& call_;
    std::vector<grpc::Slice> messages_;  ///< of the append that is coming in
    std::size_t message_bytes_ = 0;
    bool is_too_large_ = false;
    std::deque<std::unique_ptr<Place>> places_;
    std::size_t bytes_under_way_ = 0;
    bool is_reading_ = true;  ///< the call begins by reading
    bool is_writing_ = false;
    bool has_ended_ = false;  ///< nothing more will come
    std::optional<Error> end_error_;
};

}  // namespace annals::grpc_door
