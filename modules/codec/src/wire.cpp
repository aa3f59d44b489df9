// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/codec/wire.hpp"

#include <array>

namespace annals::codec {
namespace {

std::size_t encode_varint(char* at, std::uint64_t number) {
    std::size_t n = 0;
    while (number >= 0x80u) {
        at[n++] = static_cast<char>((number & 0x7Fu) | 0x80u);
        number >>= 7u;
    }
    at[n++] = static_cast<char>(number);
    return n;
}

const char* decode_varint(const char* at, const char* end, std::uint64_t& number) {
    // most tags and lengths have one byte
    if (at != end && static_cast<std::uint8_t>(*at) < 0x80u) {
        number = static_cast<std::uint8_t>(*at);
        return at + 1;
    }
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 70 && at != end; shift += 7) {
        const auto byte = static_cast<std::uint8_t>(*at++);
        if (shift == 63 && byte > 1) return nullptr;
        value |= static_cast<std::uint64_t>(byte & 0x7Fu) << shift;
        if (byte < 0x80u) {
            number = value;
            return at;
        }
    }
    return nullptr;
}

}  // namespace

void append_big_endian(std::string& out, std::uint64_t number) {
    append_fixed(out, __builtin_bswap64(number));
}

std::uint64_t load_big_endian(const char* at) { return __builtin_bswap64(load<std::uint64_t>(at)); }

void append_varint(std::string& out, std::uint64_t number) {
    std::array<char, 10> buffer{};
    out.append(buffer.data(), encode_varint(buffer.data(), number));
}

std::size_t varint_size(std::uint64_t number) {
    return (static_cast<std::size_t>(std::bit_width(number | 1u)) + 6) / 7;
}

bool take_varint(std::string_view& input, std::uint64_t& number) {
    const char* end = input.data() + input.size();
    const char* next = decode_varint(input.data(), end, number);
    if (next == nullptr) return false;
    input.remove_prefix(static_cast<std::size_t>(next - input.data()));
    return true;
}

void FieldWriter::tag(std::uint32_t field, WireType type) {
    append_varint(
        out_, (static_cast<std::uint64_t>(field) << 3u) | static_cast<std::uint64_t>(type)
    );
}

void FieldWriter::varint(std::uint32_t field, std::uint64_t number) {
    tag(field, WireType::kVarint);
    append_varint(out_, number);
}

void FieldWriter::fixed64(std::uint32_t field, std::uint64_t number) {
    tag(field, WireType::kFixed64);
    append_fixed(out_, number);
}

void FieldWriter::fixed32(std::uint32_t field, std::uint32_t number) {
    tag(field, WireType::kFixed32);
    append_fixed(out_, number);
}

void FieldWriter::bytes(std::uint32_t field, std::string_view value) {
    begin_sized(field, value.size());
    out_.append(value);
}

void FieldWriter::begin_sized(std::uint32_t field, std::size_t size) {
    tag(field, WireType::kBytes);
    append_varint(out_, size);
}

bool FieldReader::fail() {
    damaged_ = true;
    at_ = end_;
    return false;
}

bool FieldReader::next() {
    if (at_ == end_) return false;
    std::uint64_t tag = 0;
    at_ = decode_varint(at_, end_, tag);
    if (at_ == nullptr || tag > 0xFFFFFFFFu || (tag >> 3u) == 0) {
        at_ = end_;
        return fail();
    }
    field_ = static_cast<std::uint32_t>(tag >> 3u);
    type_ = static_cast<WireType>(tag & 7u);
    number_ = 0;
    bytes_ = {};
    const auto left = static_cast<std::size_t>(end_ - at_);
    switch (type_) {
        case WireType::kVarint: {
            const char* next = decode_varint(at_, end_, number_);
            if (next == nullptr) return fail();
            at_ = next;
            return true;
        }
        case WireType::kFixed64:
            if (left < 8) return fail();
            number_ = load<std::uint64_t>(at_);
            at_ += 8;
            return true;
        case WireType::kFixed32:
            if (left < 4) return fail();
            number_ = load<std::uint32_t>(at_);
            at_ += 4;
            return true;
        case WireType::kBytes: {
            std::uint64_t size = 0;
            const char* next = decode_varint(at_, end_, size);
            if (next == nullptr || size > static_cast<std::uint64_t>(end_ - next)) return fail();
            bytes_ = {next, static_cast<std::size_t>(size)};
            at_ = next + size;
            return true;
        }
    }
    return fail();  // groups and unknown wire types
}

}  // namespace annals::codec
