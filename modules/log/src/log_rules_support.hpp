// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/clock.hpp"

#include "log_test_support.hpp"

namespace annals::log {

/// The files as they are while the log runs: what kill -9 leaves.
inline std::unique_ptr<FileSystem> killed_copy(FileSystem& files) { return copy_of(files, "log"); }

inline std::string first_segment(FileSystem& files) { return bytes_of(files, kFirstSegment); }

inline std::string last_segment(FileSystem& files) {
    std::vector<std::string> names = *files.list("log");
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(".seg"); });
    return bytes_of(files, "log/" + names.back());
}

inline detail::GroupHeader header_at(std::string_view bytes, std::size_t offset) {
    const auto header = detail::decode_group_header(bytes.substr(offset));
    EXPECT_TRUE(header.has_value());
    return *header;
}

/// Time flies: the log is never busy and fills its segment alone, no other beforehand.
class IdleClock final : public Clock {
  public:
    [[nodiscard]] TimeNs now() const override { return system_clock().now(); }
    [[nodiscard]] std::int64_t monotonic_ns() const override {
        return ns_.fetch_add(60'000'000'000);
    }

  private:
    mutable std::atomic<std::int64_t> ns_{60'000'000'000};
};

/// Time stands: the log is as busy as one can be.
class BusyClock final : public Clock {
  public:
    [[nodiscard]] TimeNs now() const override { return system_clock().now(); }
    [[nodiscard]] std::int64_t monotonic_ns() const override { return 1; }
};

}  // namespace annals::log
