// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "annals/commit/orderer.hpp"
#include "annals/model/token.hpp"

namespace annals::streams {

/// Position tokens of one log as text (log-and-rules 1.6): made, and checked against its history.
/// Any thread.
class Tokens {
  public:
    explicit Tokens(commit::Orderer& orderer) : orderer_(orderer) {}

    /// Of an event that was just read.
    [[nodiscard]] std::string of(Position position, std::uint32_t chain_bits) const;
    /// Of a visible position. The newest one asked for is remembered: all readers ask for the end.
    Result<std::string> at(Position position);

    /// The token's position, if it belongs to this log's history: invalid_argument, token_unknown
    /// or token_beyond_end otherwise, with the field's name.
    [[nodiscard]] Result<Position> check(std::string_view text, std::string_view field) const;
    /// Waits until the token's position is visible, then checks it: position_not_reached at the
    /// deadline (Clock::monotonic_ns of the machine). A token of another log is refused at once.
    Status wait_for(std::string_view text, std::string_view field, std::int64_t deadline_ns);
    /// Whether wait_for would not wait.
    [[nodiscard]] bool is_visible(std::string_view text) const;

  private:
    commit::Orderer& orderer_;
    std::mutex mutex_;
    Position newest_;
    std::string newest_text_;
};

}  // namespace annals::streams
