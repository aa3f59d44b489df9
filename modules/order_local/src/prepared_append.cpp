// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "prepared_append.hpp"

namespace annals::order_local {

void PreparedAppend::mark_waiting() {
    if (is_counted_waiting) return;
    for (const PreparedStream& stream : streams) stream.entry->waiting.fetch_add(1);
    is_counted_waiting = true;
}

void PreparedAppend::clear() {
    for (const PreparedStream& stream : streams) {
        if (is_counted_waiting) stream.entry->waiting.fetch_sub(1, std::memory_order_relaxed);
        commit::StreamTable::unpin(*stream.entry);
    }
    if (tracking != nullptr) commit::StreamTable::unpin(*tracking);
    proposal.clear();
    streams.clear();
    queries.clear();
    tracking = nullptr;
    ids.clear();
    text.clear();
    tags.clear();
    tag_hashes.clear();
    indexed.clear();
    done = nullptr;
    result = {};
    prepared_at = {};
    known.clear();
    prepared_cut = {};
    rounds = 0;
    is_counted_waiting = false;
    outcome = commit::Decision::Kind::kUndecided;
    error.reset();
}

std::size_t PreparedAppend::kept_bytes() const {
    return sizeof(PreparedAppend) + encoded.bytes() + text.capacity() +
           indexed.capacity() * (sizeof(index::IndexedEvent) + sizeof(commit::ProposedEvent)) +
           tags.capacity() * (sizeof(index::Term) + sizeof(commit::TermHash));
}

}  // namespace annals::order_local
