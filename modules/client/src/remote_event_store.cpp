// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "annals/api_wire/append_wire.hpp"
#include "annals/api_wire/catalog_wire.hpp"
#include "annals/api_wire/life_wire.hpp"
#include "annals/api_wire/read_wire.hpp"
#include "annals/api_wire/scavenge_wire.hpp"
#include "annals/api_wire/snapshot_wire.hpp"
#include "annals/client/client.hpp"
#include "annals/grpc_kit/bytes.hpp"
#include "annals/model/limits.hpp"

#include "blocking_call.hpp"
#include "bodies.hpp"
#include "bulk_stream.hpp"
#include "core.hpp"
#include "message_stream.hpp"
#include "remote_subscription.hpp"
#include "unary_call.hpp"

namespace annals::client {
namespace {

using api::CallContext;

/// Room for ids, lengths and the request's own fields beside the events' bytes.
constexpr std::size_t kOverheadBytes = 64u << 10u;

class RemoteBulkAppender final : public BulkAppender {
  public:
    RemoteBulkAppender(std::shared_ptr<Core> core, std::shared_ptr<BulkStream> stream)
        : core_(std::move(core)), stream_(std::move(stream)) {}
    ~RemoteBulkAppender() override {
        if (is_finished_) return;
        stream_->cancel();
        (void)stream_->wait();
    }

    void append(const model::AppendRequest& request, api::AppendDone done) override {
        stream_->append(request, std::move(done));
    }
    Status finish() override {
        stream_->end();
        Status result = stream_->wait();
        is_finished_ = true;
        return result;
    }

  private:
    const std::shared_ptr<Core> core_;
    const std::shared_ptr<BulkStream> stream_;
    bool is_finished_ = false;
};

class GrpcEventStore final : public RemoteEventStore {
  public:
    explicit GrpcEventStore(std::shared_ptr<Core> core) : core_(std::move(core)) {}

    void append(
        const CallContext& context, const model::AppendRequest& request, api::AppendDone done
    ) override {
        const std::size_t bytes_min = api_wire::append_request_bytes_min(request);
        if (bytes_min + kOverheadBytes > model::Limits::kUnaryBytesMax) {
            append_in_parts(context, request, std::move(done));
            return;
        }
        std::string bytes;
        bytes.reserve(bytes_min + 64 * (request.events.size() + 1));
        api_wire::encode_append_request(bytes, sent_namespace(context), request);
        start_unary(
            *core_,
            core_->methods.append,
            context,
            grpc_kit::make_buffer(std::move(bytes)),
            [done = std::move(done)](Result<std::string_view> answer) {
                if (!answer) {
                    done(std::move(answer).take_error());
                    return;
                }
                done(api_wire::decode_append_response(*answer));
            }
        );
    }

    void read_async(const CallContext& context, const api::ReadRequest& request, ReadDone done)
        override {
        std::string bytes;
        api_wire::encode_read_request(bytes, sent_namespace(context), request);
        start_unary(
            *core_,
            core_->methods.read,
            context,
            grpc_kit::make_buffer(std::move(bytes)),
            [done = std::move(done)](Result<std::string_view> answer) {
                if (!answer) {
                    done(std::move(answer).take_error());
                    return;
                }
                done(api_wire::decode_read_response(*answer));
            }
        );
    }

    Result<api::ReadPage> read(const CallContext& context, const api::ReadRequest& request)
        override {
        Promised<Result<api::ReadPage>> promised;
        read_async(context, request, [&](Result<api::ReadPage> page) {
            promised.set(std::move(page));
        });
        return promised.take();
    }

    Status scan(
        const CallContext& context, const api::ReadRequest& request, const PageVisitor& visit
    ) override;

    Result<std::unique_ptr<BulkAppender>> bulk_append(
        const CallContext& context, const BulkOptions& options
    ) override {
        ANNALS_TRY(std::shared_ptr<BulkStream> stream, BulkStream::start(*core_, context, options));
        return std::make_unique<RemoteBulkAppender>(core_, std::move(stream));
    }

    Result<std::unique_ptr<api::Subscription>> subscribe(
        const CallContext& context, const api::SubscribeRequest& request
    ) override {
        return subscribe_remote(core_, context, request);
    }

    Result<api::ReadPage> get_event(const CallContext& context, const Uuid& id) override {
        std::string bytes;
        api_wire::encode_get_event_request(bytes, sent_namespace(context), id);
        return call(
            core_->methods.get_event, context, std::move(bytes), api_wire::decode_read_response
        );
    }

    Result<api::StreamList> list_streams(
        const CallContext& context, const api::ListRequest& request
    ) override {
        return call(
            core_->methods.list_streams,
            context,
            list_bytes(context, request),
            api_wire::decode_stream_list
        );
    }

    Result<api::CategoryList> list_categories(
        const CallContext& context, const api::ListRequest& request
    ) override {
        return call(
            core_->methods.list_categories,
            context,
            list_bytes(context, request),
            api_wire::decode_category_list
        );
    }

    Result<api::StreamList> list_types(const CallContext& context, const api::ListRequest& request)
        override {
        return call(
            core_->methods.list_types,
            context,
            list_bytes(context, request),
            api_wire::decode_stream_list
        );
    }

    Result<api::StreamInfo> get_stream(const CallContext& context, std::string_view stream)
        override {
        std::string bytes;
        api_wire::encode_get_stream_request(bytes, sent_namespace(context), stream);
        return call(
            core_->methods.get_stream, context, std::move(bytes), api_wire::decode_stream_info
        );
    }

    Result<api::StreamMetadataInfo> get_stream_metadata(
        const CallContext& context, const api::MetadataTarget& target
    ) override {
        std::string bytes;
        api_wire::encode_get_metadata_request(bytes, sent_namespace(context), target);
        return call(
            core_->methods.get_stream_metadata,
            context,
            std::move(bytes),
            api_wire::decode_metadata_info
        );
    }

    Result<api::LifeResponse> set_stream_metadata(
        const CallContext& context, const api::SetMetadataRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_set_metadata_request(bytes, sent_namespace(context), request);
        return call_life(core_->methods.set_stream_metadata, context, std::move(bytes));
    }

    Result<api::LifeResponse> delete_stream(
        const CallContext& context, const api::DeleteStreamRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_delete_stream_request(bytes, sent_namespace(context), request);
        return call_life(core_->methods.delete_stream, context, std::move(bytes));
    }

    Result<api::LifeResponse> tombstone_stream(
        const CallContext& context, const api::DeleteStreamRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_delete_stream_request(bytes, sent_namespace(context), request);
        return call_life(core_->methods.tombstone_stream, context, std::move(bytes));
    }

    Result<api::LifeResponse> truncate_stream(
        const CallContext& context, const api::TruncateStreamRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_truncate_stream_request(bytes, sent_namespace(context), request);
        return call_life(core_->methods.truncate_stream, context, std::move(bytes));
    }

    Status store_snapshot(const CallContext& context, const api::Snapshot& snapshot) override {
        std::string bytes;
        api_wire::encode_store_snapshot_request(bytes, sent_namespace(context), snapshot);
        const auto nothing = [](std::string_view) -> Result<bool> { return true; };
        ANNALS_CHECK(call(core_->methods.store_snapshot, context, std::move(bytes), nothing));
        return ok();
    }

    Result<std::optional<api::Snapshot>> load_snapshot(
        const CallContext& context, const api::LoadSnapshotRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_load_snapshot_request(bytes, sent_namespace(context), request);
        return call(
            core_->methods.load_snapshot,
            context,
            std::move(bytes),
            api_wire::decode_loaded_snapshot
        );
    }

    Result<std::vector<api::SnapshotSummary>> list_snapshots(
        const CallContext& context, const api::SnapshotSelection& selection
    ) override {
        std::string bytes;
        api_wire::encode_snapshot_selection(bytes, sent_namespace(context), selection);
        return call(
            core_->methods.list_snapshots, context, std::move(bytes), api_wire::decode_snapshot_list
        );
    }

    Result<std::uint64_t> delete_snapshots(
        const CallContext& context, const api::SnapshotSelection& selection
    ) override {
        std::string bytes;
        api_wire::encode_snapshot_selection(bytes, sent_namespace(context), selection);
        return call(
            core_->methods.delete_snapshots,
            context,
            std::move(bytes),
            api_wire::decode_deleted_snapshots
        );
    }

    Result<api::ScavengeStatus> start_scavenge(
        const CallContext& context, const api::StartScavengeRequest& request
    ) override {
        std::string bytes;
        api_wire::encode_start_scavenge_request(bytes, request);
        return call_scavenge(core_->methods.start_scavenge, context, std::move(bytes));
    }

    Result<api::ScavengeStatus> get_scavenge(const CallContext& context) override {
        return call_scavenge(core_->methods.get_scavenge, context, {});
    }

    Result<api::ScavengeStatus> control_scavenge(
        const CallContext& context, api::ScavengeCommand command
    ) override {
        std::string bytes;
        api_wire::encode_control_scavenge_request(bytes, command);
        return call_scavenge(core_->methods.control_scavenge, context, std::move(bytes));
    }

    Result<api::NamespaceInfo> create_namespace(const CallContext& context, std::string_view name)
        override {
        std::string bytes;
        api_wire::encode_namespace_request(bytes, name);
        return call(
            core_->methods.create_namespace,
            context,
            std::move(bytes),
            api_wire::decode_namespace_info
        );
    }

    Result<std::vector<api::NamespaceInfo>> list_namespaces(const CallContext& context) override {
        return call(
            core_->methods.list_namespaces, context, std::string(), api_wire::decode_namespace_list
        );
    }

    Status delete_namespace(const CallContext& context, std::string_view name) override {
        std::string bytes;
        api_wire::encode_namespace_request(bytes, name, name);
        const auto nothing = [](std::string_view) -> Result<bool> { return true; };
        ANNALS_CHECK(call(core_->methods.delete_namespace, context, std::move(bytes), nothing));
        return ok();
    }

    Result<api::ServerInfo> info(const CallContext& context) override {
        std::string bytes;
        api_wire::encode_get_info_request(bytes, sent_namespace(context));
        return call(
            core_->methods.get_info, context, std::move(bytes), api_wire::decode_server_info
        );
    }

  private:
    static std::string list_bytes(const CallContext& context, const api::ListRequest& request) {
        std::string bytes;
        api_wire::encode_list_request(bytes, sent_namespace(context), request);
        return bytes;
    }

    Result<api::ScavengeStatus> call_scavenge(
        const Methods::Method& method, const CallContext& context, std::string request
    ) {
        return call(method, context, std::move(request), api_wire::decode_scavenge_status);
    }

    Result<api::LifeResponse> call_life(
        const Methods::Method& method, const CallContext& context, std::string request
    ) {
        return call(method, context, std::move(request), api_wire::decode_life_response);
    }

    template <typename Decode>
    auto call(
        const Methods::Method& method,
        const CallContext& context,
        std::string request,
        Decode decode
    ) -> decltype(decode(std::string_view())) {
        return call_and_wait(*core_, method, context, std::move(request), decode);
    }

    void append_in_parts(
        const CallContext& context, const model::AppendRequest& request, api::AppendDone done
    ) {
        Result<std::shared_ptr<BulkStream>> stream = BulkStream::start(*core_, context, {});
        if (!stream) {
            done(std::move(stream).take_error());
            return;
        }
        (*stream)->append(request, std::move(done));
        (*stream)->end();
    }

    const std::shared_ptr<Core> core_;
};

Status GrpcEventStore::scan(
    const CallContext& context, const api::ReadRequest& request, const PageVisitor& visit
) {
    std::string bytes;
    api_wire::encode_read_request(bytes, sent_namespace(context), request);
    ANNALS_TRY(
        const std::shared_ptr<MessageStream> stream,
        MessageStream::start(
            *core_,
            core_->calls(),
            core_->methods.scan,
            context,
            grpc_kit::make_buffer(std::move(bytes)),
            core_->options.subscription_frames_max
        )
    );
    struct Closer {
        MessageStream& stream;
        ~Closer() { stream.close(); }
    };
    std::mutex mutex;
    std::condition_variable woken;
    bool is_woken = false;
    const Closer closer{*stream};
    stream->set_waker([&] {
        const std::lock_guard lock(mutex);
        is_woken = true;
        woken.notify_one();
    });
    while (true) {
        grpc::ByteBuffer message;
        ANNALS_TRY(const MessageStream::Next next, stream->next(message));
        if (next == MessageStream::Next::kEnd) return ok();
        if (next == MessageStream::Next::kNothing) {
            std::unique_lock lock(mutex);
            woken.wait(lock, [&] { return is_woken; });
            is_woken = false;
            continue;
        }
        const grpc::Slice slice = grpc_kit::flatten(message);
        ANNALS_TRY(const api::ReadPage page, api_wire::decode_read_response(grpc_kit::view(slice)));
        ANNALS_CHECK(visit(page));
    }
}

}  // namespace

std::unique_ptr<RemoteEventStore> make_event_store(std::shared_ptr<Core> core) {
    return std::make_unique<GrpcEventStore>(std::move(core));
}

Result<std::unique_ptr<RemoteEventStore>> connect(const ClientOptions& options) {
    ANNALS_TRY(std::shared_ptr<Core> core, connect_core(options));
    return make_event_store(std::move(core));
}

}  // namespace annals::client
