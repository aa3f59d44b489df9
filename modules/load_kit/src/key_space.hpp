// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace annals::load_kit {

/// The keys of one category, shared by all actors that use it: which of them are stored, in which
/// order they came, and the newest revision that the store has acknowledged. 12 bytes a key, taken
/// at once. Any thread; a note costs an atomic exchange or two.
class KeySpace {
  public:
    /// `category` is as the store has it, with the run's tag.
    KeySpace(std::string category, std::uint64_t count);

    [[nodiscard]] const std::string& category() const { return category_; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    /// "00000042": padded, so that names are equally long.
    [[nodiscard]] std::string id(std::uint64_t key) const;
    [[nodiscard]] std::string stream(std::uint64_t key) const { return category_ + "-" + id(key); }
    /// Nothing for a name that is not one of ours.
    [[nodiscard]] std::optional<std::uint64_t> key_of(std::string_view stream) const;

    /// The next key that nobody was given before; from the first again when all were.
    std::uint64_t claim() { return claimed_.fetch_add(1, std::memory_order_relaxed) % count_; }

    /// The store has acknowledged this revision. An older one changes nothing.
    void note(std::uint64_t key, std::uint64_t revision);
    [[nodiscard]] std::optional<std::uint64_t> revision(std::uint64_t key) const;

    /// How many keys are stored, and the one that came as the `place`-th.
    [[nodiscard]] std::uint64_t known() const { return known_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint64_t known_at(std::uint64_t place) const;

  private:
    std::string category_;
    std::uint64_t count_;
    std::unique_ptr<std::atomic<std::uint64_t>[]> next_;   ///< newest revision + 1; 0: not stored
    std::unique_ptr<std::atomic<std::uint32_t>[]> order_;  ///< key + 1; 0: being noted right now
    std::atomic<std::uint64_t> known_{0};
    std::atomic<std::uint64_t> claimed_{0};
};

}  // namespace annals::load_kit
