// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace annals::index {

/// Which streams may have a metadata stream (`$$order-1` of `order-1`), so that asking for what was
/// said about a stream of which nothing was costs nothing. Never wrong about one that has; wrong
/// about one in forty that has not where a million have. Takes its 1 MiB when it meets the first.
/// One thread adds, any asks.
class MetadataFilter {
  public:
    /// To be told of every event's stream.
    void note(std::string_view stream);
    /// From now on every stream may have one.
    void saturate() { is_saturated_.store(true, std::memory_order_release); }
    /// By codec::hash64 of the stream's name (not its metadata stream's).
    [[nodiscard]] bool may_have(std::uint64_t stream_hash) const;

  private:
    static constexpr std::size_t kWords = 1u << 17u;
    static constexpr std::uint64_t kWordMask = kWords - 1;
    using Words = std::atomic<std::uint64_t>;

    std::atomic<bool> is_saturated_{false};
    std::atomic<Words*> words_{nullptr};
    std::unique_ptr<Words[]> owned_;
};

}  // namespace annals::index
