// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"

namespace annals::namespaces {

/// A namespace that exists.
struct NamespaceRecord {
    std::string name;
    TimeNs created_time;
    Position created_position;  ///< in the log of `$system`; part of the folder's name
    bool has_folder = false;    ///< its log was opened: a folder that is gone is a loss

    [[nodiscard]] std::string folder() const {
        return name + "." + std::to_string(created_position.value);
    }
};

/// The same fold over the log of `$system` alone, without its index: for a folder that no server
/// has open. Reads the whole log, which holds little.
Result<std::vector<NamespaceRecord>> read_namespaces(const log::SegmentLog& system_log);

/// Which namespaces exist: the fold of `$namespace-created`, `$namespace-opened` and
/// `$namespace-deleted` in the stream `$namespaces` of the log of `$system` (docs/adr/0005). Any
/// thread; changes are serialised and durable before they show.
class Registry {
  public:
    /// Folds what the log holds. `system_log` must outlive the registry.
    static Result<std::unique_ptr<Registry>> load(commit::Orderer& system_log);

    /// namespace_exists, or the record once it is durable.
    Result<NamespaceRecord> create(std::string_view name);
    /// Its log has been opened for the first time, and its folder is there.
    Status note_folder(const NamespaceRecord& record);
    /// namespace_not_found, or the record that was, once its deletion is durable.
    Result<NamespaceRecord> remove(std::string_view name);
    [[nodiscard]] Result<NamespaceRecord> find(std::string_view name) const;
    [[nodiscard]] std::vector<NamespaceRecord> list() const;
    /// Folders of namespaces whose deletion is in the log: what a crash may have left to remove.
    [[nodiscard]] const std::vector<std::string>& deleted_folders() const {
        return deleted_folders_;
    }

  private:
    explicit Registry(commit::Orderer& system_log) : system_log_(system_log) {}
    Status fold();
    Result<model::AppendResult> append(std::string_view type, std::string_view name);

    commit::Orderer& system_log_;
    std::mutex change_;         ///< one change at a time
    mutable std::mutex mutex_;  ///< of the two below
    std::map<std::string, NamespaceRecord, std::less<>> records_;
    std::vector<std::string> deleted_folders_;
};

}  // namespace annals::namespaces
