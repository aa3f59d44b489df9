// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include "annals/groups/consumer_groups.hpp"
#include "annals/index/index.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/telemetry/scrape.hpp"

namespace annals::node {

/// For each open namespace its end, its log, its index and its subscriptions.
void add_namespaces(
    const std::vector<namespaces::NamespaceStatus>& namespaces, telemetry::Scrape& scrape
);
void add_scavenges(const scavenge::ScavengeCounts& counts, telemetry::Scrape& scrape);
void add_index_memory(const index::IndexMemory& memory, telemetry::Scrape& scrape);
/// Free space and size of the file system that the folder lies on.
void add_disk(const std::string& directory, telemetry::Scrape& scrape);
void add_groups(const std::vector<groups::GroupGauge>& groups, telemetry::Scrape& scrape);

}  // namespace annals::node
