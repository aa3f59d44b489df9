// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "core.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include <absl/synchronization/mutex.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "annals/api_wire/catalog_wire.hpp"
#include "annals/api_wire/error_wire.hpp"
#include "annals/base/clock.hpp"
#include "annals/grpc_kit/tag.hpp"

#include "blocking_call.hpp"
#include "option_checks.hpp"

namespace annals::client {
namespace {

constexpr int kReceiveBytesMax = 64 << 20;
constexpr int kMetadataBytesMax = 4 << 20;

/// That a server has to take a connection, before another try.
constexpr int kConnectTimeoutMs = 3'000;

/// After which it is looked for why there is no connection, and how long.
constexpr std::chrono::milliseconds kProbe{250};

int as_int(std::chrono::milliseconds time) {
    return static_cast<int>(std::min<std::int64_t>(time.count(), std::numeric_limits<int>::max()));
}

/// gRPC takes no capitals in names, and ends the process for them.
ClientOptions with_lower_names(ClientOptions options) {
    std::map<std::string, std::string> headers;
    for (auto& [name, value] : options.headers) {
        headers.emplace(lower_header(name), std::move(value));
    }
    options.headers = std::move(headers);
    return options;
}

Result<std::string> asked_token(const std::function<std::string()>& ask) {
    std::string token;
    try {
        token = ask();
    } catch (const std::exception& error) {
        return Error(
            ErrorCode::kNotPermitted, std::string("there is no token for the call: ") + error.what()
        );
    }
    ANNALS_CHECK(check_token(token));
    return token;
}

std::shared_ptr<grpc::ChannelCredentials> make_credentials(const ClientOptions& options) {
    if (!options.tls) return grpc::InsecureChannelCredentials();
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = options.tls->root_certificates;
    ssl.pem_cert_chain = options.tls->certificate;
    ssl.pem_private_key = options.tls->private_key;
    return grpc::SslCredentials(ssl);
}

std::shared_ptr<grpc::Channel> make_channel(const ClientOptions& options) {
    // Debian builds abseil with the look-out for dead locks on, which costs every call.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    grpc::ChannelArguments arguments;
    arguments.SetUserAgentPrefix(std::string(api_wire::kOwnUserAgent) + "/1");
    arguments.SetMaxReceiveMessageSize(kReceiveBytesMax);
    arguments.SetMaxSendMessageSize(-1);
    arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytesMax);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, as_int(options.keep_alive_interval));
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, as_int(options.keep_alive_timeout));
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    // a connection of one's own, not one shared with other clients of the process
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    if (options.reconnect_first.count() > 0) {
        arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, as_int(options.reconnect_first));
        arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, as_int(options.reconnect_max));
        arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
    }
    if (options.tls && !options.tls->server_name.empty()) {
        arguments.SetSslTargetNameOverride(options.tls->server_name);
    }
    return grpc::CreateCustomChannel(options.address, make_credentials(options), arguments);
}

using Type = grpc::internal::RpcMethod::RpcType;

}  // namespace

Poller::Poller(std::string_view name) {
    thread_ = runtime::Thread(name, [this] {
        void* tag = nullptr;
        bool ok = false;
        while (queue_.Next(&tag, &ok)) static_cast<grpc_kit::Tag*>(tag)->complete(ok);
    });
}

Poller::~Poller() {
    {
        std::unique_lock lock(mutex_);
        released_.wait(lock, [&] { return holders_ == 0; });
    }
    queue_.Shutdown();
    thread_.join();
}

void Poller::hold() {
    const std::lock_guard lock(mutex_);
    ++holders_;
}

void Poller::release() {
    const std::lock_guard lock(mutex_);
    if (--holders_ == 0) released_.notify_all();
}

Methods::Methods(const std::shared_ptr<grpc::Channel>& channel)
    : append("/annals.v1.EventStore/Append", Type::NORMAL_RPC, channel),
      append_stream("/annals.v1.EventStore/AppendStream", Type::BIDI_STREAMING, channel),
      read("/annals.v1.EventStore/Read", Type::NORMAL_RPC, channel),
      scan("/annals.v1.EventStore/Scan", Type::SERVER_STREAMING, channel),
      subscribe("/annals.v1.EventStore/Subscribe", Type::SERVER_STREAMING, channel),
      get_event("/annals.v1.EventStore/GetEvent", Type::NORMAL_RPC, channel),
      list_streams("/annals.v1.EventStore/ListStreams", Type::NORMAL_RPC, channel),
      list_categories("/annals.v1.EventStore/ListCategories", Type::NORMAL_RPC, channel),
      list_types("/annals.v1.EventStore/ListTypes", Type::NORMAL_RPC, channel),
      get_stream("/annals.v1.EventStore/GetStream", Type::NORMAL_RPC, channel),
      get_stream_metadata("/annals.v1.EventStore/GetStreamMetadata", Type::NORMAL_RPC, channel),
      set_stream_metadata("/annals.v1.EventStore/SetStreamMetadata", Type::NORMAL_RPC, channel),
      delete_stream("/annals.v1.EventStore/DeleteStream", Type::NORMAL_RPC, channel),
      tombstone_stream("/annals.v1.EventStore/TombstoneStream", Type::NORMAL_RPC, channel),
      truncate_stream("/annals.v1.EventStore/TruncateStream", Type::NORMAL_RPC, channel),
      store_snapshot("/annals.v1.EventStore/StoreSnapshot", Type::NORMAL_RPC, channel),
      load_snapshot("/annals.v1.EventStore/LoadSnapshot", Type::NORMAL_RPC, channel),
      list_snapshots("/annals.v1.EventStore/ListSnapshots", Type::NORMAL_RPC, channel),
      delete_snapshots("/annals.v1.EventStore/DeleteSnapshots", Type::NORMAL_RPC, channel),
      start_scavenge("/annals.v1.EventStore/StartScavenge", Type::NORMAL_RPC, channel),
      get_scavenge("/annals.v1.EventStore/GetScavenge", Type::NORMAL_RPC, channel),
      control_scavenge("/annals.v1.EventStore/ControlScavenge", Type::NORMAL_RPC, channel),
      create_namespace("/annals.v1.EventStore/CreateNamespace", Type::NORMAL_RPC, channel),
      list_namespaces("/annals.v1.EventStore/ListNamespaces", Type::NORMAL_RPC, channel),
      delete_namespace("/annals.v1.EventStore/DeleteNamespace", Type::NORMAL_RPC, channel),
      get_info("/annals.v1.EventStore/GetInfo", Type::NORMAL_RPC, channel) {}

Core::Core(const ClientOptions& client_options)
    : options(with_lower_names(client_options)), channel(make_channel(options)), methods(channel) {}

Poller& Core::streams() {
    const std::lock_guard lock(mutex_);
    if (!streams_) streams_ = std::make_unique<Poller>("annals-streams");
    return *streams_;
}

namespace {

/// That what listens there speaks HTTP/1, which no waiting mends; nothing where gRPC does not say
/// so. Takes kProbe at the most.
Status look_for_http1(Core& core) {
    std::string request;
    api_wire::encode_get_info_request(request, {});
    api::CallContext context;
    context.deadline_ns = system_clock().monotonic_ns() + std::chrono::nanoseconds(kProbe).count();
    // a call that does not wait for a connection ends with why there is none
    Status answer = call_and_wait(
        core,
        core.methods.get_info,
        context,
        std::move(request),
        [](std::string_view) { return ok(); }
    );
    if (answer || !api_wire::is_by_http1(answer.error().message())) return ok();
    return std::move(answer).take_error().with("address", core.options.address);
}

}  // namespace

Result<std::shared_ptr<Core>> connect_core(const ClientOptions& options) {
    ANNALS_CHECK(check_options(options));
    auto core = std::make_shared<Core>(options);
    if (options.connect_timeout.count() > 0) {
        const auto now = std::chrono::system_clock::now();
        const auto until = now + options.connect_timeout;
        if (!core->channel->WaitForConnected(std::min(until, now + kProbe))) {
            ANNALS_CHECK(look_for_http1(*core));
        }
        if (!core->channel->WaitForConnected(until)) {
            return Error(
                       ErrorCode::kUnavailable,
                       "no annals server answers at " + options.address +
                           ": check the address, and whether the server runs"
            )
                .with("address", options.address);
        }
    }
    return core;
}

Status apply(const Core& core, const api::CallContext& from, grpc::ClientContext& to) {
    if (from.deadline_ns != std::numeric_limits<std::int64_t>::max()) {
        const std::int64_t left_ns = from.deadline_ns - system_clock().monotonic_ns();
        to.set_deadline(std::chrono::system_clock::now() + std::chrono::nanoseconds(left_ns));
    }
    if (!from.traceparent.empty()) {
        to.AddMetadata("traceparent", std::string(from.traceparent));
        if (!from.tracestate.empty()) to.AddMetadata("tracestate", std::string(from.tracestate));
    }
    for (const auto& [name, value] : core.options.headers) to.AddMetadata(name, value);
    if (core.options.token) {
        ANNALS_TRY(const std::string token, asked_token(core.options.token));
        to.AddMetadata("authorization", "Bearer " + token);
    }
    return ok();
}

std::string_view sent_namespace(const api::CallContext& context) {
    return context.name_space == "default" ? std::string_view() : context.name_space;
}

Error error_of(const grpc::Status& status) {
    return api_wire::decode_error(
        status.error_code(), status.error_message(), status.error_details()
    );
}

}  // namespace annals::client
