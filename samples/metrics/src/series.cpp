// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "series.hpp"

#include <map>
#include <utility>

namespace metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::map<std::string, std::string>;

void add(MetricFamily& family, const Labels& labels, std::uint64_t value) {
    ClientMetric metric;
    for (const auto& [name, text] : labels) metric.label.push_back({name, text});
    metric.counter.value = static_cast<double>(value);
    metric.gauge.value = static_cast<double>(value);
    family.metric.push_back(std::move(metric));
}

MetricFamily family_of(MetricType type, const char* name, const char* help) {
    return {.name = name, .help = help, .type = type, .metric = {}};
}

MetricFamily one(
    MetricType type, const char* name, const char* help, const Labels& labels, std::uint64_t value
) {
    MetricFamily family = family_of(type, name, help);
    add(family, labels, value);
    return family;
}

/// By eskit's labels; types that differ only there are added up. `only_crud`: created, updated and
/// deleted of registered types.
MetricFamily eskit_family(
    const Totals& totals, bool only_crud, const char* name, const char* help
) {
    std::map<std::pair<std::string, std::string>, std::uint64_t> sums;
    for (const auto& [type, count] : totals.by_type()) {
        const TypeLabels labels = labels_of(type);
        if (only_crud &&
            !(is_crud(labels.event_type) && totals.registered().contains(labels.entity_type))) {
            continue;
        }
        sums[{std::string(labels.entity_type), std::string(labels.event_type)}] += count;
    }
    if (!only_crud && totals.others() > 0) sums[{"", ""}] += totals.others();
    MetricFamily family = family_of(MetricType::Counter, name, help);
    for (const auto& [labels, sum] : sums) {
        add(family, {{"entity_type", labels.first}, {"event_type", labels.second}}, sum);
    }
    return family;
}

MetricFamily own_family(const Totals& totals, const std::string& name_space) {
    MetricFamily family = family_of(
        MetricType::Counter, "annals_events_total", "Events of the log, by type"
    );
    for (const auto& [type, count] : totals.by_type()) {
        add(family, {{"namespace", name_space}, {"type", type}}, count);
    }
    if (totals.others() > 0)
        add(family, {{"namespace", name_space}, {"type", ""}}, totals.others());
    return family;
}

std::uint64_t seconds_of(std::chrono::system_clock::time_point time) {
    const auto since = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch());
    return static_cast<std::uint64_t>(since.count());
}

}  // namespace

std::vector<MetricFamily> series_of(const Progress& progress, const std::string& name_space) {
    const Labels own = {{"namespace", name_space}};
    const auto gauge = [&](const char* name, const char* help, std::uint64_t value) {
        return one(MetricType::Gauge, name, help, own, value);
    };
    const auto counter = [&](const char* name, const char* help, std::uint64_t value) {
        return one(MetricType::Counter, name, help, own, value);
    };
    std::vector<MetricFamily> families = {
        gauge("annals_metrics_live", "1: totals reach the end of the log", progress.is_live),
        gauge("annals_metrics_position", "Position of the last event counted", progress.count.last),
        gauge("annals_metrics_saved_position", "Position of the last event saved", progress.saved),
        gauge(
            "annals_metrics_last_seen_timestamp_seconds",
            "When the last events came",
            seconds_of(progress.last_seen)
        ),
        counter("annals_metrics_saves_total", "Saves of the totals", progress.saves),
        counter("annals_metrics_reconnects_total", "Times the feed broke", progress.reconnects),
        counter(
            "annals_metrics_restarts_total",
            "Times the log was another one than that of the saved totals",
            progress.restarts
        ),
    };
    if (!progress.is_live) return families;
    const Totals& totals = progress.count.totals;
    families.push_back(
        eskit_family(totals, false, "eskit_events_store_total", "Total events in the eventstore")
    );
    families.push_back(
        eskit_family(totals, true, "eskit_events_crud_total", "Total events for the crudstore")
    );
    families.push_back(own_family(totals, name_space));
    return families;
}

}  // namespace metrics
