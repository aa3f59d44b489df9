// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/commit/recent_events.hpp"
#include "annals/commit/rules.hpp"

#include "prepared_append.hpp"

namespace annals::order_local {

/// The rules' view for the append that is being decided: what was prepared as of some position,
/// plus what happened since, from memory. The writer's.
class LocalView final : public commit::RulesView {
  public:
    explicit LocalView(commit::RecentEvents& recent) : recent_(recent) {}

    void look_at(const PreparedAppend& append) { append_ = &append; }

    [[nodiscard]] Position end() const override { return recent_.end(); }
    [[nodiscard]] commit::StreamState stream(std::uint32_t stream) const override {
        return append_->streams[stream].entry->state();
    }
    commit::Knowledge find_known(std::uint32_t stream, std::span<commit::KnownEvent> known)
        const override;
    commit::Knowledge find_match(std::uint32_t query_check, Position& match) const override;
    commit::Knowledge find_tracked(commit::TrackedAppend& tracked) const override;

  private:
    commit::RecentEvents& recent_;
    const PreparedAppend* append_ = nullptr;
    mutable boost::unordered_flat_map<std::uint64_t, std::uint32_t> ordinals_;
};

}  // namespace annals::order_local
