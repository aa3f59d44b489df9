// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace annals::index {

/// First byte of a key: what kind it is (docs/formats/index.md).
enum class Family : char {
    kCategorySummary = 'C',
    kTypeSummary = 'T',
    kCategory = 'c',
    kTag = 'g',
    kHead = 'h',
    kMark = 'm',
    kStream = 's',
    kType = 't',
    kId = 'u',
};

/// family, name: heads and summaries.
void put_name_key(std::string& out, Family family, std::string_view name);
/// family, name, 0x00, big-endian number of the last event of the block: postings. A seek to number
/// n finds the block that holds n, or the first one after it.
void put_block_key(std::string& out, Family family, std::string_view name, std::uint64_t last);
/// family, bucket: id blocks of one bucket.
void put_id_prefix(std::string& out, std::uint32_t bucket);
/// ... and the first position of the window.
void put_id_key(std::string& out, std::uint32_t bucket, std::uint64_t base);

/// Bytes of a block key or id key without the number.
inline std::string_view block_prefix(std::string_view key) { return key.substr(0, key.size() - 8); }
/// The number of a block key or id key.
[[nodiscard]] std::uint64_t block_number(std::string_view key);

/// 64-bit hash of an id: the low 32 bits are Index::id_hash, the high 12 the bucket.
inline constexpr unsigned kIdBucketBits = 12;
inline std::uint32_t id_bucket(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> (64u - kIdBucketBits));
}

/// What a seek within one name shares, for filters: a whole name key, or a block key up to and
/// including 0x00. Empty for keys that are not filtered.
std::string_view filter_prefix(std::string_view key);

}  // namespace annals::index
