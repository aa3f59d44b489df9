// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

namespace annals::streams {

/// Streams of the system log whose last event holds everything: `$consumer-<name>`. Scavenging
/// keeps that one alone, whatever its type (docs/internals/system-log.md).
inline constexpr std::string_view kConsumerStreams = "$consumer-";
/// The same of the checkpoints of consumer groups: `$group.checkpoint-<name>`.
inline constexpr std::string_view kGroupCheckpointStreams = "$group.checkpoint-";

/// Whether of this stream the last event alone counts.
constexpr bool is_last_event_enough(std::string_view stream) {
    return stream.starts_with(kConsumerStreams) || stream.starts_with(kGroupCheckpointStreams);
}

}  // namespace annals::streams
