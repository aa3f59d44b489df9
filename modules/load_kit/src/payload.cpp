// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "payload.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <random>

namespace annals::load_kit {
namespace {

constexpr std::string_view kBefore = R"({"sent_us":)";
constexpr std::size_t kDigits = 16;

}  // namespace

std::uint64_t draw_size(const Size& size, Dice& dice) {
    switch (size.distribution) {
        case SizeDistribution::kFixed:
            return size.bytes;
        case SizeDistribution::kUniform:
            return size.min + dice.roll(size.max - size.min + 1);
        case SizeDistribution::kLognormal: {
            std::lognormal_distribution<double> draw(
                std::log(static_cast<double>(size.bytes)), std::max(size.sigma, 1e-9)
            );
            const double bytes = std::clamp(
                draw(dice), static_cast<double>(size.min), static_cast<double>(size.max)
            );
            return static_cast<std::uint64_t>(bytes);
        }
    }
    return size.bytes;
}

std::string draw_words(std::uint64_t bytes, Dice& dice) {
    constexpr std::string_view kSigns = "etaoin shrdlu cmfwyp vbgkjq xz e";
    static_assert(kSigns.size() == 32);
    std::string text;
    text.reserve(bytes);
    while (text.size() < bytes) {
        std::uint64_t bits = dice();
        for (int i = 0; i < 12 && text.size() < bytes; ++i, bits >>= 5u) text += kSigns[bits & 31u];
    }
    return text;
}

std::string event_data(
    std::int64_t sent_us, std::uint64_t number, std::uint64_t bytes, Dice& dice
) {
    std::array<char, 96> head{};
    const int head_bytes = std::snprintf(
        head.data(),
        head.size(),
        R"({"sent_us":%lld,"number":%llu,"text":")",
        static_cast<long long>(sent_us),
        static_cast<unsigned long long>(number)
    );
    std::string data(head.data(), static_cast<std::size_t>(head_bytes));
    if (bytes > data.size() + 2) data += draw_words(bytes - data.size() - 2, dice);
    return data + "\"}";
}

std::optional<std::int64_t> sent_us_of(std::string_view data) {
    if (!data.starts_with(kBefore) || data.size() < kBefore.size() + kDigits) return std::nullopt;
    std::int64_t sent_us = 0;
    const char* const from = data.data() + kBefore.size();
    const auto [end, error] = std::from_chars(from, from + kDigits, sent_us);
    if (error != std::errc() || end != from + kDigits) return std::nullopt;
    return sent_us;
}

}  // namespace annals::load_kit
