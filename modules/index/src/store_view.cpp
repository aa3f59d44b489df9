// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "store_view.hpp"

#include <utility>

namespace annals::index {
namespace {

constexpr std::size_t kIdleIteratorsMax = 16;

}  // namespace

StoreView::StoreView(const Store& store)
    : store_(store), mark_(store.mark()), snapshot_(store.db().GetSnapshot()) {}

StoreView::~StoreView() {
    idle_.clear();
    store_.db().ReleaseSnapshot(snapshot_);
}

Result<StoreView::Found> StoreView::get(std::string_view key, Tier tier, std::string& value) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    const bool is_memory_only = tier == Tier::kMemory && !store_.is_in_memory();
    if (is_memory_only) options.read_tier = rocksdb::kBlockCacheTier;
    const rocksdb::Status status = store_.db().Get(options, {key.data(), key.size()}, &value);
    if (status.ok()) return Found::kYes;
    if (status.IsNotFound()) return Found::kNo;
    if (status.IsIncomplete()) return Found::kUnknown;
    return store_.read_error(status);
}

IteratorLease StoreView::lease() const {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            std::unique_ptr<rocksdb::Iterator> iterator = std::move(idle_.back());
            idle_.pop_back();
            return {*this, std::move(iterator)};
        }
    }
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    return {*this, std::unique_ptr<rocksdb::Iterator>(store_.db().NewIterator(options))};
}

std::unique_ptr<rocksdb::Iterator> StoreView::scan() const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.total_order_seek = true;
    return std::unique_ptr<rocksdb::Iterator>(store_.db().NewIterator(options));
}

IteratorLease::~IteratorLease() {
    if (!iterator_) return;
    if (!iterator_->status().ok()) return;
    const std::lock_guard lock(view_->mutex_);
    if (view_->idle_.size() < kIdleIteratorsMax) view_->idle_.push_back(std::move(iterator_));
}

std::string_view IteratorLease::key_with(std::string_view prefix) const {
    if (!iterator_->Valid()) return {};
    const rocksdb::Slice slice = iterator_->key();
    const std::string_view key(slice.data(), slice.size());
    return key.size() == prefix.size() + 8 && key.starts_with(prefix) ? key : std::string_view();
}

std::string_view IteratorLease::value() const {
    const rocksdb::Slice slice = iterator_->value();
    return {slice.data(), slice.size()};
}

Status IteratorLease::status() const {
    const rocksdb::Status status = iterator_->status();
    if (status.ok()) return ok();
    return view_->store_.read_error(status);
}

}  // namespace annals::index
