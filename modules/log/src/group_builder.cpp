// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_builder.hpp"

#include <limits>

#include "annals/base/assert.hpp"
#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "append_record.hpp"
#include "chain.hpp"
#include "compressed_body.hpp"
#include "event_frame.hpp"

namespace annals::log::detail {
namespace {

/// A group that was unusually large does not keep its memory.
constexpr std::size_t kKeptBytes = 8u << 20u;

}  // namespace

GroupBuilder::GroupBuilder() { clear(); }

void GroupBuilder::clear() {
    if (buffer_.capacity() > kKeptBytes) std::string().swap(buffer_);
    if (compressed_.capacity() > kKeptBytes) std::string().swap(compressed_);
    buffer_.assign(GroupHeader::kBytes, '\0');
    frames_.clear();
    append_count_ = 0;
}

std::uint64_t GroupBuilder::add(
    const EncodedAppend& append,
    std::span<const Stamp> stamps,
    TimeNs recorded_time,
    std::uint64_t chain
) {
    ANNALS_ASSERT(stamps.size() == append.event_count(), "every event of an append has a stamp");
    ANNALS_ASSERT(
        append_count_ < std::numeric_limits<std::uint16_t>::max(),
        "a group holds at most 65,535 appends"
    );
    const std::size_t start = buffer_.size();
    buffer_.append(append.bytes_);
    char* record = buffer_.data() + start;
    const std::size_t body_offset = start - GroupHeader::kBytes;
    stamp_group_back(record, static_cast<std::uint32_t>(body_offset));
    for (std::size_t i = 0; i < stamps.size(); ++i) {
        const std::uint32_t offset = append.frame_offsets_[i];
        char* frame = record + offset;
        codec::store(frame + 8, stamps[i].position.value);
        codec::store(frame + 16, stamps[i].revision.value);
        codec::store(frame + 24, recorded_time.value);
        const std::uint32_t crc = frame_crc(frame);
        chain = chain_after(chain, crc, codec::load<std::uint32_t>(frame + 44));
        codec::store(frame + 56, static_cast<std::uint32_t>(chain));
        codec::store(frame + 60, crc);
        codec::store(frame + 6, place_check(frame, crc));
        frames_.push_back(static_cast<std::uint32_t>(body_offset + offset));
    }
    ++append_count_;
    return chain;
}

std::string_view GroupBuilder::finish(GroupHeader& header, Compression compression) {
    ANNALS_ASSERT(
        buffer_.size() < std::numeric_limits<std::uint32_t>::max(), "a group's body is below 4 GiB"
    );
    const std::string_view raw(buffer_.data() + GroupHeader::kBytes, body_bytes());
    header.raw_bytes = static_cast<std::uint32_t>(raw.size());
    header.event_count = static_cast<std::uint32_t>(frames_.size());
    header.append_count = static_cast<std::uint16_t>(append_count_);
    std::string* out = &buffer_;
    if (compression == Compression::kZstd && raw.size() >= kCompressFromBytes) {
        compressed_.assign(GroupHeader::kBytes, '\0');
        if (compress_body(compressed_, raw, frames_)) {
            header.flags |= kGroupCompressed;
            out = &compressed_;
        }
    }
    const std::size_t stored = out->size() - GroupHeader::kBytes;
    header.stored_bytes = static_cast<std::uint32_t>(stored);
    header.body_crc = codec::crc32c({out->data() + GroupHeader::kBytes, stored});
    out->append(aligned(stored) - stored, '\0');
    encode_group_header(header, out->data());
    return *out;
}

}  // namespace annals::log::detail
