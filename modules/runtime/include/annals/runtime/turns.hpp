// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace annals::runtime {

/// Changes of one thing happen one after the other, in the order of their coming: who changes it
/// without a pause would else be first for ever. Things of different names do not wait for each
/// other. A waiter is whatever its owner tells that its turn has come. Any thread; never waits.
template <typename Waiter>
class Turns {
  public:
    /// That wait at most, for all names.
    static constexpr std::size_t kWaitingMax = 4'096;

    enum class Entered : std::uint8_t {
        kNow,   ///< it is the waiter's turn
        kWait,  ///< leave() of one before hands it out
        kFull,  ///< it was not taken
    };

    Entered enter(const std::string& name, const std::shared_ptr<Waiter>& waiter) {
        const std::lock_guard lock(mutex_);
        const auto [turn, is_first] = turns_.try_emplace(name);
        count_.store(turns_.size(), std::memory_order_relaxed);
        if (is_first) return Entered::kNow;
        if (waiting_ >= kWaitingMax) return Entered::kFull;
        ++waiting_;
        turn->second.push_back(waiter);
        return Entered::kWait;
    }

    /// The turn is over. Whose it is now, or null.
    std::shared_ptr<Waiter> leave(const std::string& name) {
        const std::lock_guard lock(mutex_);
        const auto turn = turns_.find(name);
        if (turn->second.empty()) {
            turns_.erase(turn);
            count_.store(turns_.size(), std::memory_order_relaxed);
            return nullptr;
        }
        --waiting_;
        std::shared_ptr<Waiter> next = std::move(turn->second.front());
        turn->second.pop_front();
        return next;
    }

    /// Whether somebody has any turn, as of a moment ago: costs nothing to ask.
    [[nodiscard]] bool has_any() const { return count_.load(std::memory_order_relaxed) != 0; }
    /// Whether somebody has the turn of the name.
    [[nodiscard]] bool is_taken(const std::string& name) const {
        const std::lock_guard lock(mutex_);
        return turns_.contains(name);
    }

  private:
    using Waiting = std::deque<std::shared_ptr<Waiter>>;  // joins the queue and who is told

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Waiting> turns_;  ///< of what is changed now
    std::atomic<std::size_t> count_ = 0;              ///< of turns_
    std::size_t waiting_ = 0;
};

}  // namespace annals::runtime
