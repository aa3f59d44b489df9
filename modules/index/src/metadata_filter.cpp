// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "metadata_filter.hpp"

#include "annals/codec/checksum.hpp"
#include "annals/model/stream_life.hpp"

namespace annals::index {
namespace {

/// Two bits of one word: one line of memory a question.
std::uint64_t bits_of(std::uint64_t hash) {
    return (std::uint64_t{1} << ((hash >> 40u) & 63u)) |
           (std::uint64_t{1} << ((hash >> 52u) & 63u));
}

}  // namespace

void MetadataFilter::note(std::string_view stream) {
    if (!model::is_metadata_stream(stream)) [[likely]]
        return;
    if (!owned_) {
        owned_ = std::make_unique<Words[]>(kWords);
        words_.store(owned_.get(), std::memory_order_release);
    }
    const std::uint64_t hash = codec::hash64(model::subject_of(stream));
    owned_[hash & kWordMask].fetch_or(bits_of(hash), std::memory_order_relaxed);
}

bool MetadataFilter::may_have(std::uint64_t stream_hash) const {
    if (is_saturated_.load(std::memory_order_relaxed)) return true;
    const Words* const words = words_.load(std::memory_order_acquire);
    if (words == nullptr) return false;
    const std::uint64_t bits = bits_of(stream_hash);
    return (words[stream_hash & kWordMask].load(std::memory_order_relaxed) & bits) == bits;
}

}  // namespace annals::index
