// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/index/index.hpp"

namespace annals::index {

/// Values in RocksDB, byte for byte as docs/formats/index.md has them. Decoders take damaged bytes
/// and say so by `false` or nothing; they never read outside the value.

inline constexpr std::uint32_t kFormatVersion = 1;
/// Most positions of one block.
inline constexpr std::size_t kBlockPositionsMax = 1024;

// ---- mark ----

void encode_mark(std::string& out, const IndexMark& mark);
/// The format version is beside it, so that an unknown one is told apart from damage.
struct DecodedMark {
    std::uint32_t format = 0;
    IndexMark mark;
};
std::optional<DecodedMark> decode_mark(std::string_view value);

// ---- heads and summaries ----

/// A stream's head. The time of its first event is there only when the window that wrote the head
/// knew it.
struct HeadValue {
    std::uint64_t last_revision = 0;
    std::uint64_t last_position = 0;
    std::int64_t last_time = 0;
    std::optional<std::int64_t> first_time;
};
void encode_head(std::string& out, const HeadValue& head);
std::optional<HeadValue> decode_head(std::string_view value);

/// Totals of a category or a type.
struct SummaryValue {
    std::uint64_t events = 0;
    std::uint64_t streams = 0;
    std::uint64_t last_position = 0;
    std::int64_t last_time = 0;
};
void encode_summary(std::string& out, const SummaryValue& summary);
std::optional<SummaryValue> decode_summary(std::string_view value);

// ---- postings of categories, types, tags ----

/// `positions` rise; the last is the number in the key.
void encode_postings(std::string& out, const std::vector<std::uint64_t>& positions);
/// Replaces `positions`.
bool decode_postings(
    std::string_view value, std::uint64_t last, std::vector<std::uint64_t>& positions
);

// ---- postings of streams ----

/// Events of one stream with dense revisions; the last revision is the number in the key.
struct StreamBlock {
    std::optional<std::int64_t> first_time;  ///< of revision 0, in the block that holds it
    std::vector<std::uint64_t> positions;
    std::vector<std::uint32_t> id_hashes;
};
void encode_stream_block(std::string& out, const StreamBlock& block);

/// A look into an encoded stream block. The positions are decoded only when asked for.
class StreamBlockView {
  public:
    static std::optional<StreamBlockView> parse(std::string_view value);

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::optional<std::int64_t> first_time() const { return first_time_; }
    [[nodiscard]] std::uint32_t id_hash(std::size_t i) const;
    /// Replaces `positions`.
    bool positions(std::vector<std::uint64_t>& positions) const;

  private:
    std::size_t size_ = 0;
    std::optional<std::int64_t> first_time_;
    std::string_view hashes_;
    std::string_view positions_;
};

// ---- ids ----

/// One bucket's ids of one window: short hash and offset from the window's first position, sorted
/// by hash.
struct IdEntry {
    std::uint32_t hash = 0;
    std::uint32_t offset = 0;
    auto operator<=>(const IdEntry&) const = default;
};
void encode_id_block(std::string& out, const std::vector<IdEntry>& entries);
/// Appends the positions of the entries with that hash.
bool find_in_id_block(
    std::string_view value,
    std::uint64_t base,
    std::uint32_t hash,
    std::vector<std::uint64_t>& positions
);

}  // namespace annals::index
