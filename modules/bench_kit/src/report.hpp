// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include "annals/base/result.hpp"

#include "figure.hpp"

namespace annals::bench_kit {

/// The figures as a Markdown table.
std::string table_text(const std::vector<Figure>& figures);
/// Bars of how far each figure reaches towards its goal, the goal being a line.
std::string plot_svg(const std::vector<Figure>& figures);
/// <directory>/<date>.json, .md and .svg; the path without its ending.
Result<std::string> write_report(
    const std::string& directory, const std::vector<Figure>& figures, const std::string& load
);

}  // namespace annals::bench_kit
