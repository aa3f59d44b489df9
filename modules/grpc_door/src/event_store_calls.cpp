// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_store_calls.hpp"

#include <string>
#include <utility>

#include "annals/api_wire/catalog_wire.hpp"
#include "annals/api_wire/life_wire.hpp"
#include "annals/api_wire/read_wire.hpp"
#include "annals/api_wire/scavenge_wire.hpp"
#include "annals/api_wire/snapshot_wire.hpp"
#include "annals/api_wire/subscribe_wire.hpp"

#include "event_streams.hpp"

namespace annals::grpc_door {
namespace {

/// A unary method that may read the disk: `call(request)` makes the answer's bytes.
template <typename Call>
RpcMethod blocking(std::string name, Call call) {
    RpcMethod method;
    method.name = std::move(name);
    method.may_block = true;
    method.handle = [call = std::move(call)](const RpcRequest& request, const RpcDone& done) {
        Result<std::string> body = call(request);
        done(body ? RpcAnswer::ok(std::move(*body)) : RpcAnswer::failed(body.error()));
    };
    return method;
}

using Body = Result<std::string>;

Body get_event(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_get_event_request(request.message()));
    ANNALS_TRY(
        api::ReadPage page,
        store.get_event(api::in_namespace(request.context(), call.name_space), call.id)
    );
    std::string body = page.events.take_bytes();
    api_wire::encode_read_response_tail(body, page);
    return body;
}

Body list_streams(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_list_request(request.message()));
    ANNALS_TRY(
        const auto list,
        store.list_streams(api::in_namespace(request.context(), call.name_space), call.request)
    );
    std::string body;
    api_wire::encode_stream_list(body, list);
    return body;
}

Body list_types(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_list_request(request.message()));
    ANNALS_TRY(
        const auto list,
        store.list_types(api::in_namespace(request.context(), call.name_space), call.request)
    );
    std::string body;
    api_wire::encode_stream_list(body, list);
    return body;
}

Body list_categories(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_list_request(request.message()));
    ANNALS_TRY(
        const auto list,
        store.list_categories(api::in_namespace(request.context(), call.name_space), call.request)
    );
    std::string body;
    api_wire::encode_category_list(body, list);
    return body;
}

Body get_stream(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_get_stream_request(request.message()));
    ANNALS_TRY(
        const auto info,
        store.get_stream(api::in_namespace(request.context(), call.name_space), call.stream)
    );
    std::string body;
    api_wire::encode_stream_info(body, info);
    return body;
}

Body get_stream_metadata(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_get_metadata_request(request.message()));
    ANNALS_TRY(
        const auto info,
        store.get_stream_metadata(
            api::in_namespace(request.context(), call.name_space), call.target
        )
    );
    std::string body;
    api_wire::encode_metadata_info(body, info);
    return body;
}

Body life_body(const Result<api::LifeResponse>& response) {
    if (!response) return response.error();
    std::string body;
    api_wire::encode_life_response(body, *response);
    return body;
}

Body set_stream_metadata(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_set_metadata_request(request.message()));
    return life_body(store.set_stream_metadata(
        api::in_namespace(request.context(), call.name_space), call.request
    ));
}

Body delete_stream(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_delete_stream_request(request.message()));
    return life_body(
        store.delete_stream(api::in_namespace(request.context(), call.name_space), call.request)
    );
}

Body tombstone_stream(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_delete_stream_request(request.message()));
    return life_body(
        store.tombstone_stream(api::in_namespace(request.context(), call.name_space), call.request)
    );
}

Body truncate_stream(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_truncate_stream_request(request.message()));
    return life_body(
        store.truncate_stream(api::in_namespace(request.context(), call.name_space), call.request)
    );
}

Body store_snapshot(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_store_snapshot_request(request.message()));
    const auto context = api::in_namespace(request.context(), call.name_space);
    ANNALS_CHECK(store.store_snapshot(context, call.snapshot));
    return std::string();
}

Body load_snapshot(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_load_snapshot_request(request.message()));
    ANNALS_TRY(
        const auto snapshot,
        store.load_snapshot(api::in_namespace(request.context(), call.name_space), call.request)
    );
    std::string body;
    api_wire::encode_loaded_snapshot(body, snapshot);
    return body;
}

Body list_snapshots(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_snapshot_selection(request.message()));
    ANNALS_TRY(
        const auto list,
        store.list_snapshots(api::in_namespace(request.context(), call.name_space), call.selection)
    );
    std::string body;
    api_wire::encode_snapshot_list(body, list);
    return body;
}

Body delete_snapshots(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_snapshot_selection(request.message()));
    ANNALS_TRY(
        const std::uint64_t deleted,
        store.delete_snapshots(
            api::in_namespace(request.context(), call.name_space), call.selection
        )
    );
    std::string body;
    api_wire::encode_deleted_snapshots(body, deleted);
    return body;
}

Body scavenge_body(const Result<api::ScavengeStatus>& status) {
    if (!status) return status.error();
    std::string body;
    api_wire::encode_scavenge_status(body, *status);
    return body;
}

Body start_scavenge(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_start_scavenge_request(request.message()));
    return scavenge_body(store.start_scavenge(request.context(), call));
}

Body get_scavenge(api::EventStore& store, const RpcRequest& request) {
    return scavenge_body(store.get_scavenge(request.context()));
}

Body control_scavenge(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto command, api_wire::decode_control_scavenge_request(request.message()));
    return scavenge_body(store.control_scavenge(request.context(), command));
}

Body create_namespace(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_namespace_request(request.message()));
    ANNALS_TRY(const auto info, store.create_namespace(request.context(), call.name));
    std::string body;
    api_wire::encode_namespace_info(body, info);
    return body;
}

Body list_namespaces(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto list, store.list_namespaces(request.context()));
    std::string body;
    api_wire::encode_namespace_list(body, list);
    return body;
}

Body delete_namespace(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_namespace_request(request.message()));
    if (call.confirm != call.name) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "confirm must repeat the namespace's name: its events would be gone for good"
        )
            .with("field", "confirm");
    }
    ANNALS_CHECK(store.delete_namespace(request.context(), call.name));
    return std::string();
}

Body get_info(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto name_space, api_wire::decode_get_info_request(request.message()));
    ANNALS_TRY(const auto info, store.info(api::in_namespace(request.context(), name_space)));
    std::string body;
    api_wire::encode_server_info(body, info);
    return body;
}

using Opened = Result<std::unique_ptr<RpcStream>>;

Opened subscribe(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(const auto call, api_wire::decode_subscribe_request(request.message()));
    ANNALS_TRY(
        auto subscription,
        store.subscribe(api::in_namespace(request.context(), call.name_space), call.request)
    );
    return std::make_unique<SubscribeStream>(std::move(subscription));
}

Opened scan(api::EventStore& store, const RpcRequest& request) {
    ANNALS_TRY(auto call, api_wire::decode_read_request(request.message()));
    return std::make_unique<ScanStream>(
        store, api::in_namespace(request.context(), call.name_space), std::move(call.request)
    );
}

}  // namespace

std::vector<RpcMethod> event_store_methods(api::EventStore& store) {
    const auto bound = [&store](Body (*call)(api::EventStore&, const RpcRequest&)) {
        return [&store, call](const RpcRequest& request) { return call(store, request); };
    };
    std::vector<RpcMethod> methods{
        blocking("GetEvent", bound(get_event)),
        blocking("ListStreams", bound(list_streams)),
        blocking("ListCategories", bound(list_categories)),
        blocking("ListTypes", bound(list_types)),
        blocking("GetStream", bound(get_stream)),
        blocking("GetStreamMetadata", bound(get_stream_metadata)),
        blocking("SetStreamMetadata", bound(set_stream_metadata)),
        blocking("DeleteStream", bound(delete_stream)),
        blocking("TombstoneStream", bound(tombstone_stream)),
        blocking("TruncateStream", bound(truncate_stream)),
        blocking("StoreSnapshot", bound(store_snapshot)),
        blocking("LoadSnapshot", bound(load_snapshot)),
        blocking("ListSnapshots", bound(list_snapshots)),
        blocking("DeleteSnapshots", bound(delete_snapshots)),
        blocking("StartScavenge", bound(start_scavenge)),
        blocking("GetScavenge", bound(get_scavenge)),
        blocking("ControlScavenge", bound(control_scavenge)),
        blocking("CreateNamespace", bound(create_namespace)),
        blocking("ListNamespaces", bound(list_namespaces)),
        blocking("DeleteNamespace", bound(delete_namespace)),
        blocking("GetInfo", bound(get_info)),
    };
    RpcMethod& subscribing = methods.emplace_back();
    subscribing.name = "Subscribe";
    subscribing.open = [&store](const RpcRequest& request) { return subscribe(store, request); };
    RpcMethod& scanning = methods.emplace_back();
    scanning.name = "Scan";
    scanning.open = [&store](const RpcRequest& request) { return scan(store, request); };
    return methods;
}

}  // namespace annals::grpc_door
