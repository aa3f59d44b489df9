// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "view.hpp"

namespace annals::index {

/// What Index answers about one stream, at one moment: windows first, RocksDB for what is older.

/// The head. With Tier::kMemory the outer optional is empty where the disk would have to be asked,
/// and the time of the first event may be missing (0).
Result<std::optional<std::optional<StreamHead>>> read_head(
    const Moment& moment, std::string_view stream, StoreView::Tier tier
);
Status read_stream_positions(
    const Moment& moment,
    std::string_view stream,
    Revision from,
    Direction direction,
    std::size_t limit,
    std::vector<Position>& out
);
Status find_stream_ids(
    const Moment& moment,
    std::string_view stream,
    std::span<const std::uint32_t> hashes,
    std::vector<IdMatch>& out
);
Result<std::optional<std::vector<std::uint32_t>>> read_stream_id_hashes(
    const Moment& moment, std::string_view stream, std::size_t max
);
/// Over all streams.
Status find_id_everywhere(const Moment& moment, std::uint64_t hash, std::vector<Position>& out);

}  // namespace annals::index
