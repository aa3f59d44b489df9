// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/iterator.h>
#include <rocksdb/snapshot.h>

#include "annals/base/result.hpp"
#include "annals/index/index.hpp"

#include "store.hpp"

namespace annals::index {

class IteratorLease;

/// RocksDB as it was after one ingestion: a snapshot, and iterators that are used again and again,
/// because making one costs more than a seek. Any thread.
class StoreView {
  public:
    /// The store's present state, which must not change during the construction. The store outlives
    /// the view.
    explicit StoreView(const Store& store);
    StoreView(const StoreView&) = delete;
    StoreView& operator=(const StoreView&) = delete;
    ~StoreView();

    [[nodiscard]] std::uint64_t position() const { return mark_.position.value; }
    [[nodiscard]] IndexMark mark() const { return mark_; }
    [[nodiscard]] const Store& store() const { return store_; }

    enum class Tier : std::uint8_t { kMemory, kDisk };
    enum class Found : std::uint8_t { kYes, kNo, kUnknown };
    /// Unknown only for Tier::kMemory, where the disk would have to be asked.
    Result<Found> get(std::string_view key, Tier tier, std::string& value) const;
    /// An iterator for seeks within one name: files without the name are skipped by their filters,
    /// so that only keys of the name sought are to be trusted.
    [[nodiscard]] IteratorLease lease() const;
    /// An iterator over everything, in order.
    [[nodiscard]] std::unique_ptr<rocksdb::Iterator> scan() const;

  private:
    friend class IteratorLease;

    const Store& store_;
    const IndexMark mark_;
    const rocksdb::Snapshot* snapshot_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<rocksdb::Iterator>> idle_;
};

/// An iterator that goes back to its view. The view outlives it.
class IteratorLease {
  public:
    IteratorLease(const StoreView& view, std::unique_ptr<rocksdb::Iterator> iterator)
        : view_(&view), iterator_(std::move(iterator)) {}
    IteratorLease(IteratorLease&&) noexcept = default;
    IteratorLease& operator=(IteratorLease&&) = delete;
    ~IteratorLease();

    rocksdb::Iterator* operator->() const { return iterator_.get(); }
    /// The key, when the iterator stands on one that begins with `prefix`; else empty.
    [[nodiscard]] std::string_view key_with(std::string_view prefix) const;
    [[nodiscard]] std::string_view value() const;
    /// The error that made the iterator invalid, if any.
    [[nodiscard]] Status status() const;

  private:
    const StoreView* view_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

}  // namespace annals::index
