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

SegmentFiller::SegmentFiller(
    std::unique_ptr<File> file, std::uint64_t filled, std::uint64_t capacity
)
    : file_(std::move(file)), filled_(filled), capacity_(capacity) {}

Status SegmentFiller::fill_to(std::uint64_t end, bool with_sync) {
    static const std::string zeros(kPieceBytes, '\0');
    end = std::min(end, capacity_);
    while (filled() < end) {
        const std::lock_guard lock(mutex_);
        const std::uint64_t at = filled();
        if (at >= end || is_stopped_) break;
        const std::uint64_t bytes = std::min(kPieceBytes, end - at);
        ANNALS_CHECK(
            file_->write_at(at, std::string_view(zeros).substr(0, static_cast<std::size_t>(bytes)))
        );
        if (with_sync) ANNALS_CHECK(file_->sync());
        filled_.store(at + bytes, std::memory_order_release);
    }
    return ok();
}

void SegmentFiller::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
}

}  // namespace annals::log::detail
