// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"

#include "position_table.hpp"
#include "segment_footer.hpp"
#include "segment_header.hpp"

namespace annals::log::detail {

/// A view over a whole segment file, kept by every reader that uses it.
struct SegmentMapping {
    std::unique_ptr<File> file;
    std::string_view bytes;  ///< up to the planned size; only what is written may be touched
    const std::uint32_t* table = nullptr;  ///< mapped position table of a sealed segment
};

/// One segment as readers see it. Nothing of it changes but the position table that the writer
/// extends: sealing puts another object in its place.
class Segment {
  public:
    /// Being written, or found without a footer: positions are looked up in memory. `map_bytes` is
    /// what its file may grow to.
    Segment(const std::string& directory, SegmentHeader header, std::uint64_t map_bytes);
    /// Sealed: positions are looked up in the file.
    Segment(const std::string& directory, SegmentHeader header, SegmentFooter footer);

    [[nodiscard]] const SegmentHeader& header() const { return header_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] bool is_sealed() const { return footer_.has_value(); }
    [[nodiscard]] const SegmentFooter& footer() const { return *footer_; }
    [[nodiscard]] PositionTable& table() { return *table_; }
    [[nodiscard]] const PositionTable& table() const { return *table_; }
    [[nodiscard]] std::uint64_t map_bytes() const { return map_bytes_; }

    /// Maps the file at first use. The mapping may be forgotten (drop_mapping); who holds it keeps
    /// it.
    Result<std::shared_ptr<const SegmentMapping>> mapping(FileSystem& files) const;
    [[nodiscard]] bool is_mapped() const { return is_mapped_.load(std::memory_order_relaxed); }
    /// Forgets the mapping, unless it is pinned.
    void drop_mapping() const;
    /// Maps the file for as long as the segment lives: before another file gets its name.
    Status pin_mapping(FileSystem& files) const;

    /// Entry of a position, 0 when it is not there.
    [[nodiscard]] std::uint32_t entry(const SegmentMapping& mapping, Position position) const {
        const std::uint64_t index = position.value - header_.first_position.value;
        if (mapping.table == nullptr) return table_->get(index);
        return index < footer_->events ? mapping.table[index] : 0;
    }

  private:
    Result<std::shared_ptr<const SegmentMapping>> mapping_locked(FileSystem& files) const;

    std::string name_;
    std::string path_;
    SegmentHeader header_;
    std::uint64_t map_bytes_;
    std::optional<SegmentFooter> footer_;
    std::unique_ptr<PositionTable> table_;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const SegmentMapping> mapping_;
    mutable bool is_pinned_ = false;
    mutable std::atomic<bool> is_mapped_{false};
};

/// All segments at one moment, in order.
struct SegmentList {
    std::vector<std::shared_ptr<Segment>> segments;

    /// Index of the segment whose range holds the position; segments.size() when it lies before the
    /// first.
    [[nodiscard]] std::size_t find(Position position) const;
};

inline constexpr std::string_view kRestore = "restore it from a backup";
/// An error that names segment and byte.
Error damage_error(
    const std::string& segment,
    std::uint64_t offset,
    std::string_view what,
    std::string_view remedy = kRestore
);

}  // namespace annals::log::detail
