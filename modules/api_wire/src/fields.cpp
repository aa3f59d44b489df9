// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "fields.hpp"

namespace annals::api_wire {

Status MessageReader::finish() const {
    const std::string message(message_);
    if (wrong_field_ != 0) {
        const std::string field = std::to_string(wrong_field_);
        return Error(
                   ErrorCode::kInvalidArgument,
                   "field " + field + " of " + message +
                       " has another wire type than the .proto says"
        )
            .with("field", message + "." + field);
    }
    if (!reader_.ok()) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "the bytes are not a whole " + message + ": they end early or are damaged"
        )
            .with("field", message);
    }
    return ok();
}

void MessageWriter::close(std::size_t start, std::size_t hint_bytes) {
    const std::size_t size = out_.size() - start;
    const std::size_t size_bytes = codec::varint_size(size);
    const std::size_t at = start - hint_bytes;
    if (size_bytes > hint_bytes) {
        out_.insert(start, size_bytes - hint_bytes, '\0');
    } else if (size_bytes < hint_bytes) {
        out_.erase(at, hint_bytes - size_bytes);
    }
    std::uint64_t left = size;
    for (std::size_t i = 0; i < size_bytes; ++i) {
        const bool is_last = i + 1 == size_bytes;
        out_[at + i] = static_cast<char>((left & 0x7Fu) | (is_last ? 0u : 0x80u));
        left >>= 7u;
    }
}

Error over_limit(std::string_view field, std::size_t limit) {
    return Error(
               ErrorCode::kLimitExceeded,
               std::string(field) + " are more than the " + std::to_string(limit) +
                   " that one request may have"
    )
        .with("field", field)
        .with("limit", std::to_string(limit));
}

}  // namespace annals::api_wire
