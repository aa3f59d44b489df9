// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "state_cache.hpp"

#include <iterator>
#include <utility>

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

std::shared_ptr<const State> StateCache::find(
    std::string_view name_space, std::string_view stream
) {
    const std::string key = key_of(name_space, stream);
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
        ++counts_.misses;
        return nullptr;
    }
    ++counts_.hits;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->state;
}

StateCacheCounts StateCache::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void StateCache::put(
    std::string_view name_space, std::string_view stream, std::shared_ptr<const State> state
) {
    std::string key = key_of(name_space, stream);
    const std::size_t bytes = bytes_of(state->document);
    std::shared_ptr<const State> old;  // goes without the lock
    const std::lock_guard lock(mutex_);
    if (const auto found = by_key_.find(key); found != by_key_.end()) {
        old = found->second->state;
        drop(found->second);
    }
    if (bytes > kDocumentBytesMax) return;
    const std::size_t all = bytes + key.size() + sizeof(Entry) + sizeof(State);
    entries_.push_front({std::move(key), std::move(state), all});
    by_key_.emplace(entries_.front().key, entries_.begin());
    bytes_ += all;
    while (bytes_ > kBytesMax || entries_.size() > kEntriesMax) drop(std::prev(entries_.end()));
}

void StateCache::drop(Entries::iterator entry) {
    bytes_ -= entry->bytes;
    by_key_.erase(entry->key);
    entries_.erase(entry);
}

}  // namespace annals::entities
