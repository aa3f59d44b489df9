// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "posix_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace annals::log::detail {

Error system_error(std::string_view what, const std::string& path, int error_number) {
    const bool is_full = error_number == ENOSPC || error_number == EDQUOT;
    return Error(
               is_full ? ErrorCode::kDiskFull : ErrorCode::kIoError,
               std::string(what) + " " + path + ": " + std::generic_category().message(error_number)
    )
        .with("file", path);
}

Descriptor::~Descriptor() { ::close(number_); }

PosixFile::PosixFile(std::shared_ptr<const Descriptor> descriptor, std::string path, Kind kind)
    : descriptor_(std::move(descriptor)), path_(std::move(path)), kind_(kind) {}

PosixFile::~PosixFile() {
    for (const auto& [address, bytes] : maps_) ::munmap(address, bytes);
}

Result<std::uint64_t> PosixFile::size() const {
    struct stat status{};
    if (::fstat(descriptor_->number(), &status) != 0) {
        return system_error("cannot ask for the size of", path_, errno);
    }
    return static_cast<std::uint64_t>(status.st_size);
}

Status PosixFile::write_at(std::uint64_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(
            descriptor_->number(), bytes.data(), bytes.size(), static_cast<off_t>(offset)
        );
        if (written < 0) {
            if (errno == EINTR) continue;
            return system_error("cannot write", path_, errno);
        }
        if (written == 0) return system_error("cannot write", path_, ENOSPC);
        bytes.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return ok();
}

Result<std::string> PosixFile::read_at(std::uint64_t offset, std::size_t bytes) const {
    // Never allocates more than the file can give.
    ANNALS_TRY(const std::uint64_t file_bytes, size());
    const std::uint64_t left = offset < file_bytes ? file_bytes - offset : 0;
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, left)), '\0');
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t got = ::pread(
            descriptor_->number(),
            out.data() + done,
            out.size() - done,
            static_cast<off_t>(offset + done)
        );
        if (got < 0) {
            if (errno == EINTR) continue;
            return system_error("cannot read", path_, errno);
        }
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    out.resize(done);
    return out;
}

Status PosixFile::sync() {
    if (kind_ == Kind::kMemory) return ok();
    // Not repeated after EINTR or anything else: the kernel may have marked the pages clean.
    if (::fdatasync(descriptor_->number()) != 0) return system_error("cannot sync", path_, errno);
    return ok();
}

Status PosixFile::resize(std::uint64_t bytes) {
    if (::ftruncate(descriptor_->number(), static_cast<off_t>(bytes)) != 0) {
        return system_error("cannot resize", path_, errno);
    }
    return ok();
}

Result<const char*> PosixFile::map(std::size_t bytes) {
    void* address = ::mmap(
        nullptr, std::max<std::size_t>(bytes, 1), PROT_READ, MAP_SHARED, descriptor_->number(), 0
    );
    if (address == MAP_FAILED) return system_error("cannot map", path_, errno);
    const std::lock_guard lock(mutex_);
    maps_.emplace_back(address, std::max<std::size_t>(bytes, 1));
    return static_cast<const char*>(address);
}

}  // namespace annals::log::detail
