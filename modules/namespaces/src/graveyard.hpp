// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace annals::namespaces {

/// Where objects with threads of their own go when their last user lets go of them, because that
/// user may be one of these threads, which cannot join itself. Emptied by its owner's thread.
template <typename T>
class Graveyard {
  public:
    /// Shares the object; the last to let go buries it here.
    static std::shared_ptr<T> share(
        std::unique_ptr<T> object, const std::shared_ptr<Graveyard>& graveyard
    ) {
        return std::shared_ptr<T>(object.release(), [graveyard](T* dead) {
            graveyard->bury(std::unique_ptr<T>(dead));
        });
    }

    void bury(std::unique_ptr<T> dead) {
        {
            const std::lock_guard lock(mutex_);
            if (!is_closed_) {
                dead_.push_back(std::move(dead));
                return;
            }
        }
        dead.reset();  // the owner is gone: nobody else will
    }

    void empty() {
        std::vector<std::unique_ptr<T>> dead;
        const std::lock_guard lock(mutex_);
        dead.swap(dead_);
        // Destroyed after the lock is given up: `dead` outlives `lock` by declaration order.
    }

    void close() {
        {
            const std::lock_guard lock(mutex_);
            is_closed_ = true;
        }
        empty();
    }

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<T>> dead_;
    bool is_closed_ = false;
};

}  // namespace annals::namespaces
