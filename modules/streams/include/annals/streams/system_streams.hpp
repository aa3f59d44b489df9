// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

namespace annals::streams {

/// Streams of the system log whose last event holds everything: `$consumer-<name>`. Scavenging
/// keeps that one alone, whatever its type (docs/internals/system-log.md).
inline constexpr std::string_view kConsumerStreams = "$consumer-";

}  // namespace annals::streams
