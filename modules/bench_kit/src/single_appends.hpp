// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

#include "bench_run.hpp"
#include "rpc_client.hpp"

namespace annals::bench_kit {

enum class Condition : unsigned char { kNone, kExpected, kQuery };

/// Single-event appends: each slot has streams of its own, so that it knows their revisions and
/// last positions. One thread; the run must outlive it.
class SingleAppends {
  public:
    SingleAppends(BenchRun& run, Condition condition, std::size_t in_flight);

    Result<LoopResult> measure(double seconds);
    /// The same requests to a server that does nothing.
    Result<LoopResult> measure_null(double seconds);

  private:
    struct Stream {
        std::uint64_t events = 0;
        std::string position;
    };
    struct Slot {
        std::vector<Stream> streams;
        std::size_t current = 0;
    };

    void make(std::size_t index, std::string& request);
    Status take(std::size_t index, std::string_view answer);

    BenchRun& run_;
    Condition condition_;
    std::string category_;
    std::vector<Slot> slots_;
};

}  // namespace annals::bench_kit
