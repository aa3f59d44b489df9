// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/base/result.hpp"

#include "block.hpp"
#include "keys.hpp"
#include "store.hpp"
#include "window.hpp"

namespace annals::index {

/// Turns a frozen window into one sorted file and has the store ingest it: all families and the
/// mark at once. For the background thread alone. The totals of categories and types, which each
/// window adds to, are kept in memory up to a bound and read from the store beyond it.
class Builder {
  public:
    explicit Builder(Store& store) : store_(store) {}

    /// May be called again for the same window after an error: what had been ingested in spite of
    /// it is noticed.
    Status ingest(const Window& window);

  private:
    class File;

    Status build(const Window& window, const std::string& path);
    Status add_summaries(File& file, const Window& window, TermKind kind, Family family);
    Status add_postings(File& file, const Window& window, TermKind kind, Family family);
    Status add_heads(File& file, const Window& window);
    Status add_mark(File& file, const Window& window);
    Status add_streams(File& file, const Window& window);
    Status add_ids(File& file, const Window& window);
    Result<SummaryValue> total_of(const std::string& key);

    Store& store_;
    bool has_failed_ = false;
    boost::unordered_flat_map<std::string, SummaryValue> totals_;
    std::vector<std::pair<std::string, SummaryValue>> new_totals_;  ///< of the window being built
    // Scratch, to spare allocations.
    std::string key_;
    std::string value_;
    std::vector<std::uint64_t> positions_;
};

}  // namespace annals::index
