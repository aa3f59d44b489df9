// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "key_space.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace annals::load_kit {

KeySpace::KeySpace(std::string category, std::uint64_t count)
    : category_(std::move(category)),
      count_(count),
      next_(std::make_unique<std::atomic<std::uint64_t>[]>(count)),
      order_(std::make_unique<std::atomic<std::uint32_t>[]>(count)) {}

std::string KeySpace::id(std::uint64_t key) const {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "%08llu", static_cast<unsigned long long>(key));
    return text.data();
}

std::optional<std::uint64_t> KeySpace::key_of(std::string_view stream) const {
    const std::size_t from = category_.size() + 1;
    if (stream.size() <= from || !stream.starts_with(category_) || stream[from - 1] != '-') {
        return std::nullopt;
    }
    std::uint64_t key = 0;
    const auto [end, error] = std::from_chars(
        stream.data() + from, stream.data() + stream.size(), key
    );
    const bool is_ours = error == std::errc() && end == stream.data() + stream.size() &&
                         key < count_;
    return is_ours ? std::optional(key) : std::nullopt;
}

void KeySpace::note(std::uint64_t key, std::uint64_t revision) {
    std::atomic<std::uint64_t>& next = next_[key];
    std::uint64_t before = next.load(std::memory_order_relaxed);
    while (before < revision + 1 &&
           !next.compare_exchange_weak(before, revision + 1, std::memory_order_acq_rel)) {
    }
    if (before != 0) return;
    // Exactly one thread took it from 0.
    const std::uint64_t place = known_.fetch_add(1, std::memory_order_acq_rel);
    order_[place].store(static_cast<std::uint32_t>(key) + 1, std::memory_order_release);
}

std::optional<std::uint64_t> KeySpace::revision(std::uint64_t key) const {
    const std::uint64_t next = next_[key].load(std::memory_order_acquire);
    return next == 0 ? std::nullopt : std::optional(next - 1);
}

std::uint64_t KeySpace::known_at(std::uint64_t place) const {
    // The thread that counted it may not have written it yet; the first key always will have.
    for (std::uint64_t at = place;; at = at == 0 ? place : at - 1) {
        const std::uint32_t key = order_[at].load(std::memory_order_acquire);
        if (key != 0) return key - 1;
    }
}

}  // namespace annals::load_kit
