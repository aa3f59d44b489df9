// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "log_core.hpp"

namespace annals::log::detail {
namespace {

/// Address space and page tables are cheap, but not free.
constexpr std::size_t kMappingsMax = 1024;

}  // namespace

LogCore::LogCore(
    FileSystem& files, std::string directory, const LogOptions& options, model::LogIdentity identity
)
    : files_(files), directory_(std::move(directory)), options_(options), identity_(identity) {
    if (options_.clock == nullptr) options_.clock = &system_clock();
}

std::shared_ptr<const SegmentList> LogCore::segments() const {
    const std::lock_guard lock(mutex_);
    return segments_;
}

void LogCore::set_segments(std::shared_ptr<const SegmentList> segments) {
    const std::lock_guard lock(mutex_);
    segments_ = std::move(segments);
}

void LogCore::put_segment(std::shared_ptr<Segment> segment) {
    const std::lock_guard lock(mutex_);
    auto list = std::make_shared<SegmentList>(*segments_);
    const Position first = segment->header().first_position;
    const std::size_t at = list->find(first);
    if (at < list->segments.size() && list->segments[at]->header().first_position == first) {
        list->segments[at] = std::move(segment);
    } else {
        list->segments.push_back(std::move(segment));
    }
    segments_ = std::move(list);
}

ChainMark LogCore::durable_chain() const {
    const std::lock_guard lock(mutex_);
    return durable_chain_;
}

void LogCore::publish_durable(ChainMark mark) {
    const std::lock_guard lock(mutex_);
    durable_chain_ = mark;
    durable_end_.store(mark.position.value, std::memory_order_release);
}

Result<std::shared_ptr<const SegmentMapping>> LogCore::mapping(
    const SegmentList& list, std::size_t index
) {
    const Segment& segment = *list.segments[index];
    const bool was_mapped = segment.is_mapped();
    auto mapping = segment.mapping(files_);
    if (mapping && !was_mapped && mapped_.fetch_add(1, std::memory_order_relaxed) >= kMappingsMax) {
        forget_mappings(list, index);
    }
    return mapping;
}

void LogCore::forget_mappings(const SegmentList& list, std::size_t keep) {
    // Readers hold what they use; mapping again costs some 10 µs. Half of them at once, so that it
    // is rare.
    std::size_t left = 0;
    for (std::size_t i = 0; i < list.segments.size(); ++i) {
        if (!list.segments[i]->is_mapped()) continue;
        if (i != keep && i + kMappingsMax / 2 < list.segments.size()) {
            list.segments[i]->drop_mapping();
        } else {
            ++left;
        }
    }
    mapped_.store(left, std::memory_order_relaxed);
}

void LogCore::take_damages(const std::vector<Damage>& found, SegmentNames segments) {
    for (const Damage& damage : found) {
        // A missing segment is told by the end of the one before it, too, with its positions.
        const bool is_placed = damage.first_position.value != 0;
        if (is_placed || found.size() == 1) damage_.note(damage);
    }
    const std::lock_guard lock(damaged_mutex_);
    damaged_segments_ = std::move(segments);
}

void LogCore::note_damage(const Damage& damage) {
    if (!damage_.note(damage)) return;
    if (!options_.is_read_only) {
        const std::lock_guard lock(damaged_mutex_);
        const auto [name, is_new] = damaged_segments_.insert(damage.segment);
        // Where it cannot be written now, the next damage of the segment tries again.
        if (is_new && !write_damaged_segments(files_, directory_, damaged_segments_))
            damaged_segments_.erase(name);
    }
    if (options_.on_damage) options_.on_damage(damage);
}

void LogCore::note_failure(BackgroundWork work, const Error& error) {
    failures_[static_cast<std::size_t>(work)].fetch_add(1, std::memory_order_relaxed);
    if (options_.on_background_failure) options_.on_background_failure(work, error);
}

}  // namespace annals::log::detail
