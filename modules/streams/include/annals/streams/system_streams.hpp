// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

namespace annals::streams {

/// Streams of the system log whose last event holds everything: `$consumer-<name>`. Scavenging
/// keeps that one, whatever its type, and what says who did what (docs/internals/system-log.md).
inline constexpr std::string_view kConsumerStreams = "$consumer-";
/// The same of the checkpoints of consumer groups: `$group.checkpoint-<name>`.
inline constexpr std::string_view kGroupCheckpointStreams = "$group.checkpoint-";

/// Whether of this stream the last event alone counts.
constexpr bool is_last_event_enough(std::string_view stream) {
    return stream.starts_with(kConsumerStreams) || stream.starts_with(kGroupCheckpointStreams);
}

/// Types of `$consumer-<name>` that somebody's command made: the history of the consumer.
inline constexpr std::string_view kConsumerRewoundType = "$progress-rewound";
inline constexpr std::string_view kConsumerDeletedType = "$consumer-deleted";

/// Whether an event of such a stream stays also when it is not the last one. Claims do not: an
/// instance that starts over and over makes as many as others make saves.
constexpr bool is_kept_as_history(std::string_view type) {
    return type == kConsumerRewoundType || type == kConsumerDeletedType;
}

}  // namespace annals::streams
