// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/interchange/record_source.hpp"

namespace annals::interchange {

/// A record that could not be stored.
struct RejectedRecord {
    std::uint64_t line;    ///< 1-based line on which it begins; 0: the source has none
    std::uint64_t number;  ///< 1-based among all records
    std::string_view raw;  ///< as in the source
    const Error& error;
};

struct ImportReport {
    std::uint64_t records = 0;
    std::uint64_t added = 0;
    std::uint64_t already_there = 0;
    std::uint64_t rejected = 0;
    std::uint64_t removed = 0;   ///< records of removed events, which only a restore takes
    std::uint64_t consumed = 0;  ///< RecordSource::consumed()
    std::string position;        ///< token of the last append
};

/// Who watches an import. Called from the importing thread, in the order of the source.
class ImportObserver {
  public:
    ImportObserver() = default;
    ImportObserver(const ImportObserver&) = delete;
    ImportObserver& operator=(const ImportObserver&) = delete;
    virtual ~ImportObserver() = default;

    virtual void on_rejected(const RejectedRecord& record) = 0;
    virtual void on_progress(const ImportReport& so_far) = 0;
    /// The server cannot be reached just now; the import tries again.
    virtual void on_waiting(const Error& error) = 0;
    /// Asked between appends; true ends the import after what was sent, with the error cancelled.
    virtual bool is_cancelled() = 0;
};

struct ImportOptions {
    /// Goes into the ids of records that bring none: the same name and the same records add nothing
    /// the second time.
    std::string source;
    std::size_t batch_events_max = 1'000;
    std::size_t batch_bytes_max = 1u << 20u;
    std::int64_t patience_ms = 30'000;  ///< how long an unreachable server is asked again
    bool is_dry_run = false;            ///< checks every record and stores nothing
};

/// Appends all records of a source to a store.
///
/// Promises: events are stored in the order of the source; importing the same again adds nothing,
/// wherever the first run was stopped and whatever stands behind its end now; a bad record is
/// reported and the rest goes on. One append is in flight while the next is prepared; an append
/// that is refused because of one of its events is cut in halves until the event is found; where
/// some events are there already, the others follow without them.
///
/// Memory: two batches and what the source holds. An error that does not come from a record ends
/// the import; the report tells how far it came.
Status import_records(
    api::EventStore& store,
    const api::CallContext& context,
    RecordSource& source,
    const ImportOptions& options,
    ImportObserver& observer,
    ImportReport& report
);

}  // namespace annals::interchange
