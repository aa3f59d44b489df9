// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "looked_up_metrics.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace annals::node {
namespace {

/// Figures of one thing, under its labels.
class Figures {
  public:
    Figures(telemetry::Scrape& scrape, telemetry::Labels labels)
        : scrape_(scrape), labels_(std::move(labels)) {}

    template <typename Number>
    void gauge(std::string_view name, std::string_view help, Number value) const {
        scrape_.gauge(name, help, labels_, static_cast<double>(value));
    }
    template <typename Number>
    void counter(std::string_view name, std::string_view help, Number value) const {
        scrape_.counter(name, help, labels_, static_cast<double>(value));
    }

  private:
    telemetry::Scrape& scrape_;
    telemetry::Labels labels_;
};

void add_log(const namespaces::NamespaceStatus& status, const Figures& figures) {
    figures.gauge(
        "annals_log_position", "Last visible position of the log.", status.visible_end.value
    );
    figures.gauge("annals_log_segments", "Segment files of the log.", status.log_segments);
    figures.gauge(
        "annals_log_bytes", "Segment files, what is filled ahead included.", status.log_bytes
    );
    figures.gauge(
        "annals_log_read_only",
        "1 while the log takes no appends.",
        status.read_only_reason.empty() ? 0 : 1
    );
    figures.gauge(
        "annals_log_damaged",
        "Ranges of the log that are known damaged: met at opening or by a reader.",
        status.log_damages
    );
    figures.gauge(
        "annals_clock_distrusted",
        "1 while the clock, turned by over an hour, is not used by the log.",
        status.clock.is_distrusted ? 1 : 0
    );
    figures.gauge(
        "annals_log_clock_held",
        "1 while no event goes for its age: at the opening clock and last event were over seven "
        "days apart, and nobody has confirmed the clock.",
        status.clock.are_ages_held ? 1 : 0
    );
}

void add_log_failures(const namespaces::NamespaceStatus& status, telemetry::Scrape& scrape) {
    const auto add = [&](std::string_view work, std::uint64_t failures) {
        scrape.counter(
            "annals_log_background_failures_total",
            "Failures to fill the log ahead or to seal a segment, since it was opened.",
            {{"namespace", status.name}, {"work", std::string(work)}},
            static_cast<double>(failures)
        );
    };
    add("fill", status.fill_failures);
    add("seal", status.seal_failures);
}

void add_index(const namespaces::NamespaceStatus& status, const Figures& figures) {
    figures.gauge(
        "annals_index_window_events",
        "The index lag: events of the log that the index's files do not have yet. Reads see them, "
        "from memory; after a crash they are indexed again.",
        status.visible_end.value - status.index_ingested.value
    );
    figures.gauge("annals_index_bytes", "Files of the index.", status.index_bytes);
    figures.gauge(
        "annals_index_failing",
        "1 while the index cannot write to disk.",
        status.index_error.empty() ? 0 : 1
    );
    figures.gauge(
        "annals_index_runs",
        "Sorted runs of the index that a read may have to look into; at most 24 while compaction "
        "can work.",
        status.index_runs
    );
    figures.counter(
        "annals_index_append_wait_seconds_total",
        "How long appends waited for the index, because building or compaction was behind.",
        static_cast<double>(status.index_add_waited_ns) / 1e9
    );
}

void add_subscriptions(const namespaces::NamespaceStatus& status, const Figures& figures) {
    figures.gauge(
        "annals_subscriptions", "Catch-up subscriptions that are open.", status.subscriptions
    );
    figures.gauge(
        "annals_subscription_lag_events",
        "Events behind, of the slowest subscription.",
        status.lag_events_max
    );
    figures.gauge(
        "annals_subscription_lag_seconds",
        "Age of the oldest event that the slowest subscription has not looked at.",
        status.lag_seconds_max
    );
}

}  // namespace

void add_namespaces(
    const std::vector<namespaces::NamespaceStatus>& namespaces, telemetry::Scrape& scrape
) {
    for (const namespaces::NamespaceStatus& status : namespaces) {
        const Figures figures(scrape, {{"namespace", status.name}});
        add_log(status, figures);
        add_log_failures(status, scrape);
        add_index(status, figures);
        add_subscriptions(status, figures);
    }
}

void add_scavenges(const scavenge::ScavengeCounts& counts, telemetry::Scrape& scrape) {
    const Figures figures(scrape, {});
    figures.gauge("annals_scavenge_running", "1 while one is going on.", counts.is_running);
    figures.counter(
        "annals_scavenge_runs_total",
        "Scavenges that ended, since the server started; dry runs not counted.",
        counts.runs
    );
    figures.counter(
        "annals_scavenge_failures_total",
        "Scavenges that ended with an error, since the server started.",
        counts.failures
    );
    figures.counter(
        "annals_scavenge_removed_events_total",
        "Events whose data scavenging removed, since the server started.",
        counts.removed_events
    );
    figures.counter(
        "annals_scavenge_freed_bytes_total",
        "Bytes that scavenging freed, since the server started.",
        counts.freed_bytes
    );
    figures.gauge(
        "annals_scavenge_last_ended_timestamp_seconds",
        "When the last scavenge ended; 0: never since the server started.",
        static_cast<double>(counts.last_ended.value) / 1e9
    );
}

void add_index_memory(const index::IndexMemory& memory, telemetry::Scrape& scrape) {
    const Figures figures(scrape, {});
    figures.gauge(
        "annals_index_memory_bytes",
        "Memory of all indexes: windows, caches, filters.",
        memory.used_bytes()
    );
    figures.gauge(
        "annals_index_memory_limit_bytes",
        "What all indexes may use: index.memory.",
        memory.budget_bytes()
    );
    const index::IndexCacheCounts counts = memory.cache_counts();
    const auto add = [&](std::string_view cache, std::string_view result, std::uint64_t lookups) {
        scrape.counter(
            "annals_index_cache_lookups_total",
            "How often the caches of all indexes were asked: RocksDB's blocks, and short streams.",
            {{"cache", std::string(cache)}, {"result", std::string(result)}},
            static_cast<double>(lookups)
        );
    };
    add("blocks", "hit", counts.block_hits);
    add("blocks", "miss", counts.block_misses);
    add("streams", "hit", counts.stream_hits);
    add("streams", "miss", counts.stream_misses);
}

void add_disk(const std::string& directory, telemetry::Scrape& scrape) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(directory, error);
    if (error) return;
    const Figures figures(scrape, {});
    figures.gauge("annals_data_free_bytes", "Free where the data folder lies.", space.available);
    figures.gauge("annals_data_size_bytes", "Size of that file system.", space.capacity);
}

void add_groups(const std::vector<groups::GroupGauge>& groups, telemetry::Scrape& scrape) {
    for (const groups::GroupGauge& gauge : groups) {
        const api::GroupStatus& status = gauge.status;
        const Figures figures(
            scrape, {{"namespace", gauge.name_space}, {"subscription", status.group}}
        );
        figures.gauge(
            "annals_group_members", "Members of the consumer group.", status.members.size()
        );
        figures.gauge(
            "annals_group_lag_events",
            "Events that match the group's filter and are not handled, retried ones too, as far as "
            "they are counted.",
            status.behind
        );
        figures.gauge(
            "annals_group_in_flight_events",
            "Events that members have and have not answered.",
            status.in_flight
        );
        figures.gauge(
            "annals_group_lag_seconds",
            "Age of the oldest unprocessed event.",
            status.seconds_behind
        );
        figures.gauge(
            "annals_group_stalled_seconds",
            "How long there was work and no progress; 0 below the group's limit.",
            status.stalled_for_seconds
        );
        figures.gauge("annals_group_parked_keys", "Keys that are parked.", status.parked_keys);
        figures.gauge(
            "annals_group_parked_events",
            "Events that are parked or wait behind one.",
            status.parked_events
        );
        figures.gauge(
            "annals_group_oldest_parked_seconds",
            "Since the oldest parked event was parked.",
            status.oldest_parked_seconds
        );
        figures.counter(
            "annals_group_handled_events_total",
            "Events handled since the server runs the group.",
            status.handled
        );
        figures.gauge(
            "annals_group_running",
            "1 while the group gives out events.",
            status.state == api::GroupState::kRunning ? 1 : 0
        );
        figures.gauge(
            "annals_group_failed",
            "1 while the group's storage cannot be read or does not fit the log.",
            status.state == api::GroupState::kFailed ? 1 : 0
        );
    }
}

}  // namespace annals::node
