// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "annals/base/assert.hpp"
#include "annals/base/clock.hpp"
#include "annals/groups/consumer_groups.hpp"
#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/order_local/local_orderer.hpp"

namespace annals::groups::testing {

/// Events and groups of a server over files that survive reopening. The clock is that of both.
class Server {
  public:
    explicit Server(log::FileSystem& files, const Clock& clock = system_clock())
        : files_(files), clock_(clock) {
        open();
    }
    ~Server() { close(); }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void open() {
        namespaces::NamespacesOptions options;
        options.directory = "data/namespaces";
        options.files = &files_;
        options.version = "test";
        options.open_orderer =
            [this](const std::string&, const std::string& directory, namespaces::LogKind kind) {
                order_local::OrdererOptions orderer;
                orderer.clock = &clock_;
                orderer.index.is_in_memory = true;
                orderer.log.has_tree = kind == namespaces::LogKind::kEvents;
                order_local::OpenReport report;
                return order_local::open_local_orderer(files_, directory, orderer, memory_, report);
            };
        auto opened = namespaces::Namespaces::open(std::move(options));
        ANNALS_ASSERT(opened.has_value(), "the namespaces open");
        events_ = std::move(*opened);
        groups_ = make_consumer_groups(*events_, clock_);
    }
    void close() {
        if (groups_) groups_->close();
        groups_.reset();
        events_.reset();
    }
    void reopen() {
        close();
        open();
    }

    namespaces::Namespaces& events() { return *events_; }
    DirectConsumerGroups& groups() { return *groups_; }

  private:
    log::FileSystem& files_;
    const Clock& clock_;
    index::IndexMemory memory_{64u << 20u};
    std::unique_ptr<namespaces::Namespaces> events_;
    std::unique_ptr<DirectConsumerGroups> groups_;
};

}  // namespace annals::groups::testing
