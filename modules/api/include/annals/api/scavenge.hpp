// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>

#include "annals/base/named_type.hpp"

namespace annals::api {

struct StartScavengeRequest {
    std::string name_space;  ///< empty: all
    bool is_dry_run = false;
    std::uint64_t throttle_bytes_per_s = 0;  ///< 0: as fast as it goes
    /// Somebody looked at the server's clock: ages count although it had leapt at the opening.
    bool confirms_clock = false;
};

enum class ScavengeCommand : std::uint8_t { kPause, kResume, kStop };

enum class ScavengeState : std::uint8_t { kNever, kRunning, kPaused, kDone, kStopped, kFailed };

/// The run that is going on, or the last one since the server started.
struct ScavengeStatus {
    std::string id;
    ScavengeState state = ScavengeState::kNever;
    bool is_dry_run = false;
    TimeNs started_time;
    TimeNs ended_time;       ///< 0: not yet
    std::string name_space;  ///< that it is at
    std::uint64_t segments_done = 0;
    std::uint64_t segments = 0;  ///< of the logs that were begun
    std::uint64_t bytes_done = 0;
    std::uint64_t bytes = 0;
    std::uint64_t rewritten_segments = 0;
    std::uint64_t removed_events = 0;
    std::uint64_t freed_bytes = 0;
    std::string error;  ///< why it failed
    /// Of a namespace: the clock had leapt, events were not removed for their age.
    std::string ages_held_in;
    std::uint64_t folded_events = 0;  ///< into removed ranges (docs/adr/0018)
    bool operator==(const ScavengeStatus&) const = default;
};

/// "running", "done", …
std::string_view to_string(ScavengeState state);

}  // namespace annals::api
