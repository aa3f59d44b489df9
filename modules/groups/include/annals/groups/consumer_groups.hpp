// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/clock.hpp"
#include "annals/namespaces/namespaces.hpp"

namespace annals::groups {

/// What metrics and readiness need of a group that runs.
struct GroupGauge {
    std::string name_space;
    api::GroupStatus status;
};

/// The direct body of api::ConsumerGroups: each group is an engine in memory, a subscription of its
/// namespace's events, and events in the system log (docs/internals/system-log.md).
///
/// Groups run from the start, one namespace after the other beside the first calls; with more than
/// 1,000 namespaces that have a system log those of the rest run from the first call that names
/// them. Threads: any; its own are for deadlines, checkpoints and what waits.
/// `namespaces` must outlive it, memberships end before it.
class DirectConsumerGroups : public api::ConsumerGroups {
  public:
    /// Of the groups that run now, without counting what lies behind the newest event read.
    [[nodiscard]] virtual std::vector<GroupGauge> gauges() = 0;
    /// The first group that is later than its ready_lag_seconds: "orders is 93 s behind, …".
    /// Nothing: none is.
    [[nodiscard]] virtual std::optional<std::string> late_group() = 0;
    /// Ends memberships, writes the last checkpoints. Before the namespaces are closed.
    virtual void close() = 0;
};

/// Deadlines, pauses and stalls are of the clock, which must outlive the groups.
std::unique_ptr<DirectConsumerGroups> make_consumer_groups(
    namespaces::Namespaces& namespaces, const Clock& clock = system_clock()
);

}  // namespace annals::groups
