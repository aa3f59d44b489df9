// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <vector>

#include <prometheus/metric_family.h>

#include "samples/router.hpp"

namespace samples {

/// `GET /metrics`: what `collect` gives, in Prometheus' text format.
void add_metrics_route(
    Router& router, std::function<std::vector<prometheus::MetricFamily>()> collect
);

}  // namespace samples
