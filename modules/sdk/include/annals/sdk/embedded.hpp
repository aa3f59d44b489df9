// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/sdk/client.hpp"

namespace annals::embedded {

/// A store in this process.
struct Options {
    bool is_memory = false;  ///< keep nothing on disk; the folder is not looked at
    /// The index's memory, all namespaces together: 64 MiB to 1 TiB.
    std::uint64_t index_memory_bytes = 256u << 20u;
    ClientOptions client = {};
};

/// Opens a data folder, which is made where there is none, as `annals serve` does, without a
/// server: the same client, the same files, nothing between. Recovers what a crash left. One
/// process has a folder at a time (directory_locked); it closes with the last copy of the client
/// and of what that gave. Errors of the folder are thrown: io_error, data_loss, …
/// invalid_argument for options that cannot be.
[[nodiscard]] Client open(const std::string& folder, Options options = {});

}  // namespace annals::embedded
