// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "annals/log/file_system.hpp"

namespace annals::consumers::testing {

/// Files in memory that count the syncs of paths with a part, and can hold them up.
class GatedFiles final : public log::FileSystem {
  public:
    explicit GatedFiles(std::string path_part) : path_part_(std::move(path_part)) {}

    [[nodiscard]] std::uint64_t syncs() const {
        const std::lock_guard lock(mutex_);
        return syncs_;
    }
    /// Syncs wait until open_gate().
    void close_gate() {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
    }
    void open_gate() {
        const std::lock_guard lock(mutex_);
        is_closed_ = false;
        opened_.notify_all();
    }

    Result<std::unique_ptr<log::File>> open(const std::string& path, Mode mode) override {
        ANNALS_TRY(std::unique_ptr<log::File> inner, inner_->open(path, mode));
        const bool is_counted = path.find(path_part_) != std::string::npos;
        if (!is_counted) return inner;
        return std::unique_ptr<log::File>(std::make_unique<CountedFile>(*this, std::move(inner)));
    }
    Result<bool> exists(const std::string& path) override { return inner_->exists(path); }
    Result<std::vector<std::string>> list(const std::string& directory) override {
        return inner_->list(directory);
    }
    Status create_directories(const std::string& directory) override {
        return inner_->create_directories(directory);
    }
    Status rename(const std::string& from, const std::string& to) override {
        return inner_->rename(from, to);
    }
    Status remove(const std::string& path) override { return inner_->remove(path); }
    Status remove_all(const std::string& directory) override {
        return inner_->remove_all(directory);
    }
    Status sync_directory(const std::string& directory) override {
        return inner_->sync_directory(directory);
    }
    Result<std::unique_ptr<log::DirectoryLock>> lock(const std::string& directory) override {
        return inner_->lock(directory);
    }

  private:
    class CountedFile final : public log::File {
      public:
        CountedFile(GatedFiles& files, std::unique_ptr<log::File> inner)
            : files_(files), inner_(std::move(inner)) {}
        [[nodiscard]] Result<std::uint64_t> size() const override { return inner_->size(); }
        Status write_at(std::uint64_t offset, std::string_view bytes) override {
            return inner_->write_at(offset, bytes);
        }
        Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) const override {
            return inner_->read_at(offset, bytes);
        }
        Status sync() override {
            files_.pass();
            return inner_->sync();
        }
        Status resize(std::uint64_t bytes) override { return inner_->resize(bytes); }
        Result<const char*> map(std::size_t bytes) override { return inner_->map(bytes); }

      private:
        GatedFiles& files_;
        std::unique_ptr<log::File> inner_;
    };

    void pass() {
        std::unique_lock lock(mutex_);
        ++syncs_;
        opened_.wait(lock, [&] { return !is_closed_; });
    }

    const std::string path_part_;
    std::unique_ptr<log::FileSystem> inner_ = log::make_memory_file_system();
    mutable std::mutex mutex_;
    std::condition_variable opened_;
    std::uint64_t syncs_ = 0;
    bool is_closed_ = false;
};

}  // namespace annals::consumers::testing
