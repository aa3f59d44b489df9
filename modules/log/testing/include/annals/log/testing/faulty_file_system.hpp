// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "annals/log/file_system.hpp"

namespace annals::log::testing {

/// A file system in memory that fails to order. It knows what was synced and what was not, so that
/// a power loss can take the rest: whole writes, parts of them (sectors of 512 bytes), earlier ones
/// where later ones stay.
///
/// Before a crash: `stop()`, destroy the objects that use it (all their operations fail, nothing
/// changes any more), then one of the `restart_…` functions. Safe from any thread.
class FaultyFileSystem final : public FileSystem {
  public:
    explicit FaultyFileSystem(std::uint64_t seed);
    ~FaultyFileSystem() override;

    // ---- crashes ----

    /// From here on every operation fails with io_error and does nothing. Open files stay dead for
    /// ever.
    void stop();
    /// The process was killed: what was written is there (the page cache lives on), synced or not.
    void restart_after_kill();
    /// The power was lost: of what was not synced, anything may be gone.
    void restart_after_power_loss();

    // ---- faults ----

    /// Writes to files whose path contains `path_part` fail until clear_faults().
    void fail_writes(ErrorCode code, std::string path_part = "");
    /// Lets so many more writes through, then stop()s in the middle of the next: its first part is
    /// there.
    void stop_after_writes(std::uint64_t writes);
    /// The next sync of a matching file fails, once for each open handle, as Linux does; what was
    /// to be synced counts as clean afterwards, although it is not on the disk: later syncs succeed
    /// and do not help.
    void fail_next_sync(std::string path_part = "");
    /// All syncs of matching files fail until clear_faults().
    void fail_syncs(std::string path_part = "");
    void fail_directory_syncs(bool is_failing);
    /// Files may hold so many bytes together; beyond it writes fail with disk_full. Nothing: no
    /// limit.
    void limit_bytes(std::optional<std::uint64_t> bytes);
    void clear_faults();

    // ---- what happened ----

    [[nodiscard]] std::uint64_t writes() const;
    [[nodiscard]] std::uint64_t syncs() const;
    [[nodiscard]] std::uint64_t bytes() const;

    // ---- FileSystem ----

    Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
    Result<bool> exists(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    Status create_directories(const std::string& directory) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status remove(const std::string& path) override;
    Status remove_all(const std::string& directory) override;
    Status sync_directory(const std::string& directory) override;
    Result<std::unique_ptr<DirectoryLock>> lock(const std::string& directory) override;

  private:
    class FaultyFile;
    struct Node;
    struct NameChange;
    using Names = std::map<std::string, std::shared_ptr<Node>>;

    Result<std::shared_ptr<Node>> make_node(std::string_view content);
    Status check_power(const std::string& path) const;
    Status check_write(const std::string& path) const;
    bool take_sync_fault(const std::string& path);
    static void apply(const NameChange& change, Names& names);
    std::string content_after_power_loss(const Node& node);
    [[nodiscard]] std::uint64_t bytes_locked() const;

    mutable std::mutex mutex_;
    std::mt19937_64 random_;
    std::unique_ptr<FileSystem> memory_;
    Names names_;
    Names durable_names_;
    std::vector<NameChange> name_changes_;
    std::vector<std::string> directories_;
    std::uint64_t next_node_ = 0;
    std::uint64_t generation_ = 0;
    bool is_stopped_ = false;
    std::optional<ErrorCode> write_fault_;
    std::string write_fault_path_;
    std::optional<std::uint64_t> writes_left_;
    std::optional<std::string> next_sync_fault_;
    std::optional<std::string> sync_fault_;
    bool are_directory_syncs_failing_ = false;
    std::optional<std::uint64_t> bytes_max_;
    std::uint64_t writes_ = 0;
    std::uint64_t syncs_ = 0;
};

}  // namespace annals::log::testing
