// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "segment_filler.hpp"

#include <algorithm>
#include <string>

namespace annals::log::detail {
namespace {

/// Larger pieces make the writer's sync wait for longer, smaller ones cost more syncs (measured).
constexpr std::uint64_t kPieceBytes = 1u << 20u;

}  // namespace

Status SegmentFiller::fill_to(std::uint64_t end, bool with_sync) {
    end = std::min(end, capacity_);
    has_failed_.store(false, std::memory_order_release);
    while (filled() < end && !is_stopped_) {
        if (Status filled = fill_piece(end, with_sync); !filled) {
            has_failed_.store(true, std::memory_order_release);
            return filled;
        }
    }
    return ok();
}

Status SegmentFiller::fill_piece(std::uint64_t end, bool with_sync) {
    static const std::string zeros(kPieceBytes, '\0');
    const std::lock_guard lock(mutex_);
    const std::uint64_t at = filled();
    if (at >= end || is_stopped_) return ok();
    if (file_ == nullptr) {
        ANNALS_TRY(file_, open_());
    }
    const std::uint64_t bytes = std::min(kPieceBytes, end - at);
    ANNALS_CHECK(
        file_->write_at(at, std::string_view(zeros).substr(0, static_cast<std::size_t>(bytes)))
    );
    if (with_sync) ANNALS_CHECK(file_->sync());
    filled_.store(at + bytes, std::memory_order_release);
    return ok();
}

void SegmentFiller::stop() {
    is_stopped_ = true;
    const std::lock_guard lock(mutex_);
}

}  // namespace annals::log::detail
