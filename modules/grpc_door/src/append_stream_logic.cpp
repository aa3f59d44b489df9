// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "append_stream_logic.hpp"

#include <iterator>
#include <string>
#include <utility>

#include "annals/api_wire/append_wire.hpp"
#include "annals/model/limits.hpp"

#include "caller.hpp"
#include "messages.hpp"

namespace annals::grpc_door {
namespace {

using model::Limits;

Error too_large(std::size_t limit) {
    return Error(
               ErrorCode::kLimitExceeded,
               "the parts of the append hold more than " + std::to_string(limit) + " bytes"
    )
        .with("field", "append")
        .with("limit", std::to_string(limit));
}

/// Adds the events of a later part; the rest of it does not count.
Status add_events(std::string_view bytes, model::AppendRequest& request) {
    api_wire::AppendCall part;
    ANNALS_CHECK(api_wire::decode_append_request(bytes, part));
    std::vector<model::NewEvent>& more = part.request.events;
    if (request.events.size() + more.size() > Limits::kAppendEventsMax) {
        return Error(
                   ErrorCode::kLimitExceeded,
                   "the parts of the append hold more than " +
                       std::to_string(Limits::kAppendEventsMax) + " events"
        )
            .with("field", "events")
            .with("limit", std::to_string(Limits::kAppendEventsMax));
    }
    request.events.insert(
        request.events.end(),
        std::make_move_iterator(more.begin()),
        std::make_move_iterator(more.end())
    );
    return ok();
}

Result<api_wire::AppendCall> join(const std::vector<grpc::Slice>& messages) {
    api_wire::AppendCall call;
    bool is_first = true;
    for (const grpc::Slice& message : messages) {
        ANNALS_TRY(
            const api_wire::AppendPart part, api_wire::decode_append_part(grpc_kit::view(message))
        );
        if (is_first) {
            ANNALS_CHECK(api_wire::decode_append_request(part.append, call));
        } else {
            ANNALS_CHECK(add_events(part.append, call.request));
        }
        is_first = false;
    }
    return call;
}

}  // namespace

void AppendStreamLogic::on_message(grpc::Slice message) {
    is_reading_ = false;
    const Result<api_wire::AppendPart> part = api_wire::decode_append_part(grpc_kit::view(message));
    if (!part) {
        messages_.clear();
        message_bytes_ = 0;
        answer_at_once(part.error());
        go_on();
        return;
    }
    const bool is_part = part->is_part;
    message_bytes_ += message.size();
    if (message_bytes_ > Limits::kAppendBytesMax + (1u << 20u)) {
        is_too_large_ = true;
        messages_.clear();
    } else {
        messages_.push_back(std::move(message));
    }
    if (!is_part) append();
    go_on();
}

void AppendStreamLogic::append() {
    const std::vector<grpc::Slice> messages = std::exchange(messages_, {});
    const std::size_t bytes = std::exchange(message_bytes_, 0);
    if (std::exchange(is_too_large_, false)) {
        answer_at_once(too_large(Limits::kAppendBytesMax));
        return;
    }
    const Result<api_wire::AppendCall> call = join(messages);
    if (!call) {
        answer_at_once(call.error());
        return;
    }
    Place& place = add_place(bytes);
    call_.hold();  // until the answer has come back
    call_.door().store.append(
        context_of(call_.context(), call->name_space),
        call->request,
        [&place, loop = call_.door().loop.get()](Outcome outcome) {
            place.outcome.emplace(std::move(outcome));
            loop->post(place);
        }
    );
}

AppendStreamLogic::Place& AppendStreamLogic::add_place(std::size_t bytes) {
    bytes_under_way_ += bytes;
    return *places_.emplace_back(std::make_unique<Place>(*this, bytes));
}

void AppendStreamLogic::answer_at_once(Error error) {
    Place& place = add_place(0);
    place.outcome.emplace(std::move(error));
    place.is_back = true;
}

void AppendStreamLogic::on_answer() {
    // Which place it was does not matter: those in front are looked at, in order.
    go_on();
    call_.release();
}

void AppendStreamLogic::on_end_of_messages() {
    is_reading_ = false;
    has_ended_ = true;
    if (!messages_.empty() || is_too_large_) {
        end_error_ = Error(
                         ErrorCode::kInvalidArgument,
                         "the call ended in the middle of an append in parts; nothing of it was "
                         "written"
        )
                         .with("field", "is_part");
    }
    go_on();
}

void AppendStreamLogic::on_written() {
    is_writing_ = false;
    go_on();
}

void AppendStreamLogic::on_drain() {
    has_ended_ = true;
    if (!end_error_) end_error_ = shutting_down();
    go_on();
}

void AppendStreamLogic::go_on() {
    if (call_.is_over()) return;
    if (!is_writing_ && !places_.empty() && places_.front()->is_back) {
        const std::unique_ptr<Place> place = std::move(places_.front());
        places_.pop_front();
        bytes_under_way_ -= place->bytes;
        std::string bytes;
        api_wire::encode_append_outcome(bytes, *place->outcome);
        is_writing_ = true;
        call_.write(
            grpc_kit::make_buffer(std::move(bytes)), !places_.empty() && places_.front()->is_back
        );
    }
    const GrpcDoorOptions& options = call_.door().options;
    if (!has_ended_ && !is_reading_ && places_.size() < options.bulk_appends_max &&
        bytes_under_way_ < options.bulk_bytes_max) {
        is_reading_ = true;
        call_.read();
    }
    if (has_ended_ && places_.empty() && !is_writing_) {
        if (end_error_) {
            call_.finish(*end_error_);
        } else {
            call_.finish(RpcAnswer::ok({}));
        }
    }
}

}  // namespace annals::grpc_door
