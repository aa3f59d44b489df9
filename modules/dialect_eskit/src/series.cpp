// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/dialect_eskit/series.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "naming.hpp"

namespace annals::dialect_eskit {
namespace {

constexpr std::uint32_t kPage = 1'000;

/// What eskit calls a partition.
struct Partition {
    std::uint64_t last_id = 0;
    std::uint64_t events = 0;
};

std::optional<double> progress_of(const api::ConsumerProgress& progress) {
    if (progress.offset.empty()) return static_cast<double>(progress.at.value);
    double number = 0;
    const char* end = progress.offset.data() + progress.offset.size();
    const auto [rest, error] = std::from_chars(progress.offset.data(), end, number);
    if (error != std::errc() || rest != end) return std::nullopt;
    return number;
}

}  // namespace

void Series::add(telemetry::Scrape& scrape) const {
    api::CallContext context;
    context.name_space = name_space_;
    add_streams(context, scrape);
    add_consumers(context, scrape);
}

void Series::add_streams(const api::CallContext& context, telemetry::Scrape& scrape) const {
    std::map<std::string, Partition> partitions;
    api::ListRequest request;
    request.limit = kPage;
    // By name, so that the types of one entity type follow each other.
    while (partitions.size() <= kSeriesMax) {
        const Result<api::StreamList> types = store_.list_types(context, request);
        if (!types || types->streams.empty()) break;
        for (const api::StreamSummary& type : types->streams) {
            if (type.name.starts_with('$')) continue;
            Partition& partition = partitions[std::string(entity_type_of(type.name))];
            partition.last_id = std::max(partition.last_id, type.last_position.value);
            partition.events += type.events;
        }
        if (types->streams.size() < kPage) break;
        request.after = types->streams.back().name;
    }
    std::size_t shown = 0;
    for (const auto& [name, partition] : partitions) {
        if (++shown > kSeriesMax) break;
        const telemetry::Labels labels{{"application_id", "consumer"}, {"partition_id", name}};
        scrape.gauge(
            "eskit_events_stream_last_id",
            "LastID in the stream",
            labels,
            static_cast<double>(partition.last_id)
        );
        scrape.counter(
            "eskit_events_stream_count",
            "Stream Count",
            labels,
            static_cast<double>(partition.events)
        );
    }
}

void Series::add_consumers(const api::CallContext& context, telemetry::Scrape& scrape) const {
    api::ListConsumersRequest request;
    request.limit = kPage;
    std::size_t shown = 0;
    do {
        Result<api::ConsumerList> page = consumers_.list(context, request);
        if (!page) return;
        for (const api::ConsumerProgress& consumer : page->consumers) {
            if (++shown > kSeriesMax) return;
            const std::string& id = consumer.foreign_id.empty() ? consumer.consumer
                                                                : consumer.foreign_id;
            const telemetry::Labels labels{{"consumer_name", id}};
            if (const auto progress = progress_of(consumer)) {
                scrape.gauge("eskit_consumers_progress", "Consumer Progress", labels, *progress);
            }
            scrape.gauge(
                "eskit_consumers_lastseen",
                "Consumer Progress",
                labels,
                static_cast<double>(consumer.last_seen_time.value) / 1e9
            );
        }
        request.after = std::move(page->next);
    } while (!request.after.empty());
}

}  // namespace annals::dialect_eskit
