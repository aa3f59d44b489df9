// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "annals/log/file_system.hpp"

#include "posix_file.hpp"

namespace annals::log {
namespace {

using detail::Descriptor;
using detail::PosixFile;
using detail::system_error;

class DiskLock final : public DirectoryLock {
  public:
    explicit DiskLock(int number) : descriptor_(number) {}

  private:
    Descriptor descriptor_;  // closing it gives the flock up
};

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

class DiskFileSystem final : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
        int flags = O_CLOEXEC | (mode == Mode::kRead ? O_RDONLY : O_RDWR);
        if (mode == Mode::kCreate) flags |= O_CREAT | O_EXCL;
        const int number = ::open(path.c_str(), flags, 0640);
        if (number < 0) return system_error("cannot open", path, errno);
        return std::make_unique<PosixFile>(
            std::make_shared<const Descriptor>(number), path, PosixFile::Kind::kDisk
        );
    }

    Result<bool> exists(const std::string& path) override {
        struct stat status{};
        if (::stat(path.c_str(), &status) == 0) return true;
        if (errno == ENOENT || errno == ENOTDIR) return false;
        return system_error("cannot look for", path, errno);
    }

    Result<std::vector<std::string>> list(const std::string& directory) override {
        std::error_code error;
        std::filesystem::directory_iterator entry(directory, error);
        std::vector<std::string> names;
        while (!error && entry != std::filesystem::directory_iterator()) {
            names.push_back(entry->path().filename().string());
            entry.increment(error);
        }
        if (error) return system_error("cannot list", directory, error.value());
        std::sort(names.begin(), names.end());
        return names;
    }

    Status create_directories(const std::string& directory) override {
        if (directory.empty()) return ok();
        ANNALS_TRY(const bool is_there, exists(directory));
        if (is_there) return ok();
        const std::string parent = parent_of(directory);
        if (parent != directory) ANNALS_CHECK(create_directories(parent));
        if (::mkdir(directory.c_str(), 0750) != 0 && errno != EEXIST) {
            return system_error("cannot create the folder", directory, errno);
        }
        return sync_directory(parent);
    }

    Status rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0)
            return system_error("cannot rename", from, errno);
        return ok();
    }

    Status remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0) return system_error("cannot remove", path, errno);
        return ok();
    }

    Status remove_all(const std::string& directory) override {
        std::error_code error;
        std::filesystem::remove_all(directory, error);
        if (error) return system_error("cannot remove the folder", directory, error.value());
        return ok();
    }

    Status sync_directory(const std::string& directory) override {
        const int number = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (number < 0) return system_error("cannot open the folder", directory, errno);
        const Descriptor descriptor(number);
        if (::fsync(number) != 0) return system_error("cannot sync the folder", directory, errno);
        return ok();
    }

    Result<bool> is_read_only(const std::string& directory) override {
        struct statvfs status{};
        if (::statvfs(directory.c_str(), &status) != 0)
            return system_error("cannot look at the file system of", directory, errno);
        return (status.f_flag & ST_RDONLY) != 0;
    }

    Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override {
        const int number = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (number < 0) return system_error("cannot open the folder", directory, errno);
        auto claim = std::make_unique<DiskLock>(number);
        if (::flock(number, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK)
                return system_error("cannot lock the folder", directory, errno);
            return Error(
                       ErrorCode::kDirectoryLocked,
                       directory +
                           " is in use by another server; stop it first or take another folder"
            )
                .with("directory", directory);
        }
        return std::unique_ptr<DirectoryLock>(std::move(claim));
    }
};

}  // namespace

FileSystem& disk_file_system() {
    static DiskFileSystem files;
    return files;
}

}  // namespace annals::log
