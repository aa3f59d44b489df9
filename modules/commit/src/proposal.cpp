// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/commit/proposal.hpp"

#include <algorithm>
#include <tuple>

#include <boost/container/small_vector.hpp>

#include "annals/codec/checksum.hpp"

namespace annals::commit {
namespace {

constexpr std::size_t kFewEvents = 16;

bool is_same_given_id(const ProposedEvent& a, const ProposedEvent& b) {
    return a.is_id_given && b.is_id_given && a.stream == b.stream && a.id == b.id;
}

std::optional<std::uint32_t> find_repeated_among_few(const std::vector<ProposedEvent>& events) {
    for (std::uint32_t i = 1; i < events.size(); ++i) {
        for (std::uint32_t j = 0; j < i; ++j) {
            if (is_same_given_id(events[i], events[j])) return i;
        }
    }
    return std::nullopt;
}

}  // namespace

void Proposal::clear() {
    streams.clear();
    events.clear();
    change.reset();
    cut.reset();
    stream_checks.clear();
    query_checks.clear();
    tracking.reset();
}

std::uint64_t append_fingerprint(const Proposal& proposal) {
    boost::container::small_vector<std::uint64_t, 32> parts;
    parts.reserve(proposal.events.size() * 2);
    for (const ProposedEvent& event : proposal.events) {
        parts.push_back(codec::hash64(proposal.streams[event.stream].name));
        parts.push_back(event.fingerprint);
    }
    return codec::hash64(
        {reinterpret_cast<const char*>(parts.data()), parts.size() * sizeof(std::uint64_t)}
    );
}

std::optional<std::uint32_t> find_repeated_id(const Proposal& proposal) {
    const std::vector<ProposedEvent>& events = proposal.events;
    if (events.size() <= kFewEvents) return find_repeated_among_few(events);
    std::vector<std::uint32_t> order;
    order.reserve(events.size());
    for (std::uint32_t i = 0; i < events.size(); ++i) {
        if (events[i].is_id_given) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::tie(events[a].id, events[a].stream, a) <
               std::tie(events[b].id, events[b].stream, b);
    });
    const auto repeated = std::adjacent_find(
        order.begin(),
        order.end(),
        [&](std::uint32_t a, std::uint32_t b) { return is_same_given_id(events[a], events[b]); }
    );
    if (repeated == order.end()) return std::nullopt;
    return *std::next(repeated);
}

}  // namespace annals::commit
