// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <vector>

#include "store_view.hpp"
#include "stream_cache.hpp"
#include "window.hpp"

namespace annals::index {

/// Everything the index knows, each position once: RocksDB up to store->position(), the windows
/// from there on, oldest first, the last one growing. Replaced as a whole when a window is frozen
/// or was ingested.
struct View {
    std::shared_ptr<const StoreView> store;
    std::vector<std::shared_ptr<Window>> windows;
    StreamCache* stream_cache = nullptr;  ///< of the index
};

/// A view at one moment: what was added later is not seen. Keeps the view alive.
class Moment {
  public:
    explicit Moment(std::shared_ptr<const View> view)
        : view_(std::move(view)), end_(view_->windows.back()->end()) {}

    [[nodiscard]] const StoreView& store() const { return *view_->store; }
    [[nodiscard]] const std::vector<std::shared_ptr<Window>>& windows() const {
        return view_->windows;
    }
    [[nodiscard]] StreamCache& stream_cache() const { return *view_->stream_cache; }
    /// Last position seen.
    [[nodiscard]] std::uint64_t end() const { return end_; }

  private:
    std::shared_ptr<const View> view_;
    std::uint64_t end_;
};

}  // namespace annals::index
