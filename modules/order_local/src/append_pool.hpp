// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "prepared_append.hpp"

namespace annals::order_local {

/// Used PreparedAppends with their memory, so that a steady load allocates little. Keeps at most
/// kKeptMax of them and none that grew large. Any thread.
class AppendPool {
  public:
    static constexpr std::size_t kKeptMax = 512;
    static constexpr std::size_t kKeptBytesMax = 64u << 10u;

    std::unique_ptr<PreparedAppend> take();
    void give_back(std::unique_ptr<PreparedAppend> append);
    /// Empties `appends`.
    void give_back(std::vector<std::unique_ptr<PreparedAppend>>& appends);

  private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<PreparedAppend>> free_;
};

}  // namespace annals::order_local
