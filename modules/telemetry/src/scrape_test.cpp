// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/telemetry/scrape.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace annals::telemetry {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Scrape, IsShownBesideWhatIsCountedInOrderOfName) {
    Metrics metrics;
    metrics.counter("annals_b_total", "b").add(2);
    Scrape scrape;
    scrape.gauge("annals_c", "c", {{"z", "1"}, {"a", "2"}}, 1.5);
    scrape.counter("annals_a_total", "a", {}, 7);
    EXPECT_EQ(
        metrics.expose(scrape),
        "# HELP annals_a_total a\n# TYPE annals_a_total counter\nannals_a_total 7\n"
        "# HELP annals_b_total b\n# TYPE annals_b_total counter\nannals_b_total 2\n"
        "# HELP annals_c c\n# TYPE annals_c gauge\nannals_c{a=\"2\",z=\"1\"} 1.5\n"
    );
}

TEST(Scrape, WhatHasGoneIsNotInTheNextOne) {
    const Metrics metrics;
    Scrape scrape;
    scrape.gauge("annals_group_members", "members", {{"subscription", "billing"}}, 1);
    EXPECT_THAT(metrics.expose(scrape), HasSubstr("billing"));
    EXPECT_THAT(metrics.expose(Scrape()), Not(HasSubstr("annals_group_members")));
}

}  // namespace
}  // namespace annals::telemetry
