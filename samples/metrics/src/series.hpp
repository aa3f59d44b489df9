// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include <prometheus/metric_family.h>

#include "counter.hpp"

namespace metrics {

/// What `/metrics` shows. The totals only once they are live: a counter that went back would be
/// taken for a reset, and what was counted before would be counted twice. At most
/// Totals::kTypesMax + 1 series of each.
[[nodiscard]] std::vector<prometheus::MetricFamily> series_of(
    const Progress& progress, const std::string& name_space
);

}  // namespace metrics
