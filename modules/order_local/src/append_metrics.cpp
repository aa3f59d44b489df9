// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/order_local/append_metrics.hpp"

#include <string>

#include "annals/model/append.hpp"

namespace annals::order_local {
namespace {

constexpr std::string_view kAppends = "annals_appends_total";
constexpr std::string_view kAppendsHelp =
    "Appends that were answered, by result: ok, replay, or the name of the error.";
constexpr std::string_view kChecks = "annals_append_failed_checks_total";
constexpr std::string_view kChecksHelp = "Checks that failed, of appends that were refused.";

telemetry::Labels with(telemetry::Labels labels, std::string_view name, std::string_view value) {
    labels.push_back({std::string(name), std::string(value)});
    return labels;
}

}  // namespace

AppendMetrics::AppendMetrics(
    telemetry::Metrics& metrics, std::string_view name_space, std::string_view log
)
    : metrics_(&metrics),
      labels_{{"namespace", std::string(name_space)}, {"log", std::string(log)}},
      appends_(metrics.counter(kAppends, kAppendsHelp, with(labels_, "code", "ok"))),
      replays_(metrics.counter(kAppends, kAppendsHelp, with(labels_, "code", "replay"))),
      events_(metrics.counter("annals_append_events_total", "Events appended.", labels_)),
      bytes_(metrics.counter(
          "annals_append_bytes_total", "Bytes of appended events, as they lie in the log.", labels_
      )),
      failed_stream_checks_(metrics.counter(kChecks, kChecksHelp, with(labels_, "check", "stream"))
      ),
      failed_query_checks_(metrics.counter(kChecks, kChecksHelp, with(labels_, "check", "query"))),
      duration_(metrics.histogram(
          "annals_append_duration_seconds",
          "From the submission of an append to its answer.",
          telemetry::duration_bounds(),
          labels_
      )),
      sync_(metrics.histogram(
          "annals_log_sync_duration_seconds",
          "How long it took to make a group durable.",
          telemetry::duration_bounds(),
          labels_
      )),
      group_appends_(metrics.histogram(
          "annals_log_group_appends",
          "Appends that were made durable together.",
          telemetry::count_bounds(),
          labels_
      )),
      group_events_(metrics.histogram(
          "annals_log_group_events",
          "Events that were made durable together.",
          telemetry::count_bounds(),
          labels_
      )) {}

void AppendMetrics::count_group(const GroupFigures& group) const {
    if (group.appends == 0) return;
    appends_.add(group.appends);
    events_.add(group.events);
    bytes_.add(group.bytes);
    group_appends_.observe(static_cast<double>(group.appends));
    group_events_.observe(static_cast<double>(group.events));
}

void AppendMetrics::count_refusal(const Error& error) {
    if (metrics_ == nullptr) return;
    if (const auto* conflict = error.details<model::ConflictDetails>()) {
        using Kind = model::FailedCheck::Kind;
        for (const model::FailedCheck& check : conflict->failed_checks) {
            (check.kind == Kind::kStream ? failed_stream_checks_ : failed_query_checks_).add();
        }
    }
    const std::lock_guard lock(refusals_mutex_);
    const auto [place, is_new] = refusals_.try_emplace(error.code());
    if (is_new) {
        place->second = metrics_->counter(
            kAppends, kAppendsHelp, with(labels_, "code", error.info().name)
        );
    }
    place->second.add();
}

}  // namespace annals::order_local
