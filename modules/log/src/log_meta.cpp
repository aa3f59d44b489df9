// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "log_meta.hpp"

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "segment_header.hpp"

namespace annals::log::detail {
namespace {

constexpr std::string_view kMagic = "ANNALLOG";

}  // namespace

std::string encode_log_meta(const LogMeta& meta) {
    std::string out(kMagic);
    codec::append_fixed(out, kFormatVersion);
    codec::append_fixed(out, meta.required_flags);
    codec::append_fixed(out, meta.optional_flags);
    codec::append_fixed(out, meta.identity.incarnation);
    out.append(meta.identity.log_id.view());
    codec::append_fixed(out, meta.created.value);
    out.resize(LogMeta::kBytes - 4, '\0');
    codec::append_fixed(out, codec::crc32c(out));
    return out;
}

Result<LogMeta> decode_log_meta(std::string_view bytes, const std::string& path) {
    if (bytes.size() != LogMeta::kBytes || !bytes.starts_with(kMagic) ||
        codec::crc32c(bytes.substr(0, LogMeta::kBytes - 4)) !=
            codec::load<std::uint32_t>(bytes.data() + LogMeta::kBytes - 4)) {
        return Error(ErrorCode::kDataLoss, path + " is damaged; restore it from a backup")
            .with("segment", path)
            .with("offset", "0");
    }
    const char* at = bytes.data();
    LogMeta meta;
    const auto version = codec::load<std::uint32_t>(at + 8);
    meta.required_flags = codec::load<std::uint32_t>(at + 12);
    if (version != kFormatVersion || (meta.required_flags & ~kKnownRequiredFlags) != 0) {
        return Error(
                   ErrorCode::kUnsupportedFormat,
                   path + " has format " + std::to_string(version) + " with required features " +
                       std::to_string(meta.required_flags) + "; a newer annals wrote it"
        )
            .with("file", path);
    }
    meta.optional_flags = codec::load<std::uint32_t>(at + 16);
    meta.identity.incarnation = codec::load<std::uint32_t>(at + 20);
    meta.identity.log_id = *Uuid::from_bytes(bytes.substr(24, 16));
    meta.created = TimeNs(codec::load<std::int64_t>(at + 40));
    return meta;
}

Status write_file_durably(
    FileSystem& files, const std::string& directory, const std::string& name, std::string_view bytes
) {
    const std::string path = directory + "/" + name;
    const std::string temporary = path + ".tmp";
    ANNALS_TRY(const bool is_left_over, files.exists(temporary));
    if (is_left_over) ANNALS_CHECK(files.remove(temporary));
    ANNALS_TRY(const auto file, files.open(temporary, FileSystem::Mode::kCreate));
    ANNALS_CHECK(file->write_at(0, bytes));
    ANNALS_CHECK(file->sync());
    ANNALS_CHECK(files.rename(temporary, path));
    return files.sync_directory(directory);
}

Result<std::string> read_file(FileSystem& files, const std::string& path) {
    ANNALS_TRY(const auto file, files.open(path, FileSystem::Mode::kRead));
    ANNALS_TRY(const std::uint64_t bytes, file->size());
    return file->read_at(0, static_cast<std::size_t>(bytes));
}

}  // namespace annals::log::detail
