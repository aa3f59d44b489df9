// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/exposition.hpp"

#include <utility>

#include <prometheus/text_serializer.h>

namespace samples {

void add_metrics_route(
    Router& router, std::function<std::vector<prometheus::MetricFamily>()> collect
) {
    router.add("GET", "/metrics", [collect = std::move(collect)](const HttpRequest&) {
        return HttpAnswer{
            .body = prometheus::TextSerializer().Serialize(collect()),
            .content_type = "text/plain; version=0.0.4; charset=utf-8",
        };
    });
}

}  // namespace samples
