// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "annals/model/append.hpp"

namespace annals::bench_kit {

/// SplitMix64: the same choices in every run.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t roll(std::uint64_t sides) {
        state_ += 0x9E3779B97F4A7C15u;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30u)) * 0xBF58476D1CE4E5B9u;
        mixed = (mixed ^ (mixed >> 27u)) * 0x94D049BB133111EBu;
        return (mixed ^ (mixed >> 31u)) % sides;
    }

  private:
    std::uint64_t state_;
};

inline constexpr std::size_t kEventDataBytes = 256;

/// Numbered events of 256 bytes of JSON, ids by the client (UUIDv7) as our own client gives them.
/// Views stay valid until the next call.
class EventMaker {
  public:
    EventMaker();
    model::NewEvent make(std::string_view stream);

  private:
    std::uint64_t number_ = 0;
    std::string data_;
};

/// Streams that are read: blocks of 50,000, each with 20 events spread over the whole block.
inline constexpr std::uint64_t kStreamsPerBlock = 50'000;
inline constexpr std::uint64_t kEventsPerStream = 20;
inline constexpr std::uint64_t kEventsPerBlock = kStreamsPerBlock * kEventsPerStream;

/// Number of the stream that the loaded event belongs to.
constexpr std::uint64_t stream_of(std::uint64_t event, std::uint64_t streams_per_block) {
    return event / (streams_per_block * kEventsPerStream) * streams_per_block +
           event % streams_per_block;
}

/// `category-number`, the number padded so that names are equally long.
std::string stream_name(std::string_view category, std::uint64_t number);

}  // namespace annals::bench_kit
