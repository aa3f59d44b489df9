// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "annals/load_kit/dice.hpp"
#include "annals/model/append.hpp"

namespace annals::bench_kit {

using load_kit::Dice;

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

/// Streams of a block when so many events are loaded: a tenth in quick runs, and never more than
/// the events can fill, so that what is loaded is at least one whole block.
constexpr std::uint64_t streams_per_block(std::uint64_t events, bool is_quick) {
    return std::clamp<std::uint64_t>(
        events / kEventsPerStream, 1, is_quick ? kStreamsPerBlock / 10 : kStreamsPerBlock
    );
}

/// Number of the stream that the loaded event belongs to.
constexpr std::uint64_t stream_of(std::uint64_t event, std::uint64_t streams_per_block) {
    return event / (streams_per_block * kEventsPerStream) * streams_per_block +
           event % streams_per_block;
}

/// `category-number`, the number padded so that names are equally long.
std::string stream_name(std::string_view category, std::uint64_t number);

}  // namespace annals::bench_kit
