// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/codec/wire.hpp"

namespace annals::api_wire {

/// Reads one message field by field, as codec::FieldReader does, and remembers the first fault: a
/// known field of another wire type, or damage. `finish()` tells, naming message and field.
class MessageReader {
  public:
    MessageReader(std::string_view message, std::string_view bytes)
        : message_(message), reader_(bytes) {}

    bool next() { return wrong_field_ == 0 && reader_.next(); }
    [[nodiscard]] std::uint32_t field() const { return reader_.field(); }

    std::string_view bytes() { return is(codec::WireType::kBytes) ? reader_.bytes() : ""; }
    std::string text() { return std::string(bytes()); }
    std::uint64_t varint() { return is(codec::WireType::kVarint) ? reader_.number() : 0; }
    std::uint32_t uint32() { return static_cast<std::uint32_t>(varint()); }
    bool boolean() { return varint() != 0; }
    std::uint64_t fixed64() { return is(codec::WireType::kFixed64) ? reader_.number() : 0; }
    std::int64_t sfixed64() { return static_cast<std::int64_t>(fixed64()); }

    [[nodiscard]] Status finish() const;

  private:
    bool is(codec::WireType type) {
        if (reader_.type() == type) return true;
        wrong_field_ = reader_.field();
        return false;
    }

    std::string_view message_;
    codec::FieldReader reader_;
    std::uint32_t wrong_field_ = 0;
};

/// Writers that leave out proto3's defaults.
class MessageWriter {
  public:
    explicit MessageWriter(std::string& out) : out_(out), fields_(out) {}

    void text(std::uint32_t field, std::string_view value) {
        if (!value.empty()) fields_.bytes(field, value);
    }
    void number(std::uint32_t field, std::uint64_t value) {
        if (value != 0) fields_.varint(field, value);
    }
    void boolean(std::uint32_t field, bool value) {
        if (value) fields_.varint(field, 1);
    }
    void sfixed64(std::uint32_t field, std::int64_t value) {
        if (value != 0) fields_.fixed64(field, static_cast<std::uint64_t>(value));
    }
    /// Written also when it is the default: members of a oneof, optional fields, repeated ones.
    codec::FieldWriter& always() { return fields_; }

    /// A nested message that `write(out)` appends. `size_hint` is a lower bound of its size: with a
    /// good one the bytes are not moved once written.
    template <typename Write>
    void nested(std::uint32_t field, std::size_t size_hint, Write&& write) {
        fields_.begin_sized(field, size_hint);
        const std::size_t hint_bytes = codec::varint_size(size_hint);
        const std::size_t start = out_.size();
        write(out_);
        close(start, hint_bytes);
    }
    template <typename Write>
    void nested(std::uint32_t field, Write&& write) {
        nested(field, 0, static_cast<Write&&>(write));
    }

  private:
    void close(std::size_t start, std::size_t hint_bytes);

    std::string& out_;
    codec::FieldWriter fields_;
};

/// More than a limit allows, met while reading.
Error over_limit(std::string_view field, std::size_t limit);

}  // namespace annals::api_wire
