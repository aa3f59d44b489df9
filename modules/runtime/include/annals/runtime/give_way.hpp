// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>

namespace annals::runtime {

/// Lets threads that share the caller's processor run before its next batch is taken, so that the
/// batch holds what they were about to bring: fewer and larger batches where processors are short.
/// Where one of them computes without an end, a yield lasts as long as the scheduler's slice
/// (some ms): after one of kLongNs none is made for a while. One thread at a time; a system call.
class GiveWay {
  public:
    static constexpr std::int64_t kLongNs = 4'000'000;
    static constexpr std::uint32_t kTurnsWithout = 200;

    GiveWay();
    /// For tests: yields and says how many nanoseconds that took.
    explicit GiveWay(std::function<std::int64_t()> timed_yield);

    /// So many yields at most; false when it does without them at present.
    bool operator()(int yields = 1);

  private:
    std::function<std::int64_t()> timed_yield_;
    std::uint32_t without_ = 0;
};

}  // namespace annals::runtime
