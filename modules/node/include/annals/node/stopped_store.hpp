// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/log/file_system.hpp"

namespace annals::node {

/// The data folder of a server that does not run, held so that none can start: for work on the logs
/// themselves. One thread.
class StoppedStore {
  public:
    /// The logs of a namespace: what users append, and what the server keeps beside it (snapshots,
    /// progress).
    enum class Part : std::uint8_t { kEvents, kSystem };

    /// directory_locked while a server has the folder. Makes the folder when it is not there.
    static Result<StoppedStore> open(std::string directory);

    /// The folder that holds the part's `events` and `index`; namespace_not_found when there is no
    /// such namespace.
    [[nodiscard]] Result<std::string> find(std::string_view name_space, Part part) const;
    /// The same, creating the namespace when it is not there.
    [[nodiscard]] Result<std::string> find_or_create(std::string_view name_space, Part part) const;

  private:
    StoppedStore(std::string directory, std::unique_ptr<log::DirectoryLock> lock)
        : directory_(std::move(directory)), lock_(std::move(lock)) {}

    std::string directory_;
    std::unique_ptr<log::DirectoryLock> lock_;
};

}  // namespace annals::node
