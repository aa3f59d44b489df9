// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "snapshot_routes.hpp"

#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "annals/codec/text.hpp"
#include "annals/json_events/life_json.hpp"
#include "annals/json_events/time_text.hpp"

#include "parameters.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

Result<std::optional<Revision>> revision_in(Parameters& parameters, std::string_view name) {
    ANNALS_TRY(
        const auto number, parameters.number(name, std::numeric_limits<std::uint64_t>::max())
    );
    if (!number) return std::optional<Revision>();
    return std::optional(Revision(*number));
}

/// Stream and reducer stand in the path, their versions in the query (0 where they are left out).
Result<api::SnapshotKey> key_of(const StoreCall& call, Parameters& parameters) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint32_t>::max();
    ANNALS_TRY(const auto schema, parameters.number("schema_version", kMax));
    ANNALS_TRY(const auto reducer, parameters.number("reducer_version", kMax));
    return api::SnapshotKey{
        call.parameters[0],
        call.parameters[1],
        static_cast<std::uint32_t>(schema.value_or(0)),
        static_cast<std::uint32_t>(reducer.value_or(0))
    };
}

Error no_snapshot(const api::SnapshotKey& key) {
    const std::string schema = std::to_string(key.schema_version);
    const std::string reducer = std::to_string(key.reducer_version);
    return Error(
               ErrorCode::kSnapshotNotFound,
               "there is no snapshot of " + key.stream + " by " + key.reducer +
                   " with schema_version " + schema + " and reducer_version " + reducer +
                   ": fold the stream from its first event"
    )
        .with("stream", key.stream)
        .with("reducer", key.reducer)
        .with("schema_version", schema)
        .with("reducer_version", reducer);
}

Result<Response> load(api::EventStore& store, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    api::LoadSnapshotRequest wanted;
    ANNALS_TRY(wanted.key, key_of(call, parameters));
    ANNALS_TRY(wanted.max_revision, revision_in(parameters, "max_revision"));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(auto found, store.load_snapshot(context_of(call), wanted));
    if (!found) return no_snapshot(wanted.key);
    Response response;
    response.status = 200;
    // Whoever stored it chose the type: a line break must not become a header field of ours.
    response.content_type = codec::is_printable_ascii(found->content_type)
                                ? found->content_type
                                : "application/octet-stream";
    response.body = std::move(found->data);
    response.headers.push_back({"Snapshot-Revision", std::to_string(found->revision.value)});
    response.headers.push_back({"Snapshot-Time", json_events::time_text(found->stored_time)});
    // And a browser must not run it as a page of this server.
    response.headers.push_back({"Content-Security-Policy", "default-src 'none'; sandbox"});
    return response;
}

Result<Response> store_one(api::EventStore& store, const StoreCall& call) {
    Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    api::Snapshot snapshot;
    ANNALS_TRY(snapshot.key, key_of(call, parameters));
    ANNALS_TRY(const auto revision, revision_in(parameters, "revision"));
    ANNALS_CHECK(parameters.end());
    if (!revision) {
        return left_out("revision", "that of the last event that is in the snapshot");
    }
    snapshot.revision = *revision;
    snapshot.content_type = request.header("Content-Type");
    snapshot.data = std::move(request.body);
    ANNALS_CHECK(store.store_snapshot(context_of(call), snapshot));
    Response response;
    response.status = 204;
    return response;
}

Result<Response> list(api::EventStore& store, const StoreCall& call) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    api::SnapshotSelection selection{call.parameters[0], "", {}};
    ANNALS_TRY(const auto reducer, parameters.text("reducer"));
    selection.reducer = reducer.value_or("");
    ANNALS_TRY(selection.revision, revision_in(parameters, "revision"));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(const auto found, store.list_snapshots(context_of(call), selection));
    std::string body;
    json_events::append_answer(body, found);
    body.push_back('\n');
    return json_response(200, std::move(body));
}

Result<Response> remove(api::EventStore& store, const StoreCall& call, std::string reducer) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    api::SnapshotSelection selection{call.parameters[0], std::move(reducer), {}};
    ANNALS_TRY(selection.revision, revision_in(parameters, "revision"));
    ANNALS_CHECK(parameters.end());
    ANNALS_TRY(const auto deleted, store.delete_snapshots(context_of(call), selection));
    return json_response(200, "{\"deleted\":" + std::to_string(deleted) + "}\n");
}

}  // namespace

void add_snapshot_routes(Router& router, Desk& desk) {
    const auto add = [&](std::string_view method,
                         std::string_view path,
                         auto route,
                         std::optional<Offers> offers = {}) {
        add_store_route(
            router,
            desk,
            method,
            path,
            [make = or_problem(route)](const StoreCall& call) {
                answer_blocking(call.desk.readers, call, make);
            },
            offers
        );
    };
    add("GET", "streams/{stream}/snapshots", list);
    add("DELETE", "streams/{stream}/snapshots", [](api::EventStore& store, const StoreCall& call) {
        return remove(store, call, "");
    });
    constexpr std::string_view kOne = "streams/{stream}/snapshots/{reducer}";
    add("GET", kOne, load, Offers());  // of the type that it was stored with
    add("PUT", kOne, store_one);
    add("DELETE", kOne, [](api::EventStore& store, const StoreCall& call) {
        return remove(store, call, call.parameters[1]);
    });
}

}  // namespace annals::http_door::detail
