// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/clock.hpp"
#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/order_local/local_orderer.hpp"

#include "event_store_host.hpp"

namespace annals::conformance {

/// The store in this process, on files in memory.
/// The machine's clocks, put forward together.
class ForwardClock final : public Clock {
  public:
    void pass(std::chrono::seconds time) {
        passed_ns_.fetch_add(std::chrono::nanoseconds(time).count());
    }
    [[nodiscard]] TimeNs now() const override {
        return TimeNs(system_clock().now().value + passed_ns_.load());
    }
    [[nodiscard]] std::int64_t monotonic_ns() const override {
        return system_clock().monotonic_ns() + passed_ns_.load();
    }

  private:
    std::atomic<std::int64_t> passed_ns_{0};
};

class DirectHost final : public EventStoreHost {
  public:
    DirectHost() {
        namespaces::NamespacesOptions options;
        options.directory = "data/namespaces";
        options.files = files_.get();
        options.version = "test";
        options.clock = &clock_;
        options.open_orderer =
            [this](const std::string&, const std::string& directory, namespaces::LogKind kind) {
                order_local::OrdererOptions orderer;
                orderer.clock = &clock_;
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
    void free_space() override {
        auto run = store_->start_scavenge({}, {});
        // Another one may be under way, begun too early.
        while (!run && run.error().code() == ErrorCode::kScavengeRunning) {
            std::this_thread::yield();
            run = store_->start_scavenge({}, {});
        }
        ASSERT_TRUE(run) << run.error().to_string();
        while (true) {
            const auto status = store_->get_scavenge({});
            ASSERT_TRUE(status) << status.error().to_string();
            if (status->id != run->id) return;
            if (status->state == api::ScavengeState::kDone) return;
            ASSERT_EQ(status->state, api::ScavengeState::kRunning) << status->error;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }

    void damage(std::string_view text) override {
        const std::string top = "data/namespaces";
        const std::vector<std::string> names = files_->list(top).value();
        for (const std::string& name : names) {
            const std::string folder = std::string(top).append("/").append(name).append("/events");
            const auto segments = files_->list(folder);
            if (!segments) continue;
            for (const std::string& segment : *segments) {
                const std::string path = std::string(folder).append("/").append(segment);
                if (segment.ends_with(".seg") && flip(path, text)) return;
            }
        }
        FAIL() << text << " is in no segment";
    }

    void pass_time(std::chrono::seconds time) override { clock_.pass(time); }

  private:
    bool flip(const std::string& path, std::string_view text) {
        const auto file = files_->open(path, log::FileSystem::Mode::kReadWrite).value();
        const std::string bytes = file->read_at(0, file->size().value()).value();
        const std::size_t at = bytes.find(text);
        if (at == std::string::npos) return false;
        const char flipped = static_cast<char>(bytes[at] ^ 1);
        EXPECT_TRUE(file->write_at(at, std::string_view(&flipped, 1)));
        return true;
    }

    ForwardClock clock_;
    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    index::IndexMemory memory_{64u << 20u};
    std::unique_ptr<namespaces::Namespaces> store_;
};

}  // namespace annals::conformance
