// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stream_logic.hpp"

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "answers.hpp"
#include "messages.hpp"
#include "request_view.hpp"
#include "stream_pump.hpp"

namespace annals::grpc_door {
namespace {

/// The loop's half of a server stream; the other half is the pump.
class StreamLogic final : public CallLogic {
  public:
    StreamLogic(GenericCall& call, const RpcMethod& method) : call_(call), method_(method) {}

    void on_message(grpc::Slice message) override {
        if (pump_) return on_next_message(std::move(message));
        pump_ = std::make_shared<StreamPump>([this](Fetched fetched, StreamPump::From from) {
            // A live event: its bytes are handed to gRPC by the thread that has it, if that can be.
            const bool is_quick = from == StreamPump::From::kWaker &&
                                  fetched.then == Fetched::Then::kNothing;
            call_.door().loop->call(
                [this, kept = std::move(fetched)]() mutable { on_fetched(std::move(kept)); },
                is_quick ? runtime::Haste::kQuick : runtime::Haste::kNone
            );
        });
        call_.hold();  // until the pump is closed
        call_.hold();  // until it is opened
        auto request = std::make_shared<RequestView>(call_.context(), std::move(message));
        const bool is_taken = call_.door().streamers.post(
            [this, request = std::move(request), pump = pump_] { open(*request, pump); }
        );
        if (is_taken) return;
        end_ = answer_of(workers_busy(), call_.context());
        write();
        call_.release();
    }

    void on_end_of_messages() override {
        if (pump_) {
            if (end_) return;
            end_ = RpcAnswer::ok({});
            write();
            return;
        }
        call_.finish(
            RpcAnswer::failed(Error(ErrorCode::kInvalidArgument, "the call ended without a request")
                                  .with("field", "request"))
        );
    }

    void on_written() override {
        is_writing_ = false;
        write();
    }

    void on_over() override {
        messages_.clear();
        close();
    }

    void on_drain() override {
        if (end_) return;
        messages_.clear();
        end_ = answer_of(shutting_down(), call_.context());
        write();
    }

  private:
    /// Left to fetch when the next fetch should begin.
    static constexpr std::size_t kLowMessages = 2;

    /// On a worker.
    void open(const RpcRequest& request, const std::shared_ptr<StreamPump>& pump) {
        Result<std::unique_ptr<RpcStream>> stream = method_.open(request);
        if (stream) {
            StreamPump::start(pump, std::move(*stream));
        } else {
            on_loop([this, error = std::move(stream).take_error()] {
                on_fetched({{}, Fetched::Then::kEnd, error});
            });
        }
        on_loop([this] {
            if (method_.is_bidirectional && !call_.is_over() && !end_) call_.read();
            call_.release();
        });
    }

    /// The next one is read when this one was taken: a caller that sends faster waits.
    void on_next_message(grpc::Slice message) {
        call_.hold();  // until it was taken, and what it was given to is gone
        const auto job = [this, pump = pump_, message = std::move(message)] {
            Status taken = pump->message(grpc_kit::view(message));
            on_loop([this, taken = std::move(taken)] {
                if (!call_.is_over() && !end_) {
                    if (taken) {
                        call_.read();
                    } else {
                        end_ = answer_for(taken.error());
                        messages_.clear();
                        write();
                    }
                }
                call_.release();
            });
        };
        if (!call_.door().streamers.post(job)) {
            end_ = answer_of(workers_busy(), call_.context());
            write();
            call_.release();
        }
    }

    void on_fetched(Fetched fetched) {
        if (call_.is_over() || end_) return;
        is_fetched_ = true;
        for (std::string& message : fetched.messages) messages_.push_back(std::move(message));
        if (fetched.then == Fetched::Then::kEnd) end_ = answer_for(fetched.error);
        write();
    }

    [[nodiscard]] RpcAnswer answer_for(const std::optional<Error>& error) const {
        if (!error) return RpcAnswer::ok({});
        if (method_.to_answer) return method_.to_answer(*error);
        return answer_of(*error, call_.context());
    }

    void write() {
        if (is_writing_ || call_.is_over()) return;
        if (messages_.empty()) {
            if (end_) {
                call_.finish(*end_);
            } else {
                want_more();
            }
            return;
        }
        const grpc::ByteBuffer buffer = grpc_kit::make_buffer(std::move(messages_.front()));
        messages_.pop_front();
        is_writing_ = true;
        call_.write(buffer, !messages_.empty());
        if (messages_.size() <= kLowMessages) want_more();
    }

    void want_more() {
        if (!is_fetched_ || end_) return;
        is_fetched_ = false;
        if (!pump_->give_credit()) return;
        if (call_.door().streamers.post([pump = pump_] { pump->fetch(); })) return;
        end_ = answer_of(workers_busy(), call_.context());
        write();
    }

    /// The pump may wait for the store to let go: a worker does it, and then the call may go.
    void close() {
        if (!pump_) return;
        const auto job = [this, pump = std::move(pump_)] {
            pump->close();
            on_loop([this] { call_.release(); });
        };
        pump_.reset();
        if (!call_.door().streamers.post(job)) job();
    }

    template <typename Function>
    void on_loop(Function function) {
        call_.door().loop->call(std::move(function));
    }

    GenericCall& call_;
    const RpcMethod& method_;
    std::shared_ptr<StreamPump> pump_;
    std::deque<std::string> messages_;
    std::optional<RpcAnswer> end_;
    bool is_writing_ = false;
    bool is_fetched_ = false;
};

}  // namespace

std::unique_ptr<CallLogic> make_stream_logic(GenericCall& call, const RpcMethod& method) {
    return std::make_unique<StreamLogic>(call, method);
}

}  // namespace annals::grpc_door
