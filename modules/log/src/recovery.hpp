// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/log/segment_log.hpp"

#include "clean_end.hpp"
#include "damaged_segments.hpp"
#include "log_meta.hpp"
#include "segment.hpp"
#include "segment_scan.hpp"
#include "segment_sealer.hpp"

namespace annals::log::detail {

/// The segment that the writer goes on in.
struct ActiveSegment {
    std::shared_ptr<Segment> segment;
    std::uint64_t groups_end = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t last_group_offset = 0;  ///< 0: no group
    std::uint64_t groups = 0;
    std::uint64_t appends = 0;
    TimeNs first_time;
};

/// A log as opening found it and mended it.
struct RecoveredLog {
    LogMeta meta;
    std::vector<std::shared_ptr<Segment>> segments;
    std::vector<SealJob> to_seal;
    std::optional<ActiveSegment>
        active;  ///< none: the last segment is sealed, the writer begins a new one
    LogState end;
    std::uint64_t last_sequence = 0;
    bool needs_mark =
        false;  ///< the groups at the end are durable now, but nothing on disk says so
    bool has_clean_file = false;    ///< to be taken away before the first new byte
    SegmentNames damaged_segments;  ///< as the file DAMAGED has them now
};

/// Reads the folder, decides what is a tear and what is damage, cuts, rewrites
/// (log-and-rules 1.2, 1.3) and reports. Creates the log when there is none. `directory` is locked.
Result<RecoveredLog> recover_log(
    FileSystem& files,
    const std::string& directory,
    const LogOptions& options,
    RecoveryReport& report
);

/// Writes a whole segment file (header and `content`, zero up to `file_bytes`) under its name:
/// content, name and directory entry are durable afterwards. A file of that name is replaced.
Status create_segment_file(
    FileSystem& files,
    const std::string& directory,
    const SegmentHeader& header,
    std::string_view content,
    std::uint64_t file_bytes
);

/// Segments of a folder by position, headers read. A damaged header becomes a damage and is left
/// out.
struct FoundSegment {
    std::string path;
    std::string name;
    SegmentHeader header;
};
struct FoundSegments {
    std::vector<FoundSegment> segments;
    std::vector<Damage> damages;
    bool is_last_header_damaged = false;
};
Result<FoundSegments> find_segments(
    FileSystem& files, const std::string& directory, const Uuid& log_id
);

}  // namespace annals::log::detail
