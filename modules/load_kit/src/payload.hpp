// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "annals/load_kit/dice.hpp"
#include "annals/load_kit/profile.hpp"

namespace annals::load_kit {

/// Bytes of one event or document.
std::uint64_t draw_size(const Size& size, Dice& dice);

/// `bytes` of small letters and blanks, which pack about as well as text does.
std::string draw_words(std::uint64_t bytes, Dice& dice);

/// {"sent_us":1700000000000000,"number":7,"text":"…"}, filled up to `bytes` (80 and more).
std::string event_data(std::int64_t sent_us, std::uint64_t number, std::uint64_t bytes, Dice& dice);
/// When an event of ours was sent; nothing for others.
std::optional<std::int64_t> sent_us_of(std::string_view data);

}  // namespace annals::load_kit
