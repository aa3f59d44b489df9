// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/interchange/csv_mapping.hpp"

namespace annals::interchange {

/// A record that could not be stored.
struct RejectedRow {
    std::uint64_t line;    ///< 1-based line on which it begins
    std::uint64_t record;  ///< 1-based, the header not counted
    std::string_view raw;  ///< as in the file, without the line end
    const Error& error;
};

struct ImportReport {
    std::string header;  ///< the file's first line, as it is
    std::uint64_t records = 0;
    std::uint64_t added = 0;
    std::uint64_t already_there = 0;
    std::uint64_t rejected = 0;
    std::uint64_t consumed_bytes = 0;
    std::string position;  ///< token of the last append
};

/// Who watches an import. Called from the importing thread, in the order of the file.
class ImportObserver {
  public:
    ImportObserver() = default;
    ImportObserver(const ImportObserver&) = delete;
    ImportObserver& operator=(const ImportObserver&) = delete;
    virtual ~ImportObserver() = default;

    virtual void on_rejected(const RejectedRow& row) = 0;
    virtual void on_progress(const ImportReport& so_far) = 0;
    /// The server cannot be reached just now; the import tries again.
    virtual void on_waiting(const Error& error) = 0;
    /// Asked between appends; true ends the import after what was sent, with the error cancelled.
    virtual bool is_cancelled() = 0;
};

struct ImportOptions {
    std::string source;  ///< goes into every id: the same name and the same file add nothing the
                         ///< second time
    std::size_t batch_events_max = 1'000;
    std::size_t batch_bytes_max = 1u << 20u;
    std::int64_t patience_ms = 30'000;  ///< how long an unreachable server is asked again
    bool is_dry_run = false;            ///< maps every row and stores nothing
};

/// Imports a CSV file: its first line names the columns, every other record becomes an event.
///
/// Promises: events are stored in the order of the file; importing the same file under the same
/// source again adds nothing (so it is also how an import that was stopped goes on); a bad record
/// is reported and the rest goes on. One append is in flight while the next is prepared; an append
/// that is refused because of a row in it is cut in halves until the row is found.
///
/// An error that does not come from a row ends the import; `report` tells how far it came.
Status import_csv(
    api::EventStore& store,
    const api::CallContext& context,
    std::istream& input,
    const CsvMapping& mapping,
    const ImportOptions& options,
    ImportObserver& observer,
    ImportReport& report
);

}  // namespace annals::interchange
