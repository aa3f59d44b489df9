// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::bench_kit {

/// The ceiling of everything durable: one pwrite and one fdatasync after the other, into a file
/// that was zero-filled and synced before. Measured in slices, in turns with what is held against
/// it; the file is gone with the object.
class BareLog {
  public:
    static Result<std::unique_ptr<BareLog>> open(const std::string& directory);
    BareLog(const BareLog&) = delete;
    BareLog& operator=(const BareLog&) = delete;
    ~BareLog();

    /// So many bytes a sync, for so many seconds; adds the microseconds of each.
    Status measure(std::size_t bytes, double seconds, std::vector<double>& latencies_us);

  private:
    BareLog(std::string path, int handle) : path_(std::move(path)), handle_(handle) {}
    Status write(const std::string& bytes);
    Status sync();
    Status fill();

    std::string path_;
    int handle_;
    std::uint64_t offset_ = 0;
};

}  // namespace annals::bench_kit
