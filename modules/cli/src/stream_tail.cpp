// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <string>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/model/limits.hpp"

#include "event_json.hpp"
#include "interrupt.hpp"
#include "program.hpp"
#include "removed_events.hpp"
#include "selection.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

constexpr std::int64_t kLookUpNs = 200'000'000;  ///< how often an idle tail looks for an interrupt

struct TailOptions {
    Selection selection;
    bool is_following = false;
    bool is_from_start = false;
    std::string after;
    std::uint32_t lines = 10;
    std::uint64_t limit = 0;
};

/// The last events, and with --follow what comes then, by one subscription.
class Tail {
  public:
    Tail(Session& session, const TailOptions& options)
        : session_(session),
          options_(options),
          columns_(event_columns(
              options.selection.is_one_stream() ? EventView::kOneStream : EventView::kManyStreams
          )) {}

    Result<ExitCode> run() {
        ANNALS_TRY(selection_, resolve(options_.selection));
        ANNALS_TRY(api::EventStore * store, session_.store());
        api::SubscribeRequest request;
        request.stream = selection_.stream;
        request.filter = selection_.filter;
        ANNALS_TRY(request.start, start(*store));
        if (is_full() || (!options_.is_following && is_last_events())) return ExitCode::kOk;
        catch_interrupts();
        return follow(*store, request);
    }

  private:
    [[nodiscard]] bool is_last_events() const {
        return !options_.is_from_start && options_.after.empty() &&
               selection_.filter.recorded_since.value == 0;
    }
    [[nodiscard]] bool is_full() const { return options_.limit > 0 && count_ >= options_.limit; }

    Result<api::SubscribeStart> start(api::EventStore& store) {
        if (options_.is_from_start) return api::SubscribeStart{};
        if (!options_.after.empty()) return api::SubscribeStart{api::AfterToken{options_.after}};
        const TimeNs since = selection_.filter.recorded_since;
        if (since.value != 0) return api::SubscribeStart{api::FromTime{since}};
        return show_last(store);
    }

    /// Shows the last events and answers where to go on: right behind what was read, so that
    /// nothing is missed.
    Result<api::SubscribeStart> show_last(api::EventStore& store) {
        api::ReadRequest request;
        request.stream = selection_.stream;
        request.filter = selection_.filter;
        request.direction = api::Direction::kBackwards;
        const auto events_max = static_cast<std::uint32_t>(model::Limits::kReadEventsMax);
        request.limit = std::clamp<std::uint32_t>(options_.lines, 1, events_max);
        ANNALS_TRY(const api::ReadPage page, store.read(session_.context(), request));
        if (options_.lines > 0) {
            ANNALS_TRY(std::vector<model::RecordedEvent> events, page.events.decode());
            std::ranges::reverse(events);
            std::vector<api::RemovedEvents> removed = page.removed;
            std::ranges::reverse(removed);
            RemovedBetween between(removed, true);
            const auto note = [this](const api::RemovedEvents& one) { show(one); };
            for (const model::RecordedEvent& event : events) {
                between.before(event.position, note);
                show(event);
            }
            between.rest(note);
        }
        return api::SubscribeStart{api::AfterToken{page.position}};
    }

    Result<ExitCode> follow(api::EventStore& store, const api::SubscribeRequest& request) {
        ANNALS_TRY(const auto subscription, store.subscribe(session_.endless_context(), request));
        std::string position;
        while (!is_interrupted() && !is_full()) {
            const std::int64_t look_up_ns = system_clock().monotonic_ns() + kLookUpNs;
            auto frame = subscription->next(look_up_ns);
            if (!frame && frame.error().code() == ErrorCode::kDeadlineExceeded) continue;
            if (!frame) {
                say_where(position);
                return std::move(frame).take_error();
            }
            RemovedBetween between(frame->removed, true);
            const auto note = [this](const api::RemovedEvents& one) { show(one); };
            ANNALS_CHECK(frame->events.for_each([&](const auto& event) {
                if (is_full()) return ok();
                between.before(event.position, note);
                show(event);
                return ok();
            }));
            if (!is_full()) between.rest(note);
            position = frame->position;
            const bool is_at_end = frame->mark == api::SubscriptionMark::kCaughtUp;
            if (is_at_end && !options_.is_following) return ExitCode::kOk;
            if (is_at_end) session_.remark("caught up; waiting for more, Ctrl-C ends");
        }
        if (is_interrupted()) say_where(position);
        return ExitCode::kOk;
    }

    void say_where(const std::string& position) {
        if (!position.empty()) session_.remark("go on later with --after " + position);
    }

    void show(const api::RemovedEvents& removed) {
        if (printer_.is_table()) {
            printer_.note(removed_text(removed));
        } else {
            session_.remark(removed_text(removed));
        }
    }

    void show(const model::RecordedEvent& event) {
        ++count_;
        printer_.stream_row(
            columns_, printer_.is_table() ? event_to_row(event) : event_to_json(event)
        );
    }

    Session& session_;
    const TailOptions& options_;
    Selection selection_;  ///< resolved
    Printer printer_ = session_.printer();
    std::vector<Column> columns_;
    std::uint64_t count_ = 0;
};

}  // namespace

void add_stream_tail(Program& program, CLI::App& group) {
    CLI::App& command = program.command(
        group,
        "tail",
        "show the last events, and follow what comes",
        "annals stream tail --category order --follow"
    );
    auto options = std::make_shared<TailOptions>();
    declare_selection(command, options->selection);
    command.add_flag(
        "-f,--follow",
        options->is_following,
        "go on with new events until Ctrl-C, or the server ends"
    );
    command
        .add_option(
            "--lines",
            options->lines,
            "how many of the last events first, where no start is named; 0: none"
        )
        ->capture_default_str();
    command.add_option("-l,--limit", options->limit, "end after so many events; 0: never")
        ->capture_default_str();
    auto* const start = command.add_flag(
        "--from-start", options->is_from_start, "the whole history first"
    );
    auto* const after = command.add_option(
        "--after", options->after, "everything after this token first"
    );
    start->excludes(after);
    program.on(command, [options](Session& session) { return Tail(session, *options).run(); });
}

}  // namespace annals::cli
