// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/log/file_system.hpp"

namespace annals::order_local {

/// A file system in memory whose syncs wait while the gate is shut: what is not durable yet can be
/// looked at. Syncs of a handle that wrote nothing but zeros (space filled ahead, whenever the log
/// likes) never wait: they make nothing durable that a test looks for. For tests.
class GatedFileSystem final : public log::FileSystem {
  public:
    void shut() {
        const std::lock_guard lock(mutex_);
        is_shut_ = true;
    }
    void open_gate() {
        const std::lock_guard lock(mutex_);
        is_shut_ = false;
        changed_.notify_all();
    }
    /// The shut gate lets one sync through, the next to come or one that waits.
    void let_one_pass() {
        const std::lock_guard lock(mutex_);
        ++passes_;
        changed_.notify_all();
    }
    /// Waits until so many syncs stand at the gate; false when twenty seconds were not enough.
    [[nodiscard]] bool is_waiting_in_time(int syncs) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return waiting_ >= syncs; });
    }
    /// Waits until so many syncs stand at the gate.
    void wait_for_waiting(int syncs) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return waiting_ >= syncs; });
    }

    Result<std::unique_ptr<log::File>> open(const std::string& path, Mode mode) override {
        ANNALS_TRY(std::unique_ptr<log::File> file, files_->open(path, mode));
        return std::unique_ptr<log::File>(std::make_unique<GatedFile>(*this, std::move(file)));
    }
    Result<bool> exists(const std::string& path) override { return files_->exists(path); }
    Result<std::vector<std::string>> list(const std::string& directory) override {
        return files_->list(directory);
    }
    Status create_directories(const std::string& directory) override {
        return files_->create_directories(directory);
    }
    Status rename(const std::string& from, const std::string& to) override {
        return files_->rename(from, to);
    }
    Status remove(const std::string& path) override { return files_->remove(path); }
    Status remove_all(const std::string& path) override { return files_->remove_all(path); }
    Status sync_directory(const std::string& path) override { return files_->sync_directory(path); }
    Result<std::unique_ptr<log::DirectoryLock>> lock(const std::string& directory) override {
        return files_->lock(directory);
    }

  private:
    class GatedFile final : public log::File {
      public:
        GatedFile(GatedFileSystem& gate, std::unique_ptr<log::File> file)
            : gate_(gate), file_(std::move(file)) {}

        [[nodiscard]] Result<std::uint64_t> size() const override { return file_->size(); }
        Status write_at(std::uint64_t offset, std::string_view bytes) override {
            if (bytes.find_first_not_of('\0') != std::string_view::npos) has_data_ = true;
            return file_->write_at(offset, bytes);
        }
        Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) const override {
            return file_->read_at(offset, bytes);
        }
        Status sync() override {
            if (has_data_) gate_.pass();
            return file_->sync();
        }
        Status resize(std::uint64_t bytes) override { return file_->resize(bytes); }
        Result<const char*> map(std::size_t bytes) override { return file_->map(bytes); }

      private:
        GatedFileSystem& gate_;
        std::unique_ptr<log::File> file_;
        bool has_data_ = false;
    };

    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !is_shut_ || passes_ > 0; });
        if (is_shut_) --passes_;
        --waiting_;
    }

    const std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_shut_ = false;
    int waiting_ = 0;
    int passes_ = 0;
};

}  // namespace annals::order_local
