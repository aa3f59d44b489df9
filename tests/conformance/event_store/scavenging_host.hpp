// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <chrono>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "direct_host.hpp"

namespace annals::conformance {

/// The store in this process, scavenged again and again beside whatever the test does: by the rules
/// of a server, so nothing that is visible may change.
class ScavengingDirectHost final : public EventStoreHost {
  public:
    ScavengingDirectHost()
        : scavenging_([this] {
              while (!is_ending_.load()) {
                  const auto begun = host_.store().start_scavenge({}, {});
                  // free_space() may have begun one.
                  const bool is_well = begun || begun.error().code() == ErrorCode::kScavengeRunning;
                  EXPECT_TRUE(is_well) << begun.error().to_string();
                  if (!is_well) return;
                  while (is_running()) std::this_thread::yield();
                  const auto status = host_.store().get_scavenge({});
                  // Or the next one was begun by free_space().
                  const bool is_next = status->state == api::ScavengeState::kRunning;
                  EXPECT_TRUE(is_next || status->state == api::ScavengeState::kDone)
                      << status->error;
                  // So that it does not take the processor from everybody else.
                  std::this_thread::sleep_for(std::chrono::milliseconds(2));
              }
          }) {}
    ~ScavengingDirectHost() override {
        is_ending_.store(true);
        scavenging_.join();
    }

    api::EventStore& store() override { return host_.store(); }
    void free_space() override { host_.free_space(); }
    void damage(std::string_view text) override { host_.damage(text); }
    void pass_time(std::chrono::seconds time) override { host_.pass_time(time); }
    [[nodiscard]] bool removes_hidden() const override { return true; }

  private:
    bool is_running() {
        const auto status = host_.store().get_scavenge({});
        return status && status->state == api::ScavengeState::kRunning;
    }

    DirectHost host_;
    std::atomic<bool> is_ending_{false};
    std::thread scavenging_;
};

}  // namespace annals::conformance
