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

    void clear() {
        blocks_.clear();
        next_ = nullptr;
        room_ = 0;
        bytes_ = 0;
    }

  private:
    void add_block(std::size_t bytes_min) {
        room_ = std::max<std::size_t>(bytes_min, 256u << 10u);
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
        next_ = blocks_.back().get();
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* next_ = nullptr;
    std::size_t room_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace annals::interchange
