// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "keys.hpp"

#include "annals/codec/wire.hpp"

namespace annals::index {

void put_name_key(std::string& out, Family family, std::string_view name) {
    out.clear();
    out.push_back(static_cast<char>(family));
    out.append(name);
}

void put_block_key(std::string& out, Family family, std::string_view name, std::uint64_t last) {
    put_name_key(out, family, name);
    out.push_back('\0');
    codec::append_big_endian(out, last);
}

void put_id_prefix(std::string& out, std::uint32_t bucket) {
    out.clear();
    out.push_back(static_cast<char>(Family::kId));
    out.push_back(static_cast<char>(bucket >> 8u));
    out.push_back(static_cast<char>(bucket & 0xFFu));
}

void put_id_key(std::string& out, std::uint32_t bucket, std::uint64_t base) {
    put_id_prefix(out, bucket);
    codec::append_big_endian(out, base);
}

std::uint64_t block_number(std::string_view key) {
    return codec::load_big_endian(key.data() + key.size() - 8);
}

std::string_view filter_prefix(std::string_view key) {
    if (key.empty()) return {};
    switch (static_cast<Family>(key[0])) {
        case Family::kHead:
        case Family::kCategorySummary:
        case Family::kTypeSummary:
            return key;
        case Family::kCategory:
        case Family::kTag:
        case Family::kStream:
        case Family::kType: {
            const std::size_t zero = key.find('\0');
            return zero == std::string_view::npos ? std::string_view() : key.substr(0, zero + 1);
        }
        case Family::kMark:
        case Family::kId:
            return {};
    }
    return {};
}

}  // namespace annals::index
