// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "append_pool.hpp"

namespace annals::order_local {

std::unique_ptr<PreparedAppend> AppendPool::take() {
    {
        const std::lock_guard lock(mutex_);
        if (!free_.empty()) {
            std::unique_ptr<PreparedAppend> append = std::move(free_.back());
            free_.pop_back();
            return append;
        }
    }
    return std::make_unique<PreparedAppend>();
}

void AppendPool::give_back(std::unique_ptr<PreparedAppend> append) {
    const bool is_kept = append->kept_bytes() <= kKeptBytesMax;
    append->clear();
    if (!is_kept) return;
    const std::lock_guard lock(mutex_);
    if (free_.size() < kKeptMax) free_.push_back(std::move(append));
}

void AppendPool::give_back(std::vector<std::unique_ptr<PreparedAppend>>& appends) {
    for (auto& append : appends) {
        const bool is_kept = append->kept_bytes() <= kKeptBytesMax;
        append->clear();
        if (!is_kept) append.reset();
    }
    {
        const std::lock_guard lock(mutex_);
        for (auto& append : appends) {
            if (append && free_.size() < kKeptMax) free_.push_back(std::move(append));
        }
    }
    appends.clear();
}

}  // namespace annals::order_local
