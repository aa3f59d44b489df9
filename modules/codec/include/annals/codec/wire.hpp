// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace annals::codec {

/// Little-endian numbers of fixed width at a place in memory (the machine must be little-endian).
static_assert(std::endian::native == std::endian::little);

template <typename Number>
[[nodiscard]] inline Number load(const char* at) {
    Number number;
    std::memcpy(&number, at, sizeof number);
    return number;
}

template <typename Number>
inline void store(char* at, Number number) {
    std::memcpy(at, &number, sizeof number);
}

template <typename Number>
inline void append_fixed(std::string& out, Number number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Big-endian 8 bytes: sorts as the number does.
void append_big_endian(std::string& out, std::uint64_t number);
[[nodiscard]] std::uint64_t load_big_endian(const char* at);

/// Wire types of protobuf (https://protobuf.dev/programming-guides/encoding/).
enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void append_varint(std::string& out, std::uint64_t number);
[[nodiscard]] std::size_t varint_size(std::uint64_t number);

/// Signed numbers near zero in few bytes (protobuf sint64).
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t number) {
    return (static_cast<std::uint64_t>(number) << 1u) ^ static_cast<std::uint64_t>(number >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t number) {
    return static_cast<std::int64_t>(number >> 1u) ^ -static_cast<std::int64_t>(number & 1u);
}

/// Writes protobuf fields to the end of a string. The caller writes ascending field numbers and
/// leaves out defaults where the schema says so. A field number must be below 2^29.
class FieldWriter {
  public:
    explicit FieldWriter(std::string& out) : out_(out) {}

    void varint(std::uint32_t field, std::uint64_t number);
    void fixed64(std::uint32_t field, std::uint64_t number);
    void fixed32(std::uint32_t field, std::uint32_t number);
    void bytes(std::uint32_t field, std::string_view value);
    /// A nested message of a size known before: the caller appends exactly `size` bytes next.
    void begin_sized(std::uint32_t field, std::size_t size);

  private:
    void tag(std::uint32_t field, WireType type);
    std::string& out_;
};

/// Reads protobuf fields one after the other from bytes that may be hostile: never reads outside
/// them, never throws. `while (reader.next()) switch (reader.field()) …`; afterwards `ok()` tells
/// whether all was whole. Views point into the input.
class FieldReader {
  public:
    explicit FieldReader(std::string_view input) : at_(input.data()), end_(at_ + input.size()) {}

    /// Moves to the next field; false at the end or at damage.
    bool next();
    [[nodiscard]] bool ok() const { return !damaged_; }

    [[nodiscard]] std::uint32_t field() const { return field_; }
    [[nodiscard]] WireType type() const { return type_; }
    /// Value of a varint, fixed64 or fixed32 field; 0 when it is of another type.
    [[nodiscard]] std::uint64_t number() const { return number_; }
    /// Value of a bytes field; empty when it is of another type.
    [[nodiscard]] std::string_view bytes() const { return bytes_; }

  private:
    bool fail();

    const char* at_;
    const char* end_;
    std::uint32_t field_ = 0;
    WireType type_ = WireType::kVarint;
    std::uint64_t number_ = 0;
    std::string_view bytes_;
    bool damaged_ = false;
};

/// Takes a varint from the front of `input`; false (input unchanged) when it is not whole or over
/// 64 bits.
bool take_varint(std::string_view& input, std::uint64_t& number);

}  // namespace annals::codec
