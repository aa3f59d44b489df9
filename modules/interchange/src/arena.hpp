// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace annals::interchange {

/// Keeps copies of texts at fixed addresses until it is cleared. One thread.
class Arena {
  public:
    std::string_view copy(std::string_view text) {
        if (text.empty()) return {};
        if (text.size() > room_) add_block(text.size());
        char* const at = next_;
        std::memcpy(at, text.data(), text.size());
        next_ += text.size();
        room_ -= text.size();
        bytes_ += text.size();
        return {at, text.size()};
    }

    [[nodiscard]] std::size_t bytes() const { return bytes_; }

    /// Keeps one block, so that small texts, cleared often, cost no memory from the system.
    void clear() {
        bytes_ = 0;
        if (blocks_.empty()) return;
        blocks_.resize(1);
        next_ = blocks_.front().get();
        room_ = first_bytes_;
        if (first_bytes_ <= kBlockBytes) return;
        blocks_.clear();
        next_ = nullptr;
        room_ = 0;
    }

  private:
    static constexpr std::size_t kBlockBytes = 256u << 10u;

    void add_block(std::size_t bytes_min) {
        room_ = std::max(bytes_min, kBlockBytes);
        if (blocks_.empty()) first_bytes_ = room_;
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
        next_ = blocks_.back().get();
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* next_ = nullptr;
    std::size_t room_ = 0;
    std::size_t bytes_ = 0;
    std::size_t first_bytes_ = 0;
};

}  // namespace annals::interchange
