// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/http_client/http_event_store.hpp"

#include <utility>

#include "annals/json_events/expected_text.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/json_events/life_json.hpp"
#include "annals/json_events/parsed_page.hpp"
#include "annals/json_events/time_text.hpp"

#include "answers.hpp"
#include "connection_pool.hpp"
#include "http_subscription.hpp"
#include "target.hpp"

namespace annals::http_client {
namespace {

using api::CallContext;

Target stream_target(const CallContext& context, std::string_view stream, std::string_view what) {
    Target target(context, "streams");
    target.segment(stream);
    if (!what.empty()) target.segment(what);
    return target;
}

Result<Target> metadata_target(const CallContext& context, const api::MetadataTarget& target) {
    if (!target.stream.empty() && !target.category.empty()) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "stream \"" + target.stream + "\" and category \"" + target.category +
                       "\" are both named: name the one whose metadata are meant"
        )
            .with("field", "stream")
            .with("value", target.stream)
            .with("rule", "either a stream or a category");
    }
    if (target.category.empty()) {
        ANNALS_CHECK(check_named(target.stream, "stream"));
        return stream_target(context, target.stream, "metadata");
    }
    Target path(context, "categories");
    path.segment(target.category).segment("metadata");
    return path;
}

/// A change on what is expected.
HttpRequest change_of(
    const CallContext& context,
    std::string method,
    Target target,
    const model::ExpectedRevision& expected,
    const std::string& idempotency_key = {},
    std::string body = {}
) {
    // Also `any`: without it the door tells the deletion of nothing in the words of HTTP.
    target.add("expected", json_events::expected_text(expected));
    HttpRequest request = request_of(context, std::move(method), target, std::move(body));
    if (!idempotency_key.empty()) request.headers.emplace_back("Idempotency-Key", idempotency_key);
    return request;
}

Result<Target> snapshot_target(const CallContext& context, const api::SnapshotKey& key) {
    ANNALS_CHECK(check_named(key.stream, "stream"));
    ANNALS_CHECK(check_named(key.reducer, "reducer"));
    Target target = stream_target(context, key.stream, "snapshots");
    target.segment(key.reducer);
    target.add_number("schema_version", key.schema_version);
    target.add_number("reducer_version", key.reducer_version);
    return target;
}

Target events_target(const CallContext& context, const std::string& stream) {
    if (stream.empty()) return {context, "events"};
    Target target(context, "streams");
    target.segment(stream);
    return target;
}

class HttpEventStore final : public api::EventStore {
  public:
    explicit HttpEventStore(ClientOptions options) : pool_(std::move(options)) {}

    void append(
        const CallContext& context, const model::AppendRequest& request, api::AppendDone done
    ) override {
        Target target(context, request.stream.empty() ? "append" : "streams");
        if (!request.stream.empty()) target.segment(request.stream);
        std::string body;
        json_events::append_request(body, request);
        HttpRequest sent = request_of(context, "POST", target, std::move(body));
        if (!request.idempotency_key.empty())
            sent.headers.emplace_back("Idempotency-Key", request.idempotency_key);
        done(content_of(sent, append_response_of));
    }

    Result<api::ReadPage> read(const CallContext& context, const api::ReadRequest& request)
        override {
        Target target = events_target(context, request.stream);
        target.add_start(request.start);
        target.add_filter(request.filter, request.stream);
        if (request.direction == api::Direction::kBackwards) target.add("direction", "backwards");
        if (request.limit != 0) target.add_number("limit", request.limit);
        if (!request.min_position.empty()) {
            target.add("min_position", request.min_position);
            target.add("wait", std::to_string(request.max_wait_ms) + "ms");
        }
        return content_of(request_of(context, "GET", target), json_events::parse_page);
    }

    Result<std::unique_ptr<api::Subscription>> subscribe(
        const CallContext& context, const api::SubscribeRequest& request
    ) override {
        Target target = events_target(context, request.stream);
        target.add_start(request.start);
        if (std::holds_alternative<api::FromEnd>(request.start)) target.add("from", "end");
        target.add_filter(request.filter, request.stream);
        target.add_number("batch_events_max", request.batch_events_max);
        target.add_number("checkpoint_interval", request.checkpoint_interval);
        HttpRequest sent = request_of(context, "GET", target);
        sent.headers.emplace_back("Accept", "text/event-stream");
        auto connection = std::make_unique<Connection>(pool_.options());
        ANNALS_CHECK(connection->connect());
        ANNALS_TRY(const int status, connection->open_stream(sent));
        if (status != 200) {
            ANNALS_TRY(std::string body, connection->read_rest());
            return error_of({status, std::move(body)}, sent);
        }
        return make_http_subscription(
            std::move(connection), std::move(sent), pool_.options().subscription_frames_max
        );
    }

    Result<api::ReadPage> get_event(const CallContext& context, const Uuid& id) override {
        Target target(context, "events");
        target.segment(id.to_string());
        return content_of(request_of(context, "GET", target), json_events::parse_page);
    }

    Result<api::StreamList> list_streams(
        const CallContext& context, const api::ListRequest& request
    ) override {
        return content_of(list(context, "streams", request), [](const std::string& body) {
            return stream_list_of(body, "streams");
        });
    }

    Result<api::CategoryList> list_categories(
        const CallContext& context, const api::ListRequest& request
    ) override {
        return content_of(list(context, "categories", request), category_list_of);
    }

    Result<api::StreamList> list_types(const CallContext& context, const api::ListRequest& request)
        override {
        return content_of(list(context, "types", request), [](const std::string& body) {
            return stream_list_of(body, "types");
        });
    }

    Result<api::StreamInfo> get_stream(const CallContext& context, std::string_view stream)
        override {
        const Target target = stream_target(context, stream, "info");
        return content_of(request_of(context, "GET", target), stream_info_of);
    }

    Result<api::StreamMetadataInfo> get_stream_metadata(
        const CallContext& context, const api::MetadataTarget& wanted
    ) override {
        ANNALS_TRY(const Target target, metadata_target(context, wanted));
        return content_of(request_of(context, "GET", target), json_events::parse_metadata_info);
    }

    Result<api::LifeResponse> set_stream_metadata(
        const CallContext& context, const api::SetMetadataRequest& request
    ) override {
        ANNALS_TRY(Target target, metadata_target(context, request.target));
        const std::string& custom = request.metadata.custom;
        // What is no JSON cannot be sent as a part of JSON.
        if (!custom.empty() && !json_events::is_json(custom))
            ANNALS_CHECK(model::check_stream_metadata(request.metadata));
        std::string body;
        json_events::append_metadata(body, request.metadata);
        return content_of(
            change_of(
                context,
                "PUT",
                std::move(target),
                request.expected,
                request.idempotency_key,
                std::move(body)
            ),
            life_response_of
        );
    }

    Result<api::LifeResponse> delete_stream(
        const CallContext& context, const api::DeleteStreamRequest& request
    ) override {
        return remove(context, "DELETE", "", request);
    }

    Result<api::LifeResponse> tombstone_stream(
        const CallContext& context, const api::DeleteStreamRequest& request
    ) override {
        return remove(context, "POST", "tombstone", request);
    }

    Result<api::LifeResponse> truncate_stream(
        const CallContext& context, const api::TruncateStreamRequest& request
    ) override {
        ANNALS_CHECK(check_named(request.stream, "stream"));
        Target target = stream_target(context, request.stream, "truncate");
        target.add_number("before", request.before.value);
        return content_of(
            change_of(context, "POST", std::move(target), request.expected), life_response_of
        );
    }

    Status store_snapshot(const CallContext& context, const api::Snapshot& snapshot) override {
        ANNALS_TRY(Target target, snapshot_target(context, snapshot.key));
        target.add_number("revision", snapshot.revision.value);
        HttpRequest request = request_of(context, "PUT", target);
        request.body = snapshot.data;
        ANNALS_CHECK(check_header(snapshot.content_type, "content_type"));
        if (!snapshot.content_type.empty())
            request.headers.emplace_back("Content-Type", snapshot.content_type);
        ANNALS_CHECK(answer_to(request));
        return ok();
    }

    Result<std::optional<api::Snapshot>> load_snapshot(
        const CallContext& context, const api::LoadSnapshotRequest& request
    ) override {
        ANNALS_TRY(Target target, snapshot_target(context, request.key));
        if (request.max_revision) target.add_number("max_revision", request.max_revision->value);
        Result<HttpAnswer> answer = answer_to(request_of(context, "GET", target));
        if (!answer && answer.error().code() == ErrorCode::kSnapshotNotFound)
            return std::optional<api::Snapshot>();
        if (!answer) return std::move(answer).take_error();
        ANNALS_TRY(api::Snapshot snapshot, snapshot_of(request.key, std::move(*answer)));
        return std::optional(std::move(snapshot));
    }

    Result<std::vector<api::SnapshotSummary>> list_snapshots(
        const CallContext& context, const api::SnapshotSelection& selection
    ) override {
        ANNALS_CHECK(check_named(selection.stream, "stream"));
        Target target = stream_target(context, selection.stream, "snapshots");
        if (!selection.reducer.empty()) target.add("reducer", selection.reducer);
        if (selection.revision) target.add_number("revision", selection.revision->value);
        return content_of(request_of(context, "GET", target), snapshot_list_of);
    }

    Result<std::uint64_t> delete_snapshots(
        const CallContext& context, const api::SnapshotSelection& selection
    ) override {
        ANNALS_CHECK(check_named(selection.stream, "stream"));
        Target target = stream_target(context, selection.stream, "snapshots");
        if (!selection.reducer.empty()) target.segment(selection.reducer);
        if (selection.revision) target.add_number("revision", selection.revision->value);
        return content_of(request_of(context, "DELETE", target), deleted_count_of);
    }

    Result<api::NamespaceInfo> create_namespace(const CallContext& context, std::string_view name)
        override {
        std::string body = "{\"name\":";
        json_events::append_string(body, name);
        body += '}';
        return content_of(
            request_of(context, "POST", Target({}, "namespaces"), std::move(body)),
            namespace_info_of
        );
    }

    Result<std::vector<api::NamespaceInfo>> list_namespaces(const CallContext& context) override {
        return content_of(request_of(context, "GET", Target({}, "namespaces")), namespace_list_of);
    }

    Status delete_namespace(const CallContext& context, std::string_view name) override {
        Target target({}, "namespaces");
        target.segment(name).add("confirm", name);
        ANNALS_CHECK(answer_to(request_of(context, "DELETE", target)));
        return ok();
    }

    Result<api::ServerInfo> info(const CallContext& context) override {
        return content_of(request_of(context, "GET", Target(context, "info")), server_info_of);
    }

  private:
    static HttpRequest list(
        const CallContext& context, std::string_view path, const api::ListRequest& request
    ) {
        Target target(context, path);
        if (!request.prefix.empty()) target.add("prefix", request.prefix);
        if (!request.after.empty()) target.add("after", request.after);
        if (request.limit != 0) target.add_number("limit", request.limit);
        return request_of(context, "GET", target);
    }

    /// Asks, and reads a success' content.
    template <typename Read>
    auto content_of(const HttpRequest& request, Read read) -> decltype(read(std::string())) {
        ANNALS_TRY(HttpAnswer answer, answer_to(request));
        return read(std::move(answer.body));
    }

    /// Asks; an answer that is no success is its error.
    Result<HttpAnswer> answer_to(const HttpRequest& request) {
        ANNALS_TRY(HttpAnswer answer, pool_.ask(request));
        if (answer.status < 200 || answer.status > 299) return error_of(answer, request);
        return answer;
    }

    Result<api::LifeResponse> remove(
        const CallContext& context,
        std::string method,
        std::string_view what,
        const api::DeleteStreamRequest& request
    ) {
        ANNALS_CHECK(check_named(request.stream, "stream"));
        return content_of(
            change_of(
                context,
                std::move(method),
                stream_target(context, request.stream, what),
                request.expected,
                request.idempotency_key
            ),
            life_response_of
        );
    }

    ConnectionPool pool_;
};

}  // namespace

std::unique_ptr<api::EventStore> make_http_event_store(const ClientOptions& options) {
    return std::make_unique<HttpEventStore>(options);
}

}  // namespace annals::http_client
