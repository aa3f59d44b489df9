// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>

#include "annals/base/result.hpp"
#include "annals/interchange/record_sink.hpp"
#include "annals/interchange/record_source.hpp"

namespace annals::interchange {

struct ExportReport {
    std::uint64_t records = 0;
    std::uint64_t removed = 0;   ///< records of removed events that the sink does not take
    std::uint64_t consumed = 0;  ///< RecordSource::consumed()
};

/// Who watches an export. Called from the exporting thread.
class ExportObserver {
  public:
    ExportObserver() = default;
    ExportObserver(const ExportObserver&) = delete;
    ExportObserver& operator=(const ExportObserver&) = delete;
    virtual ~ExportObserver() = default;

    /// After each record.
    virtual void on_progress(const ExportReport& so_far) = 0;
    /// Behind a record from which the source could go on: the place to write down how far it came.
    virtual Status on_cursor(const RecordSource& source) = 0;
    /// Asked after each record; true ends the export with the error cancelled.
    virtual bool is_cancelled() = 0;
};

/// Writes all records of a source into a sink. A record that the source finds bad ends the export:
/// a copy that leaves something out is none.
Status export_records(
    RecordSource& source,
    RecordSink& sink,
    bool is_resumed,
    ExportObserver& observer,
    ExportReport& report
);

}  // namespace annals::interchange
