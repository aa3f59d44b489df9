// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Arbitrary tables behind a whole head of a removed range: decoding must neither crash nor read
// outside, and what it takes apart is made again as it was.
#include "removed_range.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"

#include "group_header.hpp"
#include "merkle_tree.hpp"

using annals::log::detail::aligned;
using annals::log::detail::decode_removed_range;
using annals::log::detail::MerkleTree;
using annals::log::detail::RecordKind;
using annals::log::detail::RemovedRange;
using annals::log::detail::RemovedRangeBuilder;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string record(reinterpret_cast<const char*>(data), size);
    if (record.size() < RemovedRange::kBytes) return 0;
    const std::size_t used = record.size();
    record.resize(aligned(used), '\0');
    annals::codec::store(record.data(), static_cast<std::uint32_t>(record.size()));
    record[4] = static_cast<char>(RecordKind::kRemovedRange);
    annals::codec::store(record.data() + 52, static_cast<std::uint32_t>(used));
    const std::string_view whole(record.data(), used);
    annals::codec::store(
        record.data() + 56,
        annals::codec::crc32c_extend(
            annals::codec::crc32c(whole.substr(0, 56)), whole.substr(RemovedRange::kBytes)
        )
    );
    const auto range = decode_removed_range(record);
    if (!range) return 0;
    MerkleTree tree;
    range->add_to(tree);
    RemovedRangeBuilder builder;
    builder.begin(range->first, range->chain_before);
    if (!builder.add(*range)) return 0;
    std::string again;
    builder.finish(again, range->first_group);
    const auto second = decode_removed_range(again);
    if (!second || second->events.size() != range->events.size() ||
        second->chain_after != range->chain_after || second->appends != range->appends) {
        std::abort();
    }
    return 0;
}
