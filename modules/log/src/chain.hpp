// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>

namespace annals::log::detail {

/// Running checksum over events in order (log-and-rules 1.6): neither grouping nor place on disk
/// enter. Each step is a bijection of the state (the finalizer of splitmix64), so that it can be
/// walked backwards, too.
[[nodiscard]] constexpr std::uint64_t chain_step(
    std::uint32_t frame_crc, std::uint32_t payload_crc
) {
    return 0x9E3779B97F4A7C15u + ((std::uint64_t{frame_crc} << 32u) | payload_crc);
}

[[nodiscard]] constexpr std::uint64_t chain_after(
    std::uint64_t chain, std::uint32_t frame_crc, std::uint32_t payload_crc
) {
    std::uint64_t z = chain + chain_step(frame_crc, payload_crc);
    z = (z ^ (z >> 30u)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27u)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31u);
}

/// The inverse: the chain before an event from the chain after it.
[[nodiscard]] constexpr std::uint64_t chain_before(
    std::uint64_t chain, std::uint32_t frame_crc, std::uint32_t payload_crc
) {
    std::uint64_t z = chain;
    z = (z ^ (z >> 31u) ^ (z >> 62u)) * 0x319642B2D24D8EC3u;
    z = (z ^ (z >> 27u) ^ (z >> 54u)) * 0x96DE1B173F119089u;
    z = z ^ (z >> 30u) ^ (z >> 60u);
    return z - chain_step(frame_crc, payload_crc);
}

static_assert(chain_before(chain_after(7, 1, 2), 1, 2) == 7);

}  // namespace annals::log::detail
