// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "damaged_segments.hpp"

#include "log_meta.hpp"
#include "segment_header.hpp"

namespace annals::log::detail {

std::string encode_damaged_segments(const SegmentNames& names) {
    std::string out;
    for (const std::string& name : names) {
        out += name;
        out += '\n';
    }
    return out;
}

std::optional<SegmentNames> decode_damaged_segments(std::string_view bytes) {
    SegmentNames names;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        if (end == std::string_view::npos || !parse_segment_name(bytes.substr(0, end)))
            return std::nullopt;
        names.emplace(bytes.substr(0, end));
        bytes.remove_prefix(end + 1);
    }
    return names;
}

Status write_damaged_segments(
    FileSystem& files, const std::string& directory, const SegmentNames& names
) {
    if (!names.empty()) {
        return write_file_durably(
            files, directory, std::string(kDamagedName), encode_damaged_segments(names)
        );
    }
    const std::string path = directory + "/" + std::string(kDamagedName);
    ANNALS_TRY(const bool is_there, files.exists(path));
    if (!is_there) return ok();
    ANNALS_CHECK(files.remove(path));
    return files.sync_directory(directory);
}

}  // namespace annals::log::detail
