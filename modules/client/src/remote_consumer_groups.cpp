// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <string>
#include <utility>

#include "annals/api_wire/group_wire.hpp"
#include "annals/client/group_client.hpp"

#include "blocking_call.hpp"
#include "bodies.hpp"
#include "group_stream.hpp"

namespace annals::client {
namespace {

using api::CallContext;
using api::GroupStatus;

/// The methods of annals.v1.ConsumerGroups, registered with the channel.
struct GroupMethods {
    explicit GroupMethods(const std::shared_ptr<grpc::Channel>& channel)
        : create("/annals.v1.ConsumerGroups/Create", kUnary, channel),
          update("/annals.v1.ConsumerGroups/Update", kUnary, channel),
          get("/annals.v1.ConsumerGroups/Get", kUnary, channel),
          list("/annals.v1.ConsumerGroups/List", kUnary, channel),
          control("/annals.v1.ConsumerGroups/Control", kUnary, channel),
          history("/annals.v1.ConsumerGroups/History", kUnary, channel),
          list_parked("/annals.v1.ConsumerGroups/ListParked", kUnary, channel),
          get_parked("/annals.v1.ConsumerGroups/GetParked", kUnary, channel),
          change_parked("/annals.v1.ConsumerGroups/ChangeParked", kUnary, channel),
          edit_parked("/annals.v1.ConsumerGroups/EditParked", kUnary, channel),
          join(
              "/annals.v1.ConsumerGroups/Join", grpc::internal::RpcMethod::BIDI_STREAMING, channel
          ) {}

    static constexpr auto kUnary = grpc::internal::RpcMethod::NORMAL_RPC;
    Methods::Method create, update, get, list, control, history, list_parked, get_parked,
        change_parked, edit_parked, join;
};

class RemoteMembership final : public api::GroupMembership {
  public:
    RemoteMembership(
        std::shared_ptr<Core> core, std::shared_ptr<GroupStream> stream, std::uint64_t id
    )
        : core_(std::move(core)), stream_(std::move(stream)), id_(id) {}
    ~RemoteMembership() override { stream_->close(); }

    [[nodiscard]] std::uint64_t id() const override { return id_; }
    Result<bool> try_next(api::GroupDeliveries& deliveries, std::uint32_t events_max) override {
        return stream_->try_next(deliveries, events_max);
    }
    void set_waker(std::function<void()> waker) override { stream_->set_waker(std::move(waker)); }
    Result<std::vector<api::RefusedSettlement>> settle(const std::vector<api::Settlement>& settled
    ) override {
        return stream_->settle(settled);
    }

  private:
    const std::shared_ptr<Core> core_;           // outlives the stream's operations
    const std::shared_ptr<GroupStream> stream_;  // joins the membership and its operations
    const std::uint64_t id_;
};

class GrpcConsumerGroups final : public api::ConsumerGroups {
  public:
    explicit GrpcConsumerGroups(std::shared_ptr<Core> core)
        : core_(std::move(core)), methods_(core_->channel) {}

    Result<GroupStatus> create(const CallContext& context, const api::CreateGroupRequest& request)
        override {
        std::string bytes;
        api_wire::encode_create_group_request(bytes, sent_namespace(context), request);
        return status(methods_.create, context, std::move(bytes));
    }
    Result<GroupStatus> update(const CallContext& context, const api::UpdateGroupRequest& request)
        override {
        std::string bytes;
        api_wire::encode_update_group_request(bytes, sent_namespace(context), request);
        return status(methods_.update, context, std::move(bytes));
    }
    Result<api::GroupList> list(const CallContext& context, const api::ListGroupsRequest& request)
        override {
        std::string bytes;
        api_wire::encode_list_groups_request(bytes, sent_namespace(context), request);
        return call_and_wait(
            *core_, methods_.list, context, std::move(bytes), api_wire::decode_group_list
        );
    }
    Result<GroupStatus> get(const CallContext& context, const std::string& group) override {
        std::string bytes;
        api_wire::encode_named_group_request(bytes, sent_namespace(context), group, Position(0));
        return status(methods_.get, context, std::move(bytes));
    }
    Result<GroupStatus> control(const CallContext& context, const api::ControlGroupRequest& request)
        override {
        std::string bytes;
        api_wire::encode_control_group_request(bytes, sent_namespace(context), request);
        return status(methods_.control, context, std::move(bytes));
    }
    Result<api::GroupHistory> history(
        const CallContext& context, const api::GroupHistoryRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_group_history_request(bytes, sent_namespace(context), request);
        return call_and_wait(
            *core_, methods_.history, context, std::move(bytes), api_wire::decode_group_history
        );
    }
    Result<api::ParkedList> list_parked(
        const CallContext& context, const api::ListParkedRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_list_parked_request(bytes, sent_namespace(context), request);
        return call_and_wait(
            *core_, methods_.list_parked, context, std::move(bytes), api_wire::decode_parked_list
        );
    }
    Result<api::ParkedDetails> get_parked(
        const CallContext& context, const std::string& group, Position at
    ) override {
        std::string bytes;
        api_wire::encode_named_group_request(bytes, sent_namespace(context), group, at);
        return call_and_wait(
            *core_, methods_.get_parked, context, std::move(bytes), api_wire::decode_parked_details
        );
    }
    Result<std::uint64_t> change_parked(
        const CallContext& context, const api::ChangeParkedRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_change_parked_request(bytes, sent_namespace(context), request);
        return call_and_wait(
            *core_,
            methods_.change_parked,
            context,
            std::move(bytes),
            api_wire::decode_change_parked_response
        );
    }
    Status edit_parked(const CallContext& context, const api::EditParkedRequest& request) override {
        std::string bytes;
        api_wire::encode_edit_parked_request(bytes, sent_namespace(context), request);
        const auto nothing = [](std::string_view) -> Result<bool> { return true; };
        ANNALS_CHECK(call_and_wait(*core_, methods_.edit_parked, context, std::move(bytes), nothing)
        );
        return ok();
    }
    Result<std::unique_ptr<api::GroupMembership>> join(
        const CallContext& context, const api::JoinGroupRequest& request
    ) override {
        if (request.is_polling) {
            return Error(
                       ErrorCode::kNotSupported,
                       "a member over gRPC listens: is_polling is not for it"
            )
                .with("field", "is_polling");
        }
        std::string bytes;
        api_wire::encode_join_message(bytes, sent_namespace(context), request);
        ANNALS_TRY(
            std::shared_ptr<GroupStream> stream,
            GroupStream::start(*core_, methods_.join, context, std::move(bytes))
        );
        const Result<std::uint64_t> id = stream->wait_joined();
        if (!id) {
            stream->close();
            return id.error();
        }
        return std::unique_ptr<api::GroupMembership>(
            std::make_unique<RemoteMembership>(core_, std::move(stream), *id)
        );
    }

  private:
    Result<GroupStatus> status(
        const Methods::Method& method, const CallContext& context, std::string bytes
    ) {
        return call_and_wait(
            *core_, method, context, std::move(bytes), api_wire::decode_group_status
        );
    }

    const std::shared_ptr<Core> core_;  // joins this and its memberships
    const GroupMethods methods_;
};

}  // namespace

std::unique_ptr<api::ConsumerGroups> make_groups(std::shared_ptr<Core> core) {
    return std::make_unique<GrpcConsumerGroups>(std::move(core));
}

Result<std::unique_ptr<api::ConsumerGroups>> connect_groups(const ClientOptions& options) {
    ANNALS_TRY(std::shared_ptr<Core> core, connect_core(options));
    return make_groups(std::move(core));
}

}  // namespace annals::client
