// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/model/limits.hpp"

#include "event_json.hpp"
#include "program.hpp"
#include "removed_events.hpp"
#include "selection.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

struct ReadOptions {
    Selection selection;
    std::optional<std::uint64_t> from;
    std::string after;
    bool is_backwards = false;
    std::uint64_t limit = 100;
    std::string as_of;
};

Result<api::ReadRequest> make_request(const ReadOptions& options) {
    ANNALS_TRY(Selection selection, resolve(options.selection));
    api::ReadRequest request;
    request.stream = std::move(selection.stream);
    request.filter = std::move(selection.filter);
    if (options.is_backwards) request.direction = api::Direction::kBackwards;
    if (options.from && request.stream.empty()) {
        request.start = api::FromPosition{Position(*options.from)};
    } else if (options.from) {
        request.start = api::FromRevision{Revision(*options.from)};
    } else if (!options.after.empty()) {
        request.start = api::AfterToken{options.after};
    } else if (request.filter.recorded_since.value != 0 && !options.is_backwards) {
        request.start = api::FromTime{request.filter.recorded_since};
    } else if (!options.as_of.empty() && options.is_backwards) {
        ANNALS_TRY(const TimeNs as_of, parse_time_flag("--as-of", options.as_of, system_clock()));
        request.start = api::FromTime{TimeNs(as_of.value + 1)};
    }
    return request;
}

/// Reads page after page until the limit, the end, or a time.
class Reading {
  public:
    Reading(Session& session, const ReadOptions& options) : session_(session), options_(options) {}

    Result<ExitCode> run() {
        ANNALS_TRY(api::ReadRequest request, make_request(options_));
        ANNALS_CHECK(set_bounds());
        ANNALS_TRY(api::EventStore * store, session_.store());
        while (true) {
            request.limit = static_cast<std::uint32_t>(
                std::min<std::uint64_t>(left(), model::Limits::kReadEventsMax)
            );
            ANNALS_TRY(page_, store->read(session_.context(), request));
            ANNALS_CHECK(take_page());
            if (is_done_ || page_.is_end || left() == 0) break;
            request.start = api::AfterToken{page_.next};
            show_rows();
        }
        return finish();
    }

  private:
    [[nodiscard]] std::uint64_t left() const {
        return options_.limit == 0 ? model::Limits::kReadEventsMax : options_.limit - count_;
    }

    Status set_bounds() {
        if (!options_.as_of.empty() && !options_.is_backwards) {
            ANNALS_TRY(newest_, parse_time_flag("--as-of", options_.as_of, system_clock()));
        }
        return ok();
    }

    Status take_page() {
        RemovedBetween removed(page_.removed, !options_.is_backwards);
        const auto note = [this](const api::RemovedEvents& one) { take(one); };
        ANNALS_CHECK(page_.events.for_each([&](const model::RecordedEvent& event) {
            take(event, [&] { removed.before(event.position, note); });
            return ok();
        }));
        if (!is_done_) removed.rest(note);
        return ok();
    }

    /// `take_removed` takes what was removed before it.
    template <typename TakeRemoved>
    void take(const model::RecordedEvent& event, TakeRemoved take_removed) {
        const bool is_outside = newest_ && event.recorded_time > *newest_;
        is_done_ = is_done_ || is_outside;
        if (is_done_) return;
        take_removed();
        ++count_;
        const bool is_table = session_.format() == OutputFormat::kTable;
        rows_.push_back(is_table ? event_to_row(event) : event_to_json(event));
    }

    void take(const api::RemovedEvents& removed) {
        switch (session_.format()) {
            case OutputFormat::kTable:
                rows_.emplace_back(removed_text(removed));
                break;
            case OutputFormat::kJsonLines:
                session_.remark(removed_text(removed));
                break;
            case OutputFormat::kJson:
            case OutputFormat::kYaml:
                removed_.push_back(removed_to_json(removed));
                break;
        }
    }

    /// What can be shown before the end is known; JSON and YAML are one value, shown at the end.
    void show_rows() {
        const OutputFormat format = session_.format();
        if (format == OutputFormat::kJson || format == OutputFormat::kYaml) return;
        const EventView view = options_.selection.is_one_stream() ? EventView::kOneStream
                                                                  : EventView::kManyStreams;
        if (!rows_.empty()) printer_.list(event_columns(view), rows_);
        rows_.clear();
    }

    Result<ExitCode> finish() {
        const bool has_more = !is_done_ && !page_.is_end;
        if (count_ == 0 && options_.selection.is_one_stream() && !page_.last_revision) {
            return Error(
                       ErrorCode::kStreamNotFound,
                       "there is no stream '" + options_.selection.stream + "'"
            )
                .with("stream", options_.selection.stream);
        }
        show_rows();
        const OutputFormat format = session_.format();
        if (format == OutputFormat::kJson || format == OutputFormat::kYaml) {
            Json json;
            json["events"] = rows_;
            json["position"] = page_.position;
            json["is_end"] = !has_more;
            if (has_more) json["next"] = page_.next;
            if (!removed_.empty()) json["removed"] = removed_;
            printer_.object(json);
        } else if (format == OutputFormat::kTable && count_ == 0) {
            session_.remark("no events");
        } else if (format == OutputFormat::kTable && has_more) {
            session_.remark(
                "there is more: --limit 0 reads all, --after " + page_.next + " goes on"
            );
        }
        return ExitCode::kOk;
    }

    Session& session_;
    const ReadOptions& options_;
    Printer printer_ = session_.printer();
    api::ReadPage page_;
    std::vector<Json> rows_;
    std::vector<Json> removed_;  ///< of JSON and YAML
    std::uint64_t count_ = 0;
    std::optional<TimeNs> newest_;
    bool is_done_ = false;
};

}  // namespace

void add_stream_read(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "read",
        "read the events of a stream, or of everything",
        "annals stream read order-1001\n"
        "  annals stream read --category order --type OrderPlaced --backwards --limit 10"
    );
    auto options = std::make_shared<ReadOptions>();
    declare_selection(command, options->selection);
    auto* const from = command.add_option(
        "--from", options->from, "first revision of the stream, or position of everything"
    );
    auto* const after = command.add_option(
        "--after", options->after, "go on after this position token"
    );
    from->excludes(after);
    command.add_flag("-b,--backwards", options->is_backwards, "newest first");
    command.add_option("-l,--limit", options->limit, "events at most; 0: all")
        ->capture_default_str();
    command.add_option("--as-of", options->as_of, "as it was at this time");
    program.on(command, [options](Session& session) { return Reading(session, *options).run(); });
}

}  // namespace annals::cli
