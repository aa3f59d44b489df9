// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/telemetry/scrape.hpp"

#include <algorithm>
#include <utility>

#include "annals/base/assert.hpp"

namespace annals::telemetry {

void Scrape::add(
    Kind kind, std::string_view name, std::string_view help, Labels labels, double value
) {
    auto found = families_.find(name);
    if (found == families_.end()) {
        found = families_.emplace(std::string(name), Family{kind, std::string(help), {}}).first;
    }
    ANNALS_ASSERT(found->second.kind == kind, "a metric's name has one kind");
    std::sort(labels.begin(), labels.end());
    found->second.samples.push_back({std::move(labels), value});
}

}  // namespace annals::telemetry
