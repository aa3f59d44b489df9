// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "annals/base/result.hpp"
#include "annals/interchange/record_sink.hpp"
#include "annals/interchange/record_source.hpp"

namespace annals::interchange {

/// What a XES log leaves open.
struct XesOptions {
    std::string stream_prefix;  ///< before a trace's concept:name
    std::string time_zone;      ///< of times without an offset: UTC or ±HH:MM; empty: refused
    /// Of one event with all its attributes, of the attributes of one trace, of one token.
    std::size_t element_bytes_max = 32u << 20u;
};

/// Reads a XES log (IEEE 1849): a trace is a stream, its concept:name the name; an event's
/// concept:name its type, time:timestamp its valid time, org:resource its actor, identity:id its
/// id where it is a UUID; the annals:… attributes that make_xes_sink() writes are taken back. Every
/// other attribute becomes a member of the JSON data, one of the trace as `case:…`, one inside of
/// another as `outer/inner`.
///
/// unreadable_input where the XML is broken, has a document type declaration (and with it
/// entities, which may expand without end), nests deeper than 64, or has something above the
/// limit. A bad event is reported with its trace and its number in it, and the rest goes on.
/// Memory: the events of 64 KiB of text, one of at most the limit. The input must outlive the
/// source. config_invalid: the time zone is none.
Result<std::unique_ptr<RecordSource>> make_xes_source(std::istream& input, XesOptions options);

/// Writes a XES log that process mining tools read: a trace for each stream, in the order in which
/// streams come. Members of JSON data that are plain (texts, numbers, booleans) become attributes;
/// where they do not say all of the data, `annals:data` has them whole. invalid_argument for an
/// event whose names XML cannot hold.
std::unique_ptr<RecordSink> make_xes_sink(std::ostream& output);

}  // namespace annals::interchange
