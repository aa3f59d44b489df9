// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "figures.hpp"
#include "user_store.hpp"
#include "users/service.grpc.pb.h"

namespace users {

/// The methods of eskit's contract over UserStore: messages, codes and texts. Codes are the
/// contract's but where it calls its own wrong: README.md has the list. A refusal carries
/// google.rpc.ErrorInfo (domain "annals-users") with its reason.
class UserService final : public contracts::users::UserService::Service {
  public:
    UserService(UserStore users, Figures& figures) : users_(std::move(users)), figures_(figures) {}

    grpc::Status Healtz(
        grpc::ServerContext* context,
        const contracts::users::HealthRequest* request,
        contracts::users::HealthResponse* response
    ) override;
    grpc::Status Create(
        grpc::ServerContext* context,
        const contracts::users::CreateRequest* request,
        contracts::users::CreateResponse* response
    ) override;
    grpc::Status Get(
        grpc::ServerContext* context,
        const contracts::users::GetRequest* request,
        contracts::users::GetResponse* response
    ) override;
    grpc::Status Update(
        grpc::ServerContext* context,
        const contracts::users::UpdateRequest* request,
        contracts::users::UpdateResponse* response
    ) override;
    grpc::Status Delete(
        grpc::ServerContext* context,
        const contracts::users::DeleteRequest* request,
        contracts::users::DeleteResponse* response
    ) override;

  private:
    const UserStore users_;
    Figures& figures_;
};

}  // namespace users
