// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/order_local/local_orderer.hpp"

#include "event_store_host.hpp"

namespace annals::conformance {

/// The store in this process, on files in memory.
class DirectHost final : public EventStoreHost {
  public:
    DirectHost() {
        namespaces::NamespacesOptions options;
        options.directory = "data/namespaces";
        options.files = files_.get();
        options.version = "test";
        options.open_orderer =
            [this](const std::string&, const std::string& directory, namespaces::LogKind kind) {
                order_local::OrdererOptions orderer;
                orderer.index.is_in_memory = true;
                orderer.log.has_tree = kind == namespaces::LogKind::kEvents;
                order_local::OpenReport report;
                return order_local::open_local_orderer(
                    *files_, directory, orderer, memory_, report
                );
            };
        auto opened = namespaces::Namespaces::open(std::move(options));
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().to_string());
        if (opened) store_ = std::move(*opened);
    }

    api::EventStore& store() override { return *store_; }

  private:
    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    index::IndexMemory memory_{64u << 20u};
    std::unique_ptr<namespaces::Namespaces> store_;
};

}  // namespace annals::conformance
