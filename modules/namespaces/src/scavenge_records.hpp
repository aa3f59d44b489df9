// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "annals/api/scavenge.hpp"
#include "annals/commit/orderer.hpp"

namespace annals::namespaces {

/// Which scavenges there were: events `$scavenge-started` and `$scavenge-ended` of the stream
/// `$scavenges` of the log of `$system`, so that one that a crash or a stop of the server
/// interrupted goes on. Any thread.
class ScavengeRecords {
  public:
    explicit ScavengeRecords(commit::Orderer& system_log) : system_log_(system_log) {}

    struct Interrupted {
        api::StartScavengeRequest request;
        bool is_paused = false;
    };

    /// It began, or was paused or resumed: the status says whether it is paused now. `is_resumed`:
    /// by the start of a server, not by somebody. Waits until it is durable.
    Status add_going_on(
        const api::StartScavengeRequest& request, const api::ScavengeStatus& status, bool is_resumed
    );
    Status add_ended(const api::ScavengeStatus& status);

    /// The last one that began and did not end. One that the start of a server resumed is
    /// not given again, unless it is paused: if it ended the server, it would do so for ever.
    Result<std::optional<Interrupted>> find_interrupted();

  private:
    Status append(
        std::string_view type, const std::string& data, const std::vector<std::string>& tags
    );

    commit::Orderer& system_log_;
};

}  // namespace annals::namespaces
