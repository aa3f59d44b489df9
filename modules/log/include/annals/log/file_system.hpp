// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::log {

/// One open file of fixed or growing size. Reads and writes at offsets may come from several
/// threads; the same bytes are never written and read at once.
class File {
  public:
    File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    virtual ~File() = default;

    [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
    /// Writes all or fails; disk_full when there is no room, io_error otherwise.
    virtual Status write_at(std::uint64_t offset, std::string_view bytes) = 0;
    /// Reads up to `bytes` bytes; fewer only at the end of the file.
    virtual Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) const = 0;
    /// Content (and size) durable: fdatasync.
    virtual Status sync() = 0;
    virtual Status resize(std::uint64_t bytes) = 0;
    /// A view over the first `bytes` bytes, valid as long as the File, that shows later writes.
    /// Bytes beyond the end of the file must not be touched.
    virtual Result<const char*> map(std::size_t bytes) = 0;
};

/// An exclusive claim on a folder, given up when destroyed.
class DirectoryLock {
  public:
    DirectoryLock() = default;
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;
    virtual ~DirectoryLock() = default;
};

/// The seam to the disk, after the Env of leveldb: bodies on the operating system, in memory, and a
/// faulty one for tests. All paths are plain strings with `/`. Safe from any thread.
class FileSystem {
  public:
    enum class Mode : std::uint8_t { kRead, kReadWrite, kCreate /* fails when it exists */ };

    FileSystem() = default;
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;
    virtual ~FileSystem() = default;

    virtual Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) = 0;
    [[nodiscard]] virtual Result<bool> exists(const std::string& path) = 0;
    /// Names (not paths) of files and folders, sorted.
    virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
    /// Creates the folder and its parents, and makes their entries durable; fine when it exists.
    virtual Status create_directories(const std::string& directory) = 0;
    virtual Status rename(const std::string& from, const std::string& to) = 0;
    virtual Status remove(const std::string& path) = 0;
    virtual Status remove_all(const std::string& directory) = 0;
    /// Makes creations, renames and removals in the folder durable.
    virtual Status sync_directory(const std::string& directory) = 0;
    /// Whether the file system of the folder is mounted read-only. Usually not.
    [[nodiscard]] virtual Result<bool> is_read_only(const std::string& directory) {
        (void)directory;
        return false;
    }
    /// directory_locked when another process (or this one) holds it.
    virtual Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) = 0;
};

/// The operating system's files. Shared, lives as long as the program.
FileSystem& disk_file_system();

/// Files that live as long as the object; sync costs nothing.
std::unique_ptr<FileSystem> make_memory_file_system();

}  // namespace annals::log
