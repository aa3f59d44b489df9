// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "fill_ahead.hpp"

#include <algorithm>

namespace annals::log::detail {
namespace {

/// A log that uses up what was filled ahead faster than this is busy: its next segment is made
/// beforehand.
constexpr std::int64_t kBusyNs = 5'000'000'000;
/// Pieces in which the next segment is asked for.
constexpr std::uint64_t kSpareStepBytes = 1u << 20u;

}  // namespace

std::uint64_t spare_bytes_wanted(std::uint64_t used, std::uint64_t all, std::uint64_t bytes) {
    const double share = 2 * static_cast<double>(used) / (static_cast<double>(all) + 1);
    const double wanted = std::min(share, 1.0) * static_cast<double>(bytes);
    return std::min(bytes, kSpareStepBytes + static_cast<std::uint64_t>(wanted));
}

void FillAhead::follow(const std::string& path, std::uint64_t filled, std::uint64_t capacity) {
    if (filler_ != nullptr) filler_->stop();
    FileSystem& files = core_.files();
    filler_ = std::make_shared<SegmentFiller>(
        [&files, path] { return files.open(path, FileSystem::Mode::kReadWrite); }, filled, capacity
    );
    requested_ = filled;
    // A spare that stays is wanted at the end of this segment now: counted from its beginning.
    spare_from_ = 0;
}

Status FillAhead::make_room(std::uint64_t end) {
    if (end > filler_->filled()) {
        Status filled = filler_->fill_to(end, false);
        if (!filled && filled.error().code() == ErrorCode::kDiskFull && spare_ != nullptr) {
            drop_spare();
            filled = filler_->fill_to(end, false);
        }
        ANNALS_CHECK(filled);
    }
    if (spare_ != nullptr && spare_->filler()->has_failed()) drop_spare();
    if (!filler_->is_full()) fill_segment(end);
    if (spare_ != nullptr) fill_spare(end);
    return ok();
}

/// When half of what was filled ahead is used up.
void FillAhead::fill_segment(std::uint64_t end) {
    const LogOptions& options = core_.options();
    const std::uint64_t filled = filler_->filled();
    const std::uint64_t ahead = options.fill_bytes_min;
    const bool is_under_way = requested_ > filled && !filler_->has_failed();
    if (end + ahead / 2 < filled || is_under_way) return;
    const std::int64_t now = options.clock->monotonic_ns();
    const bool is_busy = now - last_request_ns_ < kBusyNs;
    last_request_ns_ = now;
    if (is_busy && spare_ == nullptr) begin_spare(end);
    requested_ = std::min<std::uint64_t>(end + ahead, filler_->capacity());
    background_.request_fill(filler_, requested_);
}

void FillAhead::begin_spare(std::uint64_t end) {
    const LogOptions& options = core_.options();
    const std::uint64_t bytes = filler_->is_full() ? options.segment_bytes : options.fill_bytes_max;
    spare_ = std::make_unique<SpareSegment>(
        core_.files(), core_.directory(), std::min<std::uint64_t>(bytes, options.segment_bytes)
    );
    spare_from_ = end;
    spare_requested_ = 0;
}

void FillAhead::fill_spare(std::uint64_t end) {
    const std::uint64_t bytes = spare_->bytes();
    if (spare_requested_ == bytes) return;
    // Where the segment itself is being filled the spare is wanted soon.
    const std::uint64_t all = filler_->is_full() ? filler_->capacity() - spare_from_ : bytes / 2;
    // What was made room for is not always used: `end` may lie before where the spare was begun.
    const std::uint64_t used = end - std::min(end, spare_from_);
    const std::uint64_t wanted = spare_bytes_wanted(used, all, bytes);
    if (wanted < bytes && wanted < spare_requested_ + kSpareStepBytes) return;
    spare_requested_ = wanted;
    background_.request_fill(spare_->filler(), wanted);
}

Status FillAhead::use_spare(const SegmentHeader& header) {
    ANNALS_CHECK(spare_->become(header));
    spare_ = nullptr;
    return ok();
}

void FillAhead::drop_spare() {
    spare_->remove();
    spare_ = nullptr;
}

void FillAhead::close() {
    if (spare_ != nullptr) drop_spare();
    filler_ = nullptr;
}

}  // namespace annals::log::detail
