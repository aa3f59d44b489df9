// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace annals::consumers {

class Change;

/// Changes of one consumer happen one after the other, in the order of their coming: an instance
/// that saves without a pause would else be first for ever, and nobody could claim what it has.
/// Changes of different consumers do not wait for each other. Any thread.
class Turns {
  public:
    /// That wait at most, of all consumers.
    static constexpr std::size_t kWaitingMax = 4'096;

    enum class Entered : std::uint8_t {
        kNow,   ///< it is the change's turn
        kWait,  ///< leave() of one before hands it out
        kFull,  ///< it was not taken
    };

    Entered enter(const std::string& consumer, const std::shared_ptr<Change>& change) {
        const std::lock_guard lock(mutex_);
        const auto [turn, is_first] = turns_.try_emplace(consumer);
        if (is_first) return Entered::kNow;
        if (waiting_ >= kWaitingMax) return Entered::kFull;
        ++waiting_;
        turn->second.push_back(change);
        return Entered::kWait;
    }

    /// The turn is over. Whose it is now, or null.
    std::shared_ptr<Change> leave(const std::string& consumer) {
        const std::lock_guard lock(mutex_);
        const auto turn = turns_.find(consumer);
        if (turn->second.empty()) {
            turns_.erase(turn);
            return nullptr;
        }
        --waiting_;
        std::shared_ptr<Change> next = std::move(turn->second.front());
        turn->second.pop_front();
        return next;
    }

  private:
    using Waiting = std::deque<std::shared_ptr<Change>>;  // joins the queue and the change's answer

    std::mutex mutex_;
    std::unordered_map<std::string, Waiting> turns_;  ///< of consumers that are changed now
    std::size_t waiting_ = 0;
};

}  // namespace annals::consumers
