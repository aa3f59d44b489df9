// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "annals/interchange/record_sink.hpp"
#include "annals/interchange/record_source.hpp"

namespace annals::interchange {

/// Of one line of NDJSON, or one element of a JSON array: an event of 16 MiB whose every byte needs
/// an escape still fits.
inline constexpr std::size_t kJsonBytesMax = 128u << 20u;

/// One event a line, members as in docs/reference/import-and-export.md. A line that has
/// specversion is a CloudEvent. Memory: a line, parsed. The input must outlive the source.
std::unique_ptr<RecordSource> make_ndjson_source(std::istream& input);
std::unique_ptr<RecordSink> make_ndjson_sink(std::ostream& output);

/// CloudEvents 1.0: a JSON array of them, or one a line, whichever the first sign says.
std::unique_ptr<RecordSource> make_cloud_events_source(std::istream& input);

enum class CloudShape : unsigned char { kArray, kLines };
/// The namespace goes into each event's source.
std::unique_ptr<RecordSink> make_cloud_events_sink(
    std::ostream& output, CloudShape shape, std::string name_space
);

}  // namespace annals::interchange
