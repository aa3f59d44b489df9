// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "annals/telemetry/metrics.hpp"

namespace annals::dialect_eskit {

/// `eskit_consumers_consumed_count`: saves by consumer, of the first kNamesMax that save; the
/// others together, without a name. Any thread.
class SaveCounter {
  public:
    static constexpr std::size_t kNamesMax = 1'000;

    /// Null: counts nowhere.
    explicit SaveCounter(telemetry::Metrics* metrics) : metrics_(metrics) {}

    void count(const std::string& consumer) {
        if (metrics_ == nullptr) return;
        const std::lock_guard lock(mutex_);
        auto found = counters_.find(consumer);
        if (found == counters_.end()) {
            const std::string name = counters_.size() < kNamesMax ? consumer : "";
            found = counters_.try_emplace(name).first;
            found->second = metrics_->counter(
                "eskit_consumers_consumed_count", "Consume count", {{"consumer_name", name}}
            );
        }
        found->second.add();
    }

  private:
    telemetry::Metrics* metrics_;
    std::mutex mutex_;
    std::map<std::string, telemetry::Counter> counters_;
};

}  // namespace annals::dialect_eskit
