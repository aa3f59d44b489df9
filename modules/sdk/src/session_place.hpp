// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace annals::sdk {

/// The latest position that a session has written or observed. Any thread.
class SessionPlace {
  public:
    [[nodiscard]] std::string latest() const;
    /// Nothing happens where it is earlier. Throws invalid_argument for what is no token.
    void observe(std::string_view position);

  private:
    mutable std::mutex mutex_;
    std::string latest_;
};

}  // namespace annals::sdk
