// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/csv_importer.hpp"

#include <array>
#include <utility>

#include "annals/interchange/csv_reader.hpp"

#include "append_batch.hpp"
#include "batch_sender.hpp"
#include "row_mapper.hpp"

namespace annals::interchange {
namespace {

/// Fills batches from the file. Bad rows go to the observer in the order of the file, as far as
/// batches allow: a row that the reader refuses is reported before those that the server refuses in
/// the same batch.
class RowSource {
  public:
    RowSource(CsvReader& reader, RowMapper& mapper, ImportObserver& observer, ImportReport& report)
        : reader_(reader), mapper_(mapper), observer_(observer), report_(report) {}

    /// Fills the batch; false when nothing is left. Bad records count towards the batch, so that
    /// mending one in place does not move the cuts.
    Result<bool> fill(AppendBatch& batch, const ImportOptions& options) {
        batch.clear();
        std::uint64_t taken = 0;
        while (taken < options.batch_events_max && batch.arena.bytes() < options.batch_bytes_max) {
            Result<bool> has_row = reader_.next(record_);
            if (!has_row && has_row.error().code() == ErrorCode::kIoError) return has_row;
            if (has_row && !*has_row) break;
            ++taken;
            ++report_.records;
            record_.number -= 1;  // the header is no record
            if (has_row) {
                add(batch);
            } else {
                reject(has_row.error());
            }
        }
        return taken > 0;
    }

  private:
    void add(AppendBatch& batch) {
        Result<model::NewEvent> event = mapper_.map(record_, batch.arena);
        if (!event) return reject(event.error());
        const std::string_view raw = batch.arena.copy(record_.raw);
        batch.rows.push_back({record_.line, record_.number, raw, std::move(*event)});
    }

    void reject(const Error& error) {
        ++report_.rejected;
        observer_.on_rejected({record_.line, record_.number, record_.raw, error});
    }

    CsvReader& reader_;
    RowMapper& mapper_;
    ImportObserver& observer_;
    ImportReport& report_;
    CsvRecord record_;
};

Result<std::vector<std::string>> read_header(CsvReader& reader, ImportReport& report) {
    CsvRecord record;
    ANNALS_TRY(const bool has_header, reader.next(record));
    if (!has_header) {
        return Error(
            ErrorCode::kInvalidArgument, "the file is empty: its first line must name the columns"
        );
    }
    report.header = record.raw;
    return std::vector<std::string>(record.fields.begin(), record.fields.end());
}

}  // namespace

Status import_csv(
    api::EventStore& store,
    const api::CallContext& context,
    std::istream& input,
    const CsvMapping& mapping,
    const ImportOptions& options,
    ImportObserver& observer,
    ImportReport& report
) {
    CsvReader reader(input, {.delimiter = mapping.delimiter});
    ANNALS_TRY(std::vector<std::string> header, read_header(reader, report));
    ANNALS_TRY(RowMapper mapper, RowMapper::make(mapping, std::move(header), options.source));
    RowSource source(reader, mapper, observer, report);

    // One batch travels while the other is filled.
    std::array<AppendBatch, 2> batches;
    BatchSender sender(store, context, options, observer, report);
    for (std::size_t turn = 0;; turn ^= 1u) {
        ANNALS_TRY(const bool has_rows, source.fill(batches[turn], options));
        ANNALS_CHECK(sender.settle());
        report.consumed_bytes = reader.consumed_bytes();
        observer.on_progress(report);
        if (!has_rows) return ok();
        if (observer.is_cancelled()) return Error(ErrorCode::kCancelled, "the import was stopped");
        const AppendBatch& batch = batches[turn];
        if (options.is_dry_run) {
            report.added += batch.rows.size();
        } else if (!batch.rows.empty()) {
            sender.send(batch);
        }
    }
}

}  // namespace annals::interchange
