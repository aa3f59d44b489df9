// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "block.hpp"

#include <algorithm>

#include "annals/codec/wire.hpp"

namespace annals::index {
namespace {

constexpr std::uint64_t kHasFirstTime = 1;

bool take_time(std::string_view& value, std::int64_t& time) {
    if (value.size() < 8) return false;
    time = codec::load<std::int64_t>(value.data());
    value.remove_prefix(8);
    return true;
}

void append_deltas(std::string& out, const std::vector<std::uint64_t>& positions) {
    for (std::size_t i = 1; i < positions.size(); ++i) {
        codec::append_varint(out, positions[i] - positions[i - 1]);
    }
}

/// The quick way for one and two bytes, which nearly all deltas are.
bool take_delta(std::string_view& value, std::uint64_t& delta) {
    if (value.size() >= 2) {
        const auto first = static_cast<std::uint8_t>(value[0]);
        if (first < 0x80u) {
            delta = first;
            value.remove_prefix(1);
            return true;
        }
        const auto second = static_cast<std::uint8_t>(value[1]);
        if (second < 0x80u) {
            delta = (first & 0x7Fu) | (static_cast<std::uint64_t>(second) << 7u);
            value.remove_prefix(2);
            return true;
        }
    }
    return codec::take_varint(value, delta);
}

}  // namespace

void encode_mark(std::string& out, const IndexMark& mark) {
    out.clear();
    codec::append_fixed(out, kFormatVersion);
    codec::append_fixed(out, mark.position.value);
    codec::append_fixed(out, mark.chain);
}

std::optional<DecodedMark> decode_mark(std::string_view value) {
    if (value.size() < 4) return std::nullopt;
    DecodedMark decoded;
    decoded.format = codec::load<std::uint32_t>(value.data());
    if (decoded.format != kFormatVersion) return decoded;
    if (value.size() != 20) return std::nullopt;
    decoded.mark.position = Position(codec::load<std::uint64_t>(value.data() + 4));
    decoded.mark.chain = codec::load<std::uint64_t>(value.data() + 12);
    return decoded;
}

void encode_head(std::string& out, const HeadValue& head) {
    out.clear();
    codec::append_varint(out, head.last_revision);
    codec::append_varint(out, head.last_position);
    codec::append_fixed(out, head.last_time);
    if (head.first_time) codec::append_fixed(out, *head.first_time);
}

std::optional<HeadValue> decode_head(std::string_view value) {
    HeadValue head;
    if (!codec::take_varint(value, head.last_revision)) return std::nullopt;
    if (!codec::take_varint(value, head.last_position)) return std::nullopt;
    if (!take_time(value, head.last_time)) return std::nullopt;
    if (value.empty()) return head;
    std::int64_t first = 0;
    if (!take_time(value, first) || !value.empty()) return std::nullopt;
    head.first_time = first;
    return head;
}

void encode_summary(std::string& out, const SummaryValue& summary) {
    out.clear();
    codec::append_varint(out, summary.events);
    codec::append_varint(out, summary.streams);
    codec::append_varint(out, summary.last_position);
    codec::append_fixed(out, summary.last_time);
}

std::optional<SummaryValue> decode_summary(std::string_view value) {
    SummaryValue summary;
    if (!codec::take_varint(value, summary.events)) return std::nullopt;
    if (!codec::take_varint(value, summary.streams)) return std::nullopt;
    if (!codec::take_varint(value, summary.last_position)) return std::nullopt;
    if (!take_time(value, summary.last_time) || !value.empty()) return std::nullopt;
    return summary;
}

void encode_postings(std::string& out, const std::vector<std::uint64_t>& positions) {
    out.clear();
    codec::append_varint(out, positions.size());
    codec::append_varint(out, positions.back() - positions.front());
    append_deltas(out, positions);
}

bool decode_postings(
    std::string_view value, std::uint64_t last, std::vector<std::uint64_t>& positions
) {
    positions.clear();
    std::uint64_t n = 0;
    std::uint64_t span = 0;
    if (!codec::take_varint(value, n) || !codec::take_varint(value, span)) return false;
    if (n == 0 || n > kBlockPositionsMax || span > last) return false;
    std::uint64_t position = last - span;
    positions.push_back(position);
    for (std::uint64_t i = 1; i < n; ++i) {
        std::uint64_t delta = 0;
        if (!take_delta(value, delta)) return false;
        position += delta;
        positions.push_back(position);
    }
    return position == last && value.empty();
}

void encode_stream_block(std::string& out, const StreamBlock& block) {
    out.clear();
    const std::uint64_t flags = block.first_time ? kHasFirstTime : 0;
    codec::append_varint(out, (block.positions.size() << 1u) | flags);
    if (block.first_time) codec::append_fixed(out, *block.first_time);
    for (const std::uint32_t hash : block.id_hashes) codec::append_fixed(out, hash);
    codec::append_varint(out, block.positions.front());
    append_deltas(out, block.positions);
}

std::optional<StreamBlockView> StreamBlockView::parse(std::string_view value) {
    StreamBlockView view;
    std::uint64_t head = 0;
    if (!codec::take_varint(value, head)) return std::nullopt;
    const std::uint64_t n = head >> 1u;
    if (n == 0 || n > kBlockPositionsMax) return std::nullopt;
    if ((head & kHasFirstTime) != 0) {
        std::int64_t time = 0;
        if (!take_time(value, time)) return std::nullopt;
        view.first_time_ = time;
    }
    view.size_ = static_cast<std::size_t>(n);
    if (value.size() < view.size_ * 4) return std::nullopt;
    view.hashes_ = value.substr(0, view.size_ * 4);
    view.positions_ = value.substr(view.size_ * 4);
    return view;
}

std::uint32_t StreamBlockView::id_hash(std::size_t i) const {
    return codec::load<std::uint32_t>(hashes_.data() + i * 4);
}

bool StreamBlockView::positions(std::vector<std::uint64_t>& positions) const {
    positions.clear();
    std::string_view value = positions_;
    std::uint64_t position = 0;
    if (!codec::take_varint(value, position)) return false;
    positions.push_back(position);
    for (std::size_t i = 1; i < size_; ++i) {
        std::uint64_t delta = 0;
        if (!take_delta(value, delta)) return false;
        position += delta;
        positions.push_back(position);
    }
    return value.empty();
}

void encode_id_block(std::string& out, const std::vector<IdEntry>& entries) {
    out.clear();
    for (const IdEntry& entry : entries) codec::append_fixed(out, entry.hash);
    for (const IdEntry& entry : entries) codec::append_fixed(out, entry.offset);
}

bool find_in_id_block(
    std::string_view value,
    std::uint64_t base,
    std::uint32_t hash,
    std::vector<std::uint64_t>& positions
) {
    if (value.size() % 8 != 0) return false;
    const std::size_t n = value.size() / 8;
    const char* hashes = value.data();
    const char* offsets = value.data() + n * 4;
    std::size_t low = 0;
    std::size_t high = n;
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (codec::load<std::uint32_t>(hashes + middle * 4) < hash) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < n && codec::load<std::uint32_t>(hashes + low * 4) == hash; ++low) {
        positions.push_back(base + codec::load<std::uint32_t>(offsets + low * 4));
    }
    return true;
}

}  // namespace annals::index
