// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "spare_segment.hpp"

namespace annals::log::detail {

SpareSegment::SpareSegment(FileSystem& files, const std::string& directory, std::uint64_t bytes)
    : files_(files), directory_(directory), path_(directory + "/next.seg.tmp") {
    filler_ = std::make_shared<SegmentFiller>(
        [&files, path = path_] { return files.open(path, FileSystem::Mode::kCreate); }, 0, bytes
    );
}

Status SpareSegment::become(const SegmentHeader& header) {
    {
        ANNALS_TRY(const auto file, files_.open(path_, FileSystem::Mode::kReadWrite));
        ANNALS_CHECK(file->write_at(0, encode_segment_header(header)));
        ANNALS_CHECK(file->sync());
    }
    ANNALS_CHECK(files_.rename(path_, directory_ + "/" + segment_name(header.first_position)));
    return files_.sync_directory(directory_);
}

void SpareSegment::remove() {
    filler_->stop();
    const Result<bool> is_there = files_.exists(path_);
    if (is_there && *is_there) static_cast<void>(files_.remove(path_));
}

}  // namespace annals::log::detail
