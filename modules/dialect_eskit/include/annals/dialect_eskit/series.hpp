// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>

#include "annals/api/consumer_store.hpp"
#include "annals/api/event_store.hpp"
#include "annals/telemetry/scrape.hpp"

namespace annals::dialect_eskit {

/// The series that eskit's event store and consumer store show, under eskit's names: per entity
/// type (its "partition") the last log id and the events, per consumer its progress and when it was
/// seen. `eskit_consumers_consumed_count` is counted by the consumer service.
///
/// The first kSeriesMax entity types and consumers are shown, by name. Looked up anew at each
/// scrape: a read of the index and of the consumers, for a thread that may wait.
class Series {
  public:
    static constexpr std::size_t kSeriesMax = 1'000;

    Series(api::EventStore& store, api::ConsumerStore& consumers, std::string name_space)
        : store_(store), consumers_(consumers), name_space_(std::move(name_space)) {}

    void add(telemetry::Scrape& scrape) const;

  private:
    void add_streams(const api::CallContext& context, telemetry::Scrape& scrape) const;
    void add_consumers(const api::CallContext& context, telemetry::Scrape& scrape) const;

    api::EventStore& store_;
    api::ConsumerStore& consumers_;
    std::string name_space_;
};

}  // namespace annals::dialect_eskit
