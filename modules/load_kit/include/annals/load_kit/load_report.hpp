// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/base/result.hpp"
#include "annals/load_kit/load_result.hpp"

namespace annals::load_kit {

/// The whole result as JSON (docs/reference/load.md): latencies in µs, times in seconds.
std::string report_json(const LoadResult& result);

/// A page that needs nothing beside itself: sums, checks, throughput and latency over time, and the
/// distribution of latencies with its tail drawn out.
std::string report_html(const LoadResult& result);

/// Writes `<directory>/<profile's name>/`: report.html, report.json, load.hlog and an .hgrm file
/// for each actor; the report of an earlier run there is replaced. Answers that folder. io_error
/// with the path.
Result<std::string> write_load_report(const std::string& directory, const LoadResult& result);

}  // namespace annals::load_kit
