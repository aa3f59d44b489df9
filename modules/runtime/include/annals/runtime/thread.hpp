// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <string_view>
#include <thread>

namespace annals::runtime {

/// A thread with one job and a name that debuggers, `top -H` and profiles show. Joined when it is
/// destroyed: whoever owns it tells it to stop before.
class Thread {
  public:
    Thread() = default;
    /// `name` is cut at 15 bytes, which is what Linux keeps.
    Thread(std::string_view name, std::function<void()> body);
    Thread(Thread&&) = default;
    Thread& operator=(Thread&& other) noexcept;
    ~Thread();

    /// Waits for its end; fine when it was never started or was joined before.
    void join();
    [[nodiscard]] bool is_running() const { return thread_.joinable(); }

  private:
    std::thread thread_;
};

}  // namespace annals::runtime
