// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <iterator>
#include <utility>

namespace annals {

/// What a loop runs over once, front to back: values that are made as the loop asks for them.
///
///     for (const Event& event : client.read_stream("order-1")) …
///
/// Asking may wait and may throw a Failure. A value lives until the next is asked for.
template <typename T>
class Sequence {
  public:
    /// The next value; null: that was all.
    using Next = std::function<const T*()>;
    explicit Sequence(Next next) : next_(std::move(next)) {}

    class Iterator {
      public:
        using iterator_concept = std::input_iterator_tag;
        using value_type = T;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        explicit Iterator(const Next* next) : next_(next), current_((*next)()) {}
        const T& operator*() const { return *current_; }
        const T* operator->() const { return current_; }
        Iterator& operator++() {
            current_ = (*next_)();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return current_ == nullptr; }

      private:
        const Next* next_ = nullptr;
        const T* current_ = nullptr;
    };

    [[nodiscard]] Iterator begin() const { return Iterator(&next_); }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }

  private:
    Next next_;
};

}  // namespace annals
