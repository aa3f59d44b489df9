// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/grpc_door/grpc_door.hpp"

#include <deque>
#include <mutex>
#include <utility>

#include <absl/synchronization/mutex.h>
#include <grpc/support/log.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "annals/runtime/thread.hpp"

#include "append_call.hpp"
#include "append_stream_logic.hpp"
#include "door.hpp"
#include "event_store_calls.hpp"
#include "generic_call.hpp"
#include "health_service.hpp"
#include "hot_rpc_call.hpp"
#include "hot_service.hpp"
#include "method_logic.hpp"
#include "read_call.hpp"
#include "reflection.hpp"

namespace annals::grpc_door {
namespace {

constexpr int kReceiveBytesMax = 17 << 20;
constexpr int kAcceptedAtOnce = 4;

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

void set_limits(grpc::ServerBuilder& builder, const GrpcDoorOptions& options) {
    builder.SetMaxReceiveMessageSize(kReceiveBytesMax);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(
        GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds(options.keepalive_interval)
    );
    builder.AddChannelArgument(
        GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds(options.keepalive_timeout)
    );
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    builder.AddChannelArgument(
        GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
        milliseconds(options.client_ping_interval_min)
    );
}

/// While it lives, gRPC's complaints are kept instead of printed: a port that is taken becomes an
/// error of ours, which says more in fewer words.
class KeptComplaints {
  public:
    KeptComplaints() {
        text().clear();
        gpr_set_log_function(keep);
    }
    KeptComplaints(const KeptComplaints&) = delete;
    KeptComplaints& operator=(const KeptComplaints&) = delete;
    ~KeptComplaints() { gpr_set_log_function(nullptr); }

    /// What the operating system said, or nothing.
    static std::string os_error() {
        const std::lock_guard lock(mutex());
        constexpr std::string_view kKey = "os_error:\"";
        const std::size_t at = text().find(kKey);
        if (at == std::string::npos) return "the address cannot be used";
        const std::size_t begin = at + kKey.size();
        return text().substr(begin, text().find('"', begin) - begin);
    }

  private:
    static std::mutex& mutex() {
        static std::mutex instance;
        return instance;
    }
    static std::string& text() {
        static std::string instance;
        return instance;
    }
    static void keep(gpr_log_func_args* args) {
        const std::lock_guard lock(mutex());
        if (args->severity == GPR_LOG_SEVERITY_ERROR) text() += args->message;
    }
};

std::string_view remedy_of(std::string_view reason) {
    return reason == "Address already in use"
               ? "Stop what listens there, or choose another address with --grpc."
               : "Give an address of this machine with --grpc.";
}

Error cannot_listen(const std::string& address) {
    const std::string reason = KeptComplaints::os_error();
    return Error(ErrorCode::kIoError, "gRPC cannot listen on " + address + ": " + reason)
        .with("remedy", remedy_of(reason))
        .with("address", address)
        .with("reason", reason);
}

}  // namespace

struct GrpcDoor::Parts {
    Parts(api::EventStore& store, const GrpcDoorOptions& options) : door(store, options) {}

    void add_service(std::string_view name, std::vector<RpcMethod> methods);
    void add_bidirectional(
        std::string_view service,
        std::string_view method,
        std::function<std::unique_ptr<CallLogic>(GenericCall&)> make_logic
    );
    void add_hot(std::string_view service, const RpcMethod& method);
    void add_methods(const std::vector<RpcService*>& services);
    Status listen();
    Status stop(std::chrono::milliseconds deadline);

    Door door;
    HotService hot;
    std::unique_ptr<HealthService> health;
    std::vector<std::string> service_names;
    std::deque<RpcMethod> methods;
    std::deque<std::string> hot_names;  ///< of services and paths, where they stay
    int port = 0;
    std::unique_ptr<grpc::Server> server;
    HotPlaces appends{door.options.hot_calls_max, [this](HotPlaces& places) {
                          return std::make_unique<AppendCall>(door, hot, places);
                      }};
    HotPlaces reads{door.options.hot_calls_max, [this](HotPlaces& places) {
                        return std::make_unique<ReadCall>(door, hot, places);
                    }};
    std::deque<HotPlaces> rpcs;  ///< of the services' hot methods
    runtime::Thread thread;
};

void GrpcDoor::Parts::add_bidirectional(
    std::string_view service,
    std::string_view method,
    std::function<std::unique_ptr<CallLogic>(GenericCall&)> make_logic
) {
    const std::string path = "/" + std::string(service) + "/" + std::string(method);
    door.methods[path] = {std::string(service), std::string(method), std::move(make_logic)};
}

void GrpcDoor::Parts::add_service(std::string_view name, std::vector<RpcMethod> added) {
    for (RpcMethod& method : added) {
        const RpcMethod& kept = methods.emplace_back(std::move(method));
        if (kept.is_hot) {
            add_hot(name, kept);
            continue;
        }
        add_bidirectional(name, kept.name, [&kept](GenericCall& call) {
            return make_method_logic(call, kept);
        });
    }
}

void GrpcDoor::Parts::add_hot(std::string_view service, const RpcMethod& method) {
    const std::string& name = hot_names.emplace_back(service);
    const std::string& path = hot_names.emplace_back("/" + name + "/" + method.name);
    const HotService::Method number = hot.add(path.c_str());
    rpcs.emplace_back(
        door.options.hot_calls_max,
        [this, number, &name, &method](HotPlaces& places) {
            return std::make_unique<HotRpcCall>(door, hot, places, number, name, method);
        }
    );
}

void GrpcDoor::Parts::add_methods(const std::vector<RpcService*>& services) {
    service_names.emplace_back(kEventStoreName);
    for (RpcService* service : services) service_names.emplace_back(service->full_name());
    health = std::make_unique<HealthService>(service_names);
    service_names.emplace_back(health->full_name());
    for (const std::string_view name : kReflectionNames) service_names.emplace_back(name);

    add_service(kEventStoreName, event_store_methods(door.store));
    add_bidirectional(kEventStoreName, "AppendStream", [](GenericCall& call) {
        return std::make_unique<AppendStreamLogic>(call);
    });
    add_service(health->full_name(), health->methods());
    for (const std::string_view name : kReflectionNames) {
        add_bidirectional(name, "ServerReflectionInfo", [this](GenericCall& call) {
            return make_reflection_logic(call, service_names);
        });
    }
    for (RpcService* service : services) add_service(service->full_name(), service->methods());
}

Status GrpcDoor::Parts::listen() {
    // Debian builds abseil with the look-out for dead locks on, which costs every call.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

    grpc::ServerBuilder builder;
    set_limits(builder, door.options);
    builder.AddListeningPort(door.options.address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&hot);
    builder.RegisterAsyncGenericService(&door.generic);
    door.loop = std::make_shared<Loop>(builder.AddCompletionQueue());
    {
        const KeptComplaints complaints;
        server = builder.BuildAndStart();
    }
    if (!server || port <= 0) {
        if (server) server->Shutdown();
        server.reset();
        return cannot_listen(door.options.address);
    }
    appends.fill();
    reads.fill();
    for (HotPlaces& places : rpcs) places.fill();
    for (int i = 0; i < kAcceptedAtOnce; ++i) GenericCall::accept(door);
    thread = runtime::Thread("grpc", [this] { door.loop->run(); });
    return ok();
}

Status GrpcDoor::Parts::stop(std::chrono::milliseconds deadline) {
    if (!server) return ok();
    health->set_serving(false);
    door.loop->call([this] {
        door.is_draining = true;
        const std::set<GenericCall*> calls = door.generic_calls;
        for (GenericCall* call : calls) call->drain();
    });
    const auto until = std::chrono::system_clock::now() + deadline;
    server->Shutdown(until);
    const bool was_late = std::chrono::system_clock::now() >= until;
    door.wait_until_idle();
    door.loop->call([this] { door.loop->quit(); });
    thread.join();
    door.readers.stop();
    door.waiters.stop();
    door.streamers.stop();
    server.reset();
    if (was_late) {
        return Error(
            ErrorCode::kDeadlineExceeded, "calls were cancelled because they did not end in time"
        );
    }
    return ok();
}

Result<std::unique_ptr<GrpcDoor>> GrpcDoor::start(
    api::EventStore& store, const GrpcDoorOptions& options, const std::vector<RpcService*>& services
) {
    auto parts = std::make_unique<Parts>(store, options);
    parts->add_methods(services);
    ANNALS_CHECK(parts->listen());
    return std::unique_ptr<GrpcDoor>(new GrpcDoor(std::move(parts)));
}

GrpcDoor::GrpcDoor(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

GrpcDoor::~GrpcDoor() { (void)parts_->stop(std::chrono::seconds(1)); }

int GrpcDoor::port() const { return parts_->port; }

void GrpcDoor::set_serving(bool is_serving) { parts_->health->set_serving(is_serving); }

Status GrpcDoor::stop(std::chrono::milliseconds deadline) { return parts_->stop(deadline); }

}  // namespace annals::grpc_door
