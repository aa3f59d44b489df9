// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "annals/base/uuid.hpp"

#include "last_record.hpp"

namespace annals::consumers {

/// The newest record of consumers, as it was accepted. Saves a look into the log, and in interval
/// mode, where the log shows a change only once it is synced, it is the only place that knows it.
/// May be behind what others wrote: what is decided by it is appended at its revision, so that the
/// log has the last word, and nothing is answered from it alone. Any thread.
class RecordCache {
  public:
    /// Beyond these everything is forgotten, which costs one look each.
    static constexpr std::size_t kRecordsMax = 16'384;

    std::optional<LastRecord> find(const Uuid& log_id, const std::string& stream) const {
        const std::lock_guard lock(mutex_);
        const auto found = records_.find(key_of(log_id, stream));
        if (found == records_.end()) return std::nullopt;
        return found->second;
    }

    /// Kept unless a newer one is there.
    void put(const Uuid& log_id, const std::string& stream, const LastRecord& last) {
        const std::lock_guard lock(mutex_);
        if (records_.size() >= kRecordsMax) records_.clear();
        const auto [found, is_new] = records_.try_emplace(key_of(log_id, stream), last);
        if (!is_new && found->second.revision < last.revision) found->second = last;
    }

    void drop(const Uuid& log_id, const std::string& stream) {
        const std::lock_guard lock(mutex_);
        records_.erase(key_of(log_id, stream));
    }

  private:
    static std::string key_of(const Uuid& log_id, const std::string& stream) {
        return std::string(log_id.view()).append(stream);
    }

    mutable std::mutex mutex_;
    std::unordered_map<std::string, LastRecord> records_;
};

}  // namespace annals::consumers
