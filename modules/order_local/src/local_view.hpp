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

    /// What was decided last.
    void set_cut(const model::Cut& cut) { cut_ = cut; }

    [[nodiscard]] model::Cut cut() const override { return cut_; }
    [[nodiscard]] Position end() const override { return recent_.end(); }
    [[nodiscard]] commit::StreamState stream(std::uint32_t stream) const override {
        return append_->streams[stream].entry->state();
    }
    commit::Knowledge find_known(std::uint32_t stream, std::vector<commit::KnownEvent>& known)
        const override;
    commit::Knowledge find_match(std::uint32_t query_check, Position& match) const override;
    commit::Knowledge find_tracked(commit::TrackedAppend& tracked) const override;

  private:
    /// It was looked up before the last cut, which may have made it forgotten.
    [[nodiscard]] bool is_outdated(Position position) const {
        return position.value != 0 && position <= cut_.position && append_->prepared_cut != cut_;
    }

    commit::RecentEvents& recent_;
    model::Cut cut_;
    const PreparedAppend* append_ = nullptr;
    mutable boost::unordered_flat_map<std::uint64_t, std::uint32_t> ordinals_;
};

}  // namespace annals::order_local
