// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "segment.hpp"

#include <algorithm>

#include "annals/codec/checksum.hpp"

#include "event_frame.hpp"

namespace annals::log::detail {

Error damage_error(
    const std::string& segment, std::uint64_t offset, std::string_view what, std::string_view remedy
) {
    return Error(
               ErrorCode::kDataLoss,
               "segment " + segment + " is damaged at byte " + std::to_string(offset) + ": " +
                   std::string(what) + "; " + std::string(remedy)
    )
        .with("segment", segment)
        .with("offset", std::to_string(offset));
}

Segment::Segment(const std::string& directory, SegmentHeader header, std::uint64_t map_bytes)
    : name_(segment_name(header.first_position)),
      path_(directory + "/" + name_),
      header_(header),
      map_bytes_(map_bytes),
      table_(std::make_unique<PositionTable>(map_bytes / kEventBytesMin)) {}

Segment::Segment(const std::string& directory, SegmentHeader header, SegmentFooter footer)
    : name_(segment_name(header.first_position)),
      path_(directory + "/" + name_),
      header_(header),
      map_bytes_(footer.file_bytes),
      footer_(std::move(footer)) {}

Result<std::shared_ptr<const SegmentMapping>> Segment::mapping(FileSystem& files) const {
    const std::lock_guard lock(mutex_);
    return mapping_locked(files);
}

Result<std::shared_ptr<const SegmentMapping>> Segment::mapping_locked(FileSystem& files) const {
    if (mapping_ != nullptr) return mapping_;
    auto mapping = std::make_shared<SegmentMapping>();
    ANNALS_TRY(mapping->file, files.open(path_, FileSystem::Mode::kRead));
    ANNALS_TRY(const char* base, mapping->file->map(static_cast<std::size_t>(map_bytes_)));
    mapping->bytes = {base, static_cast<std::size_t>(map_bytes_)};
    if (footer_) {
        ANNALS_TRY(const std::uint64_t file_bytes, mapping->file->size());
        const std::string_view table = mapping->bytes.substr(
            static_cast<std::size_t>(footer_->table_offset),
            static_cast<std::size_t>(footer_->events * 4)
        );
        if (file_bytes < map_bytes_)
            return damage_error(name_, file_bytes, "the file is cut short");
        if (codec::crc32c(table) != footer_->table_crc) {
            return damage_error(
                name_, footer_->table_offset, "the position table's checksum is wrong"
            );
        }
        mapping->table = reinterpret_cast<const std::uint32_t*>(table.data());
    }
    mapping_ = std::move(mapping);
    is_mapped_.store(true, std::memory_order_relaxed);
    return mapping_;
}

void Segment::drop_mapping() const {
    const std::lock_guard lock(mutex_);
    if (is_pinned_) return;
    mapping_ = nullptr;
    is_mapped_.store(false, std::memory_order_relaxed);
}

Status Segment::pin_mapping(FileSystem& files) const {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(const auto mapping, mapping_locked(files));
    is_pinned_ = true;
    return ok();
}

std::size_t SegmentList::find(Position position) const {
    const auto after = std::upper_bound(
        segments.begin(),
        segments.end(),
        position,
        [](Position wanted, const std::shared_ptr<Segment>& segment) {
            return wanted < segment->header().first_position;
        }
    );
    if (after == segments.begin()) return segments.size();
    return static_cast<std::size_t>(after - segments.begin()) - 1;
}

}  // namespace annals::log::detail
