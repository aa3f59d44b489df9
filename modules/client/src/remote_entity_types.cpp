// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <string>
#include <utility>

#include "annals/client/entity_type_client.hpp"
#include "annals/entity_wire/type_messages.hpp"
#include "annals/model/refusals.hpp"

#include "blocking_call.hpp"

namespace annals::client {
namespace {

using api::CallContext;
using entities::EntityType;

/// The methods of annals.v1.EntityStore about types, registered with the channel.
struct TypeMethods {
    explicit TypeMethods(const std::shared_ptr<grpc::Channel>& channel)
        : put("/annals.v1.EntityStore/PutEntityType", kUnary, channel),
          get("/annals.v1.EntityStore/GetEntityType", kUnary, channel),
          list("/annals.v1.EntityStore/ListEntityTypes", kUnary, channel),
          versions("/annals.v1.EntityStore/ListEntityTypeVersions", kUnary, channel),
          remove("/annals.v1.EntityStore/DeleteEntityType", kUnary, channel),
          check("/annals.v1.EntityStore/CheckSchema", kUnary, channel) {}

    static constexpr auto kUnary = grpc::internal::RpcMethod::NORMAL_RPC;
    Methods::Method put, get, list, versions, remove, check;
};

template <typename Message>
Result<Message> parse(std::string_view bytes) {
    Message message;
    if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return message;
    return model::refused("response", "", "it must be the message");
}

Result<EntityType> type_of(std::string_view bytes) {
    ANNALS_TRY(const auto message, parse<v1::EntityType>(bytes));
    return entity_wire::from_proto(message);
}

Result<entities::EntityTypeList> list_of(std::string_view bytes) {
    ANNALS_TRY(const auto message, parse<v1::EntityTypePage>(bytes));
    return entity_wire::from_proto(message);
}

Result<entities::SchemaReport> report_of(std::string_view bytes) {
    ANNALS_TRY(const auto message, parse<v1::SchemaReport>(bytes));
    return entity_wire::from_proto(message);
}

class GrpcEntityTypes final : public entities::EntityTypeStore {
  public:
    explicit GrpcEntityTypes(std::shared_ptr<Core> core)
        : core_(std::move(core)), methods_(core_->channel) {}

    Result<EntityType> put(const CallContext& context, const entities::PutEntityType& request)
        override {
        return call(
            methods_.put, context, entity_wire::to_proto(sent_namespace(context), request), type_of
        );
    }

    Result<EntityType> get(
        const CallContext& context, const std::string& type, std::optional<std::uint32_t> version
    ) override {
        auto request = named<v1::GetEntityTypeRequest>(context, type);
        if (version) request.set_version(*version);
        return call(methods_.get, context, request, type_of);
    }

    Result<entities::EntityTypeList> list(
        const CallContext& context, const std::string& after, std::uint32_t limit
    ) override {
        v1::ListEntityTypesRequest request;
        request.set_namespace_(std::string(sent_namespace(context)));
        request.set_after(after);
        request.set_limit(limit);
        return call(methods_.list, context, request, list_of);
    }

    Result<std::vector<EntityType>> versions(const CallContext& context, const std::string& type)
        override {
        const auto request = named<v1::ListEntityTypeVersionsRequest>(context, type);
        ANNALS_TRY(auto list, call(methods_.versions, context, request, list_of));
        return std::move(list.types);
    }

    Result<EntityType> remove(
        const CallContext& context,
        const std::string& type,
        const std::string& actor,
        std::optional<std::uint32_t> expected_version
    ) override {
        auto request = named<v1::DeleteEntityTypeRequest>(context, type);
        request.set_actor(actor);
        if (expected_version) request.set_expected_version(*expected_version);
        return call(methods_.remove, context, request, type_of);
    }

    Result<entities::SchemaReport> check(
        const CallContext& context, const entities::CheckSchema& request
    ) override {
        return call(
            methods_.check,
            context,
            entity_wire::to_proto(sent_namespace(context), request),
            report_of
        );
    }

  private:
    template <typename Request>
    static Request named(const CallContext& context, const std::string& type) {
        Request request;
        request.set_namespace_(std::string(sent_namespace(context)));
        request.set_type(type);
        return request;
    }

    template <typename Request, typename Answer>
    Result<Answer> call(
        const Methods::Method& method,
        const CallContext& context,
        const Request& request,
        Result<Answer> (*decode)(std::string_view)
    ) {
        return call_and_wait(*core_, method, context, request.SerializeAsString(), decode);
    }

    const std::shared_ptr<Core> core_;
    const TypeMethods methods_;
};

}  // namespace

Result<std::unique_ptr<entities::EntityTypeStore>> connect_entity_types(const ClientOptions& options
) {
    ANNALS_TRY(std::shared_ptr<Core> core, connect_core(options));
    return std::unique_ptr<entities::EntityTypeStore>(
        std::make_unique<GrpcEntityTypes>(std::move(core))
    );
}

}  // namespace annals::client
