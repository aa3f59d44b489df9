// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <set>

#include "annals/log/file_system.hpp"

#include "posix_file.hpp"

namespace annals::log {
namespace {

using detail::Descriptor;
using detail::PosixFile;
using detail::system_error;

/// What locks and the file system share, so that a lock may outlive it.
struct Locks {
    std::mutex mutex;
    std::set<std::string> held;
};

class MemoryLock final : public DirectoryLock {
  public:
    MemoryLock(std::shared_ptr<Locks> locks, std::string directory)
        : locks_(std::move(locks)), directory_(std::move(directory)) {}
    ~MemoryLock() override {
        const std::lock_guard guard(locks_->mutex);
        locks_->held.erase(directory_);
    }

  private:
    std::shared_ptr<Locks> locks_;
    std::string directory_;
};

/// Each file is a memfd: growth, views and sharing are the kernel's, exactly as on disk.
class MemoryFileSystem final : public FileSystem {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override {
        const std::lock_guard guard(mutex_);
        const auto found = files_.find(path);
        if (mode != Mode::kCreate) {
            if (found == files_.end()) return system_error("cannot open", path, ENOENT);
            return make_file(found->second, path);
        }
        if (found != files_.end()) return system_error("cannot create", path, EEXIST);
        const int number = ::memfd_create("annals", MFD_CLOEXEC);
        if (number < 0) return system_error("cannot create", path, errno);
        auto descriptor = std::make_shared<const Descriptor>(number);
        files_.emplace(path, descriptor);
        return make_file(std::move(descriptor), path);
    }

    Result<bool> exists(const std::string& path) override {
        const std::lock_guard guard(mutex_);
        return files_.contains(path) || directories_.contains(path) || has_children(path);
    }

    Result<std::vector<std::string>> list(const std::string& directory) override {
        const std::lock_guard guard(mutex_);
        const std::string prefix = directory + "/";
        std::set<std::string> names;
        const auto collect = [&](const std::string& path) {
            if (!path.starts_with(prefix)) return;
            const std::string rest = path.substr(prefix.size());
            names.insert(rest.substr(0, rest.find('/')));
        };
        for (const auto& [path, descriptor] : files_) collect(path);
        for (const std::string& path : directories_) collect(path);
        if (names.empty() && !directories_.contains(directory)) {
            return system_error("cannot list", directory, ENOENT);
        }
        return std::vector<std::string>(names.begin(), names.end());
    }

    Status create_directories(const std::string& directory) override {
        const std::lock_guard guard(mutex_);
        directories_.insert(directory);
        return ok();
    }

    Status rename(const std::string& from, const std::string& to) override {
        const std::lock_guard guard(mutex_);
        const auto found = files_.find(from);
        if (found != files_.end()) {
            auto descriptor = found->second;
            files_.erase(found);
            files_[to] = std::move(descriptor);
            return ok();
        }
        if (!directories_.contains(from)) return system_error("cannot rename", from, ENOENT);
        rename_folder(from, to);
        return ok();
    }

    Status remove(const std::string& path) override {
        const std::lock_guard guard(mutex_);
        if (files_.erase(path) == 0) return system_error("cannot remove", path, ENOENT);
        return ok();
    }

    Status remove_all(const std::string& directory) override {
        const std::lock_guard guard(mutex_);
        const std::string prefix = directory + "/";
        const auto is_inside = [&](const std::string& path) {
            return path == directory || path.starts_with(prefix);
        };
        std::erase_if(files_, [&](const auto& item) { return is_inside(item.first); });
        std::erase_if(directories_, is_inside);
        return ok();
    }

    Status sync_directory(const std::string&) override { return ok(); }

    Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override {
        const std::lock_guard guard(locks_->mutex);
        if (!locks_->held.insert(directory).second) {
            return Error(
                       ErrorCode::kDirectoryLocked,
                       directory + " is in use; close it first or take another folder"
            )
                .with("directory", directory);
        }
        return std::unique_ptr<DirectoryLock>(std::make_unique<MemoryLock>(locks_, directory));
    }

  private:
    static std::unique_ptr<File> make_file(
        std::shared_ptr<const Descriptor> descriptor, const std::string& path
    ) {
        return std::make_unique<PosixFile>(std::move(descriptor), path, PosixFile::Kind::kMemory);
    }

    [[nodiscard]] bool has_children(const std::string& path) const {
        const std::string prefix = path + "/";
        const auto next = files_.lower_bound(prefix);
        if (next != files_.end() && next->first.starts_with(prefix)) return true;
        const auto folder = directories_.lower_bound(prefix);
        return folder != directories_.end() && folder->starts_with(prefix);
    }

    void rename_folder(const std::string& from, const std::string& to) {
        const std::string prefix = from + "/";
        const auto moved = [&](const std::string& path) { return to + path.substr(from.size()); };
        std::map<std::string, std::shared_ptr<const Descriptor>> files;
        for (auto& [path, descriptor] : files_) {
            files.emplace(path.starts_with(prefix) ? moved(path) : path, descriptor);
        }
        files_ = std::move(files);
        std::set<std::string> directories;
        for (const std::string& path : directories_) {
            const bool is_moved = path == from || path.starts_with(prefix);
            directories.insert(is_moved ? moved(path) : path);
        }
        directories_ = std::move(directories);
    }

    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<const Descriptor>> files_;
    std::set<std::string> directories_;
    std::shared_ptr<Locks> locks_ = std::make_shared<Locks>();
};

}  // namespace

std::unique_ptr<FileSystem> make_memory_file_system() {
    return std::make_unique<MemoryFileSystem>();
}

}  // namespace annals::log
