// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace annals::log::detail {

/// Body of a compressed group: small blocks, each zstd, so that a reader unpacks only what it needs
/// (log-and-rules 3.4).
inline constexpr std::uint32_t kBlockRawBytes = 16u << 10u;
inline constexpr std::size_t kCompressFromBytes = 4u << 10u;

/// Appends the compressed body of `raw` to `out`; false (out unchanged) when it saves less than a
/// quarter. `record_offsets` are those of the events' records in `raw`.
[[nodiscard]] bool compress_body(
    std::string& out, std::string_view raw, std::span<const std::uint32_t> record_offsets
);

/// The tables of a compressed body, checked against the sizes in the group's header. A view.
class CompressedBody {
  public:
    /// Nothing when the tables do not fit the body.
    static std::optional<CompressedBody> open(
        std::string_view stored, std::uint32_t raw_bytes, std::uint32_t event_count
    );

    [[nodiscard]] std::uint32_t raw_bytes() const { return raw_bytes_; }
    [[nodiscard]] std::uint32_t block_count() const { return block_count_; }
    /// Raw offset of an event's record; raw_bytes() or more when the table is damaged.
    [[nodiscard]] std::uint32_t record_offset(std::uint32_t event) const;
    /// Unpacks one block; false when it is damaged.
    [[nodiscard]] bool unpack_block(std::uint32_t block, std::string& out) const;
    /// Unpacks all.
    [[nodiscard]] bool unpack(std::string& out) const;

  private:
    [[nodiscard]] std::uint32_t block_end(std::uint32_t block) const;

    std::string_view offsets_;
    std::string_view ends_;
    std::string_view blocks_;
    std::uint32_t raw_bytes_ = 0;
    std::uint32_t block_count_ = 0;
};

}  // namespace annals::log::detail
