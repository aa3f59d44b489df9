// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "server_metrics.hpp"

#include <set>
#include <utility>
#include <vector>

#include "annals/node/node.hpp"

namespace annals::node {

ServerMetrics::ServerMetrics() : process_(telemetry::add_process_metrics(metrics_)) {
    metrics_
        .gauge(
            "annals_build_info",
            "Always 1; the program's version is a label.",
            {{"version", program_version()}}
        )
        .set(1);
}

ServerMetrics::Method& ServerMetrics::method_of(std::string_view service, std::string_view method) {
    const auto found = methods_.find({std::string(service), std::string(method)});
    if (found != methods_.end()) return found->second;
    Method made;
    made.full_name = std::string(service) + "/" + std::string(method);
    made.duration = metrics_.histogram(
        "annals_rpc_duration_seconds",
        "How long calls took.",
        telemetry::duration_bounds(),
        {{"method", made.full_name}}
    );
    return methods_.emplace(std::pair(service, method), std::move(made)).first->second;
}

void ServerMetrics::on_call(
    std::string_view service, std::string_view method, int code, double seconds
) {
    const std::lock_guard lock(mutex_);
    Method& called = method_of(service, method);
    const auto [handled, is_new] = called.handled.try_emplace(code);
    if (is_new) {
        handled->second = metrics_.counter(
            "annals_rpc_handled_total",
            "Calls that ended, by method and gRPC status code.",
            {{"method", called.full_name}, {"code", std::to_string(code)}}
        );
    }
    handled->second.add();
    called.duration.observe(seconds);
}

std::string ServerMetrics::expose(
    const namespaces::Namespaces* namespaces, groups::DirectConsumerGroups* groups
) {
    if (namespaces == nullptr) return metrics_.expose();
    const scavenge::ScavengeCounts scavenged = namespaces->scavenge_counts();
    const auto set_scavenge = [&](std::string_view name, std::string_view help, double value) {
        metrics_.gauge(name, help, {}).set(value);
    };
    set_scavenge("annals_scavenge_running", "1 while one is going on.", scavenged.is_running);
    set_scavenge(
        "annals_scavenge_runs",
        "Scavenges that ended, since the server started; dry runs not counted.",
        static_cast<double>(scavenged.runs)
    );
    set_scavenge(
        "annals_scavenge_failures",
        "Scavenges that ended with an error, since the server started.",
        static_cast<double>(scavenged.failures)
    );
    set_scavenge(
        "annals_scavenge_removed_events",
        "Events whose data scavenging removed, since the server started.",
        static_cast<double>(scavenged.removed_events)
    );
    set_scavenge(
        "annals_scavenge_freed_bytes",
        "Bytes that scavenging freed, since the server started.",
        static_cast<double>(scavenged.freed_bytes)
    );
    set_scavenge(
        "annals_scavenge_last_ended_timestamp_seconds",
        "When the last scavenge ended; 0: never since the server started.",
        static_cast<double>(scavenged.last_ended.value) / 1e9
    );
    for (const namespaces::NamespaceStatus& status : namespaces->status()) {
        const telemetry::Labels labels{{"namespace", status.name}};
        const auto set = [&](std::string_view name, std::string_view help, double value) {
            metrics_.gauge(name, help, labels).set(value);
        };
        const auto end = static_cast<double>(status.visible_end.value);
        const auto ingested = static_cast<double>(status.index_ingested.value);
        set("annals_log_position", "Last visible position of the log.", end);
        set("annals_index_window_events",
            "Events indexed in memory and not yet on disk.",
            end - ingested);
        set("annals_index_failing",
            "1 while the index cannot write to disk.",
            status.index_error.empty() ? 0 : 1);
        set("annals_index_runs",
            "Sorted runs of the index that a read may have to look into; at most 24 while "
            "compaction can work.",
            static_cast<double>(status.index_runs));
        set("annals_index_append_wait_seconds",
            "How long appends waited for the index, because building or compaction was behind.",
            static_cast<double>(status.index_add_waited_ns) / 1e9);
        set("annals_log_read_only",
            "1 while the log takes no appends.",
            status.read_only_reason.empty() ? 0 : 1);
        const auto set_failures = [&](std::string_view work, std::uint64_t failures) {
            metrics_
                .gauge(
                    "annals_log_background_failures",
                    "Failures to fill the log ahead or to seal a segment, since it was opened.",
                    {{"namespace", status.name}, {"work", std::string(work)}}
                )
                .set(static_cast<double>(failures));
        };
        set_failures("fill", status.fill_failures);
        set_failures("seal", status.seal_failures);
        set("annals_subscriptions",
            "Catch-up subscriptions that are open.",
            static_cast<double>(status.subscriptions));
        set("annals_subscription_lag_events",
            "Events behind, of the slowest subscription.",
            static_cast<double>(status.lag_events_max));
    }
    if (groups != nullptr) set_groups(*groups);
    return metrics_.expose();
}

void ServerMetrics::set_groups(groups::DirectConsumerGroups& groups) {
    std::vector<groups::GroupGauge> gauges = groups.gauges();
    const std::lock_guard lock(groups_mutex_);
    std::set<std::pair<std::string, std::string>> shown;
    for (const groups::GroupGauge& gauge : gauges) {
        shown.emplace(gauge.name_space, gauge.status.group);
    }
    // One that was deleted must not go on being late.
    for (const auto& [name_space, group] : std::exchange(groups_, shown)) {
        if (shown.contains({name_space, group})) continue;
        groups::GroupGauge& gone = gauges.emplace_back();
        gone.name_space = name_space;
        gone.status.group = group;
        gone.status.state = api::GroupState::kFailed;
    }
    for (const groups::GroupGauge& gauge : gauges) {
        const api::GroupStatus& status = gauge.status;
        const telemetry::Labels labels{
            {"namespace", gauge.name_space}, {"subscription", status.group}
        };
        const auto set = [&](std::string_view name, std::string_view help, double value) {
            metrics_.gauge(name, help, labels).set(value);
        };
        set("annals_group_members",
            "Members of the consumer group.",
            static_cast<double>(status.members.size()));
        set("annals_group_unfinished_events",
            "Events that were read and are not handled.",
            static_cast<double>(status.behind));
        set("annals_group_lag_seconds",
            "Age of the oldest unprocessed event.",
            status.seconds_behind);
        set("annals_group_stalled_seconds",
            "How long there was work and no progress; 0 below the group's limit.",
            status.stalled_for_seconds);
        set("annals_group_parked_keys",
            "Keys that are parked.",
            static_cast<double>(status.parked_keys));
        set("annals_group_parked_events",
            "Events that are parked or wait behind one.",
            static_cast<double>(status.parked_events));
        set("annals_group_oldest_parked_seconds",
            "Since the oldest parked event was parked.",
            status.oldest_parked_seconds);
        set("annals_group_handled_events",
            "Events handled since the server runs the group.",
            static_cast<double>(status.handled));
        set("annals_group_running",
            "1 while the group gives out events.",
            status.state == api::GroupState::kRunning ? 1 : 0);
    }
}

}  // namespace annals::node
