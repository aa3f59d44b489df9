// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/importer.hpp"

#include <array>
#include <utility>

#include "annals/json_events/event_json.hpp"
#include "annals/model/names.hpp"

#include "append_batch.hpp"
#include "batch_sender.hpp"
#include "event_check.hpp"
#include "event_copy.hpp"

namespace annals::interchange {
namespace {

/// UUIDv5(URL, "https://annals.dev/import/csv"): the name space of all sources. The name is that of
/// the first format; another would give every file that was imported ever new ids.
const Uuid& source_name_space() {
    static const Uuid url = *Uuid::parse("6ba7b811-9dad-11d1-80b4-00c04fd430c8");
    static const Uuid sources = make_uuid_v5(url, "https://annals.dev/import/csv");
    return sources;
}

/// Fills batches from the source. Bad records go to the observer in the order of the source, as far
/// as batches allow: one that the source refuses is reported before those that the server refuses
/// in the same batch.
class BatchFiller {
  public:
    BatchFiller(
        RecordSource& source,
        const ImportOptions& options,
        ImportObserver& observer,
        ImportReport& report
    )
        : source_(source),
          options_(options),
          observer_(observer),
          report_(report),
          ids_(make_uuid_v5(source_name_space(), options.source)) {}

    /// Fills the batch; false when nothing is left. Bad records count towards the batch, so that
    /// mending one in place does not move the cuts.
    Result<bool> fill(AppendBatch& batch) {
        batch.clear();
        std::uint64_t taken = 0;
        while (taken < options_.batch_events_max && batch.arena.bytes() < options_.batch_bytes_max
        ) {
            Result<bool> has_record = source_.next(record_);
            if (!has_record && !is_bad_record(has_record.error())) return has_record;
            if (has_record && !*has_record) break;
            ++taken;
            ++report_.records;
            if (has_record && record_.removal) {
                ++report_.removed;
                continue;
            }
            if (has_record) {
                add(batch);
            } else {
                reject(has_record.error());
            }
        }
        return taken > 0;
    }

  private:
    void add(AppendBatch& batch) {
        if (const Status good = check(record_.event); !good) return reject(good.error());
        PreparedRow row{record_.line, record_.number, batch.arena.copy(record_.raw), {}};
        row.event = copy_of(record_.event, batch.arena);
        if (row.event.id.is_nil())
            row.event.id = make_uuid_v5(ids_, std::to_string(record_.number));
        batch.rows.push_back(std::move(row));
    }

    /// So that a dry run tells it, and so that one bad event does not have its whole append sent
    /// again in parts.
    static Status check(const model::NewEvent& event) {
        ANNALS_CHECK(model::check_user_stream_name(event.stream));
        return check_event(event);
    }

    void reject(const Error& error) {
        ++report_.rejected;
        std::string made;  // where the source is no text
        if (record_.raw.empty()) json_events::append_new_event(made, record_.event);
        const std::string_view raw = record_.raw.empty() ? made : record_.raw;
        observer_.on_rejected({record_.line, record_.number, raw, error});
    }

    RecordSource& source_;
    const ImportOptions& options_;
    ImportObserver& observer_;
    ImportReport& report_;
    const Uuid ids_;
    Record record_;
};

}  // namespace

Status import_records(
    api::EventStore& store,
    const api::CallContext& context,
    RecordSource& source,
    const ImportOptions& options,
    ImportObserver& observer,
    ImportReport& report
) {
    BatchFiller filler(source, options, observer, report);
    // One batch travels while the other is filled.
    std::array<AppendBatch, 2> batches;
    BatchSender sender(store, context, options, observer, report);
    for (std::size_t turn = 0;; turn ^= 1u) {
        Result<bool> has_records = filler.fill(batches[turn]);
        ANNALS_CHECK(sender.settle());
        report.consumed = source.consumed();
        observer.on_progress(report);
        if (has_records && !*has_records) return ok();
        const AppendBatch& batch = batches[turn];
        if (observer.is_cancelled()) return Error(ErrorCode::kCancelled, "the import was stopped");
        if (options.is_dry_run) {
            report.added += batch.rows.size();
        } else if (!batch.rows.empty()) {
            sender.send(batch);
        }
        if (!has_records) {  // what stood before the break is good all the same
            ANNALS_CHECK(sender.settle());
            return std::move(has_records).take_error();
        }
    }
}

}  // namespace annals::interchange
