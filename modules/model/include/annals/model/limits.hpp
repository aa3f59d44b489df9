// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace annals::model {

/// What admission accepts at most. Limits are checked before the rules and never decide on replay.
struct Limits {
    static constexpr std::size_t kEventBytesMax =
        16u << 20u;  ///< data + metadata + envelope of one event
    static constexpr std::size_t kAppendBytesMax = 64u << 20u;  ///< all events of one append
    static constexpr std::size_t kUnaryBytesMax =
        16u << 20u;  ///< one append in one message; more travels in parts
    static constexpr std::size_t kAppendEventsMax = 65'536;
    static constexpr std::size_t kAppendChecksMax = 1'024;
    static constexpr std::size_t kStreamNameBytesMax = 1'024;
    static constexpr std::size_t kTypeBytesMax = 1'024;
    static constexpr std::size_t kContentTypeBytesMax = 255;
    static constexpr std::size_t kTagsPerEventMax = 64;
    static constexpr std::size_t kTagBytesMax = 1'024;
    static constexpr std::size_t kMetadataBytesMax = 1u << 20u;
    /// Free keys of a stream's metadata.
    static constexpr std::size_t kStreamMetadataBytesMax = 64u << 10u;
    static constexpr std::size_t kReservedFieldBytesMax =
        1'024;  ///< actor, correlation, causation, each dialect field
    static constexpr std::size_t kIdempotencyKeyBytesMax = 255;
    static constexpr std::size_t kQueryItemsMax = 64;
    static constexpr std::size_t kQueryTypesMax = 64;
    static constexpr std::size_t kQueryTagsMax = 16;
    static constexpr std::size_t kReadEventsMax = 4'096;
    static constexpr std::size_t kReadBytesMax =
        4u << 20u;  ///< one page; a single larger event still comes whole
};

}  // namespace annals::model
