// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/exporter.hpp"

#include <string>

namespace annals::interchange {
namespace {

Error in_line(const Record& record, const Error& error) {
    if (record.line == 0) return error;
    return Error(
        error.code(), "line " + std::to_string(record.line) + ": " + std::string(error.message())
    );
}

}  // namespace

Status export_records(
    RecordSource& source,
    RecordSink& sink,
    bool is_resumed,
    ExportObserver& observer,
    ExportReport& report
) {
    ANNALS_CHECK(sink.begin(is_resumed));
    Record record;
    while (true) {
        const Result<bool> has_record = source.next(record);
        if (!has_record)
            return is_bad_record(has_record.error()) ? in_line(record, has_record.error())
                                                     : has_record.error();
        if (!*has_record) return sink.end();
        if (record.removal && !sink.keeps_removed()) {
            ++report.removed;
            continue;
        }
        if (Status written = sink.write(record); !written) return in_line(record, written.error());
        ++report.records;
        report.consumed = source.consumed();
        observer.on_progress(report);
        ANNALS_CHECK(observer.on_cursor(source));
        if (observer.is_cancelled()) return Error(ErrorCode::kCancelled, "the export was stopped");
    }
}

}  // namespace annals::interchange
