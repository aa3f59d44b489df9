// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "posting_list.hpp"

#include <algorithm>
#include <new>

namespace annals::index {

PostingList::Chunk* PostingList::add_chunk(std::uint32_t number, Arena& arena) {
    void* memory = arena.allocate(sizeof(Chunk) + (4u << number) * sizeof(std::uint32_t));
    auto* chunk = new (memory) Chunk{tail_.load(std::memory_order_relaxed), number};
    tail_.store(chunk, std::memory_order_release);
    return chunk;
}

PostingReader::PostingReader(const PostingList& list, std::uint32_t last) : list_(&list) {
    size_ = list.size();
    if (size_ > PostingList::kInline) {
        const std::uint32_t needed = PostingList::chunk_of(size_ - 1);
        // The tail may be newer than the size: then it holds nothing that is counted.
        const PostingList::Chunk* chunk = list.tail_.load(std::memory_order_acquire);
        while (chunk->number > needed) chunk = chunk->previous;
        for (; chunk != nullptr; chunk = chunk->previous) chunks_[chunk->number] = chunk->values();
    }
    // Only what a running add() has appended lies beyond: few.
    while (size_ > 0 && (*this)[size_ - 1] > last) --size_;
}

std::uint32_t PostingReader::lower_bound(std::uint32_t offset, std::uint32_t from) const {
    // Gallop, then halve: intersections mostly move a little.
    std::uint32_t low = from;
    std::uint32_t step = 1;
    std::uint32_t high = from;
    while (high < size_ && (*this)[high] < offset) {
        low = high + 1;
        high += step;
        step *= 2;
    }
    high = std::min(high, size_);
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if ((*this)[middle] < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

}  // namespace annals::index
