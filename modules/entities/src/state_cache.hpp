// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "annals/entities/entity_store.hpp"

#include "fold.hpp"

namespace annals::entities {

/// About what a value takes in memory; O(its size).
std::size_t bytes_of(const documents::Value& value);

/// The newest states that were read, of the entities with many events, and those that updates made:
/// what a read has to fold only the events since. Whoever takes one compares its event with the
/// log, as with a snapshot: the cache is never the truth. Least recently used ones go first. Any
/// thread; short locks.
class StateCache {
  public:
    static constexpr std::size_t kBytesMax = 32u << 20u;
    static constexpr std::size_t kEntriesMax = 8'192;
    /// Larger documents are not kept: a few would push out all others.
    static constexpr std::size_t kDocumentBytesMax = 256u << 10u;

    /// Null when there is none.
    std::shared_ptr<const State> find(std::string_view name_space, std::string_view stream);
    /// Of find(), since the cache was made.
    [[nodiscard]] StateCacheCounts counts() const;
    void put(
        std::string_view name_space, std::string_view stream, std::shared_ptr<const State> state
    );

  private:
    /// In a list by use; entries of the map stay where they are.
    struct Entry {
        std::shared_ptr<const State> state;
        std::size_t bytes = 0;
        const std::string* key = nullptr;
        Entry* newer = nullptr;
        Entry* older = nullptr;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view key) const;
    };

    void set(Entry& entry, std::shared_ptr<const State> state, std::size_t bytes);
    void link_newest(Entry& entry);
    void unlink(Entry& entry);
    void drop(Entry& entry);

    mutable std::mutex mutex_;
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
    Entry* newest_ = nullptr;  ///< the last used
    Entry* oldest_ = nullptr;
    std::size_t bytes_ = 0;
    StateCacheCounts counts_;
};

}  // namespace annals::entities
