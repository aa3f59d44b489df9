// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

namespace annals {

/// The trace id in a `traceparent` (W3C Trace Context: version 00, or a later one that begins like
/// it): 32 lower-case hexadecimal digits, not all zero. Empty when the text is none. A view into
/// it; allocates nothing. Any thread.
std::string_view trace_id_in(std::string_view traceparent);

/// A new trace id, random. Any thread; about a microsecond.
std::string make_trace_id();

}  // namespace annals
