// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/groups/testing/server.hpp"
#include "annals/log/file_system.hpp"

#include "consumer_groups_contract.hpp"

namespace annals::conformance {

class DirectGroupsHost final : public ConsumerGroupsHost {
  public:
    api::EventStore& events() override { return server_.events(); }
    api::ConsumerGroups& groups() override { return server_.groups(); }

  private:
    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    groups::testing::Server server_{*files_};
};

}  // namespace annals::conformance
