// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "grpc_door.hpp"

#include <stdexcept>

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/resource_quota.h>

#include "user_service.hpp"

namespace users {
namespace {

constexpr int kThreadsMax = 64;

}  // namespace

class GrpcDoor::Impl {
  public:
    Impl(const samples::Address& address, const UserStore& users, Figures& figures)
        : service_(users, figures) {
        grpc::EnableDefaultHealthCheckService(true);
        grpc::reflection::InitProtoReflectionServerBuilderPlugin();
        grpc::ServerBuilder builder;
        int port = 0;
        builder.AddListeningPort(address.to_string(), grpc::InsecureServerCredentials(), &port);
        builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a taken port is an error
        builder.SetResourceQuota(grpc::ResourceQuota("users").SetMaxThreads(kThreadsMax));
        builder.RegisterService(&service_);
        server_ = builder.BuildAndStart();
        if (!server_ || port == 0) {
            throw std::runtime_error(
                "cannot listen for gRPC on " + address.to_string() +
                ": is the port taken? port 0 takes a free one"
            );
        }
        port_ = static_cast<std::uint16_t>(port);
    }

    [[nodiscard]] std::uint16_t port() const { return port_; }
    void stop(std::chrono::milliseconds patience) const {
        server_->Shutdown(std::chrono::system_clock::now() + patience);
        server_->Wait();
    }

  private:
    UserService service_;
    std::unique_ptr<grpc::Server> server_;
    std::uint16_t port_ = 0;
};

GrpcDoor::GrpcDoor(const samples::Address& address, const UserStore& users, Figures& figures)
    : impl_(std::make_unique<Impl>(address, users, figures)) {}
GrpcDoor::~GrpcDoor() = default;

std::uint16_t GrpcDoor::port() const { return impl_->port(); }

void GrpcDoor::stop(std::chrono::milliseconds patience) { impl_->stop(patience); }

}  // namespace users
