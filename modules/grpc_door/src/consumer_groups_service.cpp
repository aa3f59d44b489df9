// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/grpc_door/consumer_groups_service.hpp"

#include <deque>
#include <mutex>
#include <string>
#include <utility>

#include "annals/api_wire/group_wire.hpp"

namespace annals::grpc_door {
namespace {

using Body = Result<std::string>;

Body body_of(const Result<api::GroupStatus>& status) {
    if (!status) return status.error();
    std::string body;
    api_wire::encode_group_status(body, *status);
    return body;
}

/// A member's call: deliveries and answers out, settlements in. An answer and what its settlement
/// made room for go out as one message.
class MemberStream final : public RpcStream {
  public:
    explicit MemberStream(std::unique_ptr<api::GroupMembership> membership)
        : membership_(std::move(membership)) {
        std::string joined;
        api_wire::encode_joined(joined, membership_->id());
        answers_.push_back(std::move(joined));
    }

    Result<Next> next(std::string& message) override {
        std::string answer = take_answer();
        api::GroupDeliveries deliveries;
        const Result<bool> has_some = membership_->try_next(deliveries, 0);
        if (!has_some) {
            if (answer.empty()) return has_some.error();
            message = std::move(answer);  // the error comes with the next call
            return Next::kMessage;
        }
        if (*has_some) {
            message = deliveries.events.take_bytes();
            api_wire::encode_work_tail(message, deliveries);
        } else if (answer.empty()) {
            // One may have come between: its waker found this one not armed yet.
            answer = take_answer();
        }
        message += answer;
        return message.empty() ? Next::kNothing : Next::kMessage;
    }

    void set_waker(std::function<void()> waker) override {
        waker_ = std::move(waker);
        membership_->set_waker([this] {
            {
                const std::lock_guard lock(mutex_);
                if (is_settling_) return;  // on_message() calls the waker when it has the answer
            }
            waker_();
        });
    }

    Status on_message(std::string_view bytes) override {
        ANNALS_TRY(const auto message, api_wire::decode_member_message(bytes));
        if (!message.settle) {
            return Error(
                       ErrorCode::kInvalidArgument,
                       "settle is not set: a call joins once, then it settles deliveries"
            )
                .with("field", "settle");
        }
        set_settling(true);
        const auto refused = membership_->settle(*message.settle);
        if (refused) {
            std::string answer;
            api_wire::encode_settled(answer, *refused);
            const std::lock_guard lock(mutex_);
            answers_.push_back(std::move(answer));
        }
        set_settling(false);
        if (waker_) waker_();
        if (!refused) return refused.error();
        return ok();
    }

  private:
    std::string take_answer() {
        const std::lock_guard lock(mutex_);
        if (answers_.empty()) return {};
        std::string answer = std::move(answers_.front());
        answers_.pop_front();
        return answer;
    }
    void set_settling(bool is_settling) {
        const std::lock_guard lock(mutex_);
        is_settling_ = is_settling;
    }

    std::function<void()> waker_;
    std::mutex mutex_;
    /// At most the one of `joined` and as many as the caller sends without reading, which the
    /// door's own flow control bounds: one message is taken after the other.
    std::deque<std::string> answers_;
    bool is_settling_ = false;
    std::unique_ptr<api::GroupMembership> membership_;  // goes first: its waker is of this
};

class ConsumerGroupsService final : public RpcService {
  public:
    explicit ConsumerGroupsService(api::ConsumerGroups& groups) : groups_(groups) {}

    [[nodiscard]] std::string_view full_name() const override { return "annals.v1.ConsumerGroups"; }

    [[nodiscard]] std::vector<RpcMethod> methods() override {
        std::vector<RpcMethod> methods;
        methods.push_back(blocking("Create", &ConsumerGroupsService::create));
        methods.push_back(blocking("Update", &ConsumerGroupsService::update));
        methods.push_back(blocking("Get", &ConsumerGroupsService::get));
        methods.push_back(blocking("List", &ConsumerGroupsService::list));
        methods.push_back(blocking("Control", &ConsumerGroupsService::control));
        methods.push_back(blocking("History", &ConsumerGroupsService::history));
        methods.push_back(blocking("ListParked", &ConsumerGroupsService::list_parked));
        methods.push_back(blocking("GetParked", &ConsumerGroupsService::get_parked));
        methods.push_back(blocking("ChangeParked", &ConsumerGroupsService::change_parked));
        methods.push_back(blocking("EditParked", &ConsumerGroupsService::edit_parked));
        RpcMethod& join = methods.emplace_back();
        join.name = "Join";
        join.is_bidirectional = true;
        join.open = [this](const RpcRequest& request) { return open(request); };
        return methods;
    }

  private:
    using Blocking = Body (ConsumerGroupsService::*)(const RpcRequest&);

    RpcMethod blocking(std::string name, Blocking member) {
        RpcMethod method;
        method.name = std::move(name);
        method.may_block = true;
        method.handle = [this, member](const RpcRequest& request, const RpcDone& done) {
            Body body = (this->*member)(request);
            done(body ? RpcAnswer::ok(std::move(*body)) : RpcAnswer::failed(body.error()));
        };
        return method;
    }

    Body create(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_create_group_request(request.message()));
        return body_of(
            groups_.create(api::in_namespace(request.context(), call.name_space), call.request)
        );
    }
    Body update(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_update_group_request(request.message()));
        return body_of(
            groups_.update(api::in_namespace(request.context(), call.name_space), call.request)
        );
    }
    Body get(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_named_group_request(request.message()));
        return body_of(
            groups_.get(api::in_namespace(request.context(), call.name_space), call.request.group)
        );
    }
    Body list(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_list_groups_request(request.message()));
        ANNALS_TRY(
            const auto found,
            groups_.list(api::in_namespace(request.context(), call.name_space), call.request)
        );
        std::string body;
        api_wire::encode_group_list(body, found);
        return body;
    }
    Body control(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_control_group_request(request.message()));
        return body_of(
            groups_.control(api::in_namespace(request.context(), call.name_space), call.request)
        );
    }
    Body history(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_group_history_request(request.message()));
        ANNALS_TRY(
            const auto found,
            groups_.history(api::in_namespace(request.context(), call.name_space), call.request)
        );
        std::string body;
        api_wire::encode_group_history(body, found);
        return body;
    }
    Body list_parked(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_list_parked_request(request.message()));
        ANNALS_TRY(
            const auto found,
            groups_.list_parked(api::in_namespace(request.context(), call.name_space), call.request)
        );
        std::string body;
        api_wire::encode_parked_list(body, found);
        return body;
    }
    Body get_parked(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_named_group_request(request.message()));
        const auto context = api::in_namespace(request.context(), call.name_space);
        ANNALS_TRY(
            const auto found, groups_.get_parked(context, call.request.group, call.request.at)
        );
        std::string body;
        api_wire::encode_parked_details(body, found);
        return body;
    }
    Body change_parked(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_change_parked_request(request.message()));
        ANNALS_TRY(
            const std::uint64_t changed,
            groups_.change_parked(
                api::in_namespace(request.context(), call.name_space), call.request
            )
        );
        std::string body;
        api_wire::encode_change_parked_response(body, changed);
        return body;
    }
    Body edit_parked(const RpcRequest& request) {
        ANNALS_TRY(const auto call, api_wire::decode_edit_parked_request(request.message()));
        ANNALS_CHECK(
            groups_.edit_parked(api::in_namespace(request.context(), call.name_space), call.request)
        );
        return std::string();
    }

    Result<std::unique_ptr<RpcStream>> open(const RpcRequest& request) {
        ANNALS_TRY(const auto message, api_wire::decode_member_message(request.message()));
        if (!message.join) {
            return Error(ErrorCode::kInvalidArgument, "join is not set: a call begins with it")
                .with("field", "join");
        }
        const auto context = api::in_namespace(request.context(), message.join->name_space);
        ANNALS_TRY(auto membership, groups_.join(context, message.join->request));
        return std::unique_ptr<RpcStream>(std::make_unique<MemberStream>(std::move(membership)));
    }

    api::ConsumerGroups& groups_;
};

}  // namespace

Status RpcStream::on_message(std::string_view /*message*/) {
    return Error(ErrorCode::kInvalidArgument, "this method takes one message");
}

std::unique_ptr<RpcService> make_consumer_groups_service(api::ConsumerGroups& groups) {
    return std::make_unique<ConsumerGroupsService>(groups);
}

}  // namespace annals::grpc_door
