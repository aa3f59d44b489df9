// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "state_cache.hpp"

#include <utility>

#include "annals/codec/checksum.hpp"

namespace annals::entities {
namespace {

std::string key_of(std::string_view name_space, std::string_view stream) {
    // No name has a NUL.
    return std::string(name_space).append(1, '\0').append(stream);
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): documents end at kDepthMax
std::size_t bytes_of(const documents::Value& value) {
    std::size_t bytes = sizeof(value);
    switch (value.kind()) {
        case documents::Kind::kNumber:
            return bytes + value.number().text.size();
        case documents::Kind::kString:
            return bytes + value.string().size();
        case documents::Kind::kArray:
            for (const documents::Value& element : value.array()) bytes += bytes_of(element);
            return bytes;
        case documents::Kind::kObject:
            for (const documents::Member& member : value.object()) {
                bytes += sizeof(std::string) + member.name.size() + bytes_of(member.value);
            }
            return bytes;
        default:
            return bytes;
    }
}

std::size_t StateCache::Hash::operator()(std::string_view key) const { return codec::hash64(key); }

std::shared_ptr<const State> StateCache::find(
    std::string_view name_space, std::string_view stream
) {
    const std::string key = key_of(name_space, stream);
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
        ++counts_.misses;
        return nullptr;
    }
    ++counts_.hits;
    Entry& entry = found->second;
    if (newest_ != &entry) {
        unlink(entry);
        link_newest(entry);
    }
    return entry.state;
}

StateCacheCounts StateCache::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void StateCache::put(
    std::string_view name_space, std::string_view stream, std::shared_ptr<const State> state
) {
    const std::string key = key_of(name_space, stream);
    const std::size_t bytes = bytes_of(state->document);
    const bool is_kept = bytes <= kDocumentBytesMax;
    std::shared_ptr<const State> old;  // goes without the lock
    const std::lock_guard lock(mutex_);
    auto found = entries_.find(key);
    if (found != entries_.end()) {
        Entry& entry = found->second;
        old = entry.state;
        if (!is_kept) return drop(entry);
        unlink(entry);
    } else if (is_kept) {
        found = entries_.try_emplace(key).first;
        found->second.key = &found->first;
    } else {
        return;
    }
    link_newest(found->second);
    set(found->second, std::move(state), bytes + key.size() + sizeof(*found) + sizeof(State));
    while (bytes_ > kBytesMax || entries_.size() > kEntriesMax) drop(*oldest_);
}

void StateCache::set(Entry& entry, std::shared_ptr<const State> state, std::size_t bytes) {
    bytes_ += bytes;
    bytes_ -= std::exchange(entry.bytes, bytes);
    entry.state = std::move(state);
}

void StateCache::link_newest(Entry& entry) {
    entry.older = newest_;
    entry.newer = nullptr;
    (newest_ == nullptr ? oldest_ : newest_->newer) = &entry;
    newest_ = &entry;
}

void StateCache::unlink(Entry& entry) {
    (entry.newer == nullptr ? newest_ : entry.newer->older) = entry.older;
    (entry.older == nullptr ? oldest_ : entry.older->newer) = entry.newer;
}

void StateCache::drop(Entry& entry) {
    unlink(entry);
    bytes_ -= entry.bytes;
    entries_.erase(entries_.find(*entry.key));
}

}  // namespace annals::entities
