// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "annals/consumers/consumer_store.hpp"
#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/order_local/local_orderer.hpp"

namespace annals::consumers::testing {

/// Events and consumers of a server over files that survive reopening.
class Server {
  public:
    explicit Server(log::FileSystem& files, std::int64_t interval_ns = 0)
        : files_(files), interval_ns_(interval_ns) {
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
                orderer.index.is_in_memory = true;
                orderer.log.has_tree = kind == namespaces::LogKind::kEvents;
                orderer.durability.interval_ns = interval_ns_;
                order_local::OpenReport report;
                return order_local::open_local_orderer(files_, directory, orderer, memory_, report);
            };
        auto opened = namespaces::Namespaces::open(std::move(options));
        ASSERT_TRUE(opened) << opened.error().to_string();
        events_ = std::move(*opened);
        consumers_ = make_consumer_store(*events_);
    }
    void close() {
        consumers_.reset();
        events_.reset();
    }
    void reopen() {
        close();
        open();
    }

    namespaces::Namespaces& events() { return *events_; }
    api::ConsumerStore& consumers() { return *consumers_; }

    /// Appends an event to the namespace `default`; its token.
    std::string append() {
        model::NewEvent event;
        event.stream = "a-1";
        event.type = "happened";
        event.data = "{}";
        model::AppendRequest request;
        request.events.push_back(event);
        const auto appended = events_->append_and_wait({}, request);
        EXPECT_TRUE(appended) << (appended ? "" : appended.error().to_string());
        return appended ? appended->position : std::string();
    }
    std::vector<std::string> append_many(int count) {
        std::vector<std::string> tokens;
        tokens.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) tokens.push_back(append());
        return tokens;
    }
    /// Events in the system log of `default`.
    std::uint64_t system_events() {
        const auto system = events_->system_log("default");
        EXPECT_TRUE(system);
        return (*system)->visible_end().get().value;
    }

  private:
    log::FileSystem& files_;
    const std::int64_t interval_ns_;
    index::IndexMemory memory_{64u << 20u};
    std::unique_ptr<namespaces::Namespaces> events_;
    std::unique_ptr<api::ConsumerStore> consumers_;
};

}  // namespace annals::consumers::testing
