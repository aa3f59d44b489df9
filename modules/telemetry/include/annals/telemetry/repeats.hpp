// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace annals::telemetry {

/// Lets one of many like messages through an interval, so that what fails again and again does not
/// fill a log. Keys are few (a log and what fails in it) and stay. Any thread.
class Repeats {
  public:
    explicit Repeats(std::int64_t interval_ns) : interval_ns_(interval_ns) {}

    /// How many with this key were held back since the last that was let through; nothing: hold
    /// this one back, too. `now_ns` is monotonic.
    std::optional<std::uint64_t> let_through(std::string_view key, std::int64_t now_ns);

  private:
    struct Told {
        std::int64_t at_ns = 0;
        std::uint64_t held_back = 0;
    };

    const std::int64_t interval_ns_;
    std::mutex mutex_;
    std::map<std::string, Told, std::less<>> told_;
};

}  // namespace annals::telemetry
