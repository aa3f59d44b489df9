// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/log_source.hpp"

#include <optional>
#include <utility>

#include "event_matcher.hpp"

namespace annals::interchange {
namespace {

/// A reader holds what it has touched: now and then a new one is made.
constexpr std::uint64_t kEventsOfAReader = 65'536;

class LogSource final : public RecordSource {
  public:
    LogSource(const log::SegmentLog& log, EventMatcher matcher, bool is_everything, Position first)
        : log_(log),
          matcher_(std::move(matcher)),
          has_notes_(is_everything),
          next_(first),
          end_(log.durable_end()) {}

    Result<bool> next(Record& record) override {
        while (next_ <= end_) {
            if (!reader_ || --reader_events_ == 0) {
                reader_.emplace(log_.reader());
                reader_events_ = kEventsOfAReader;
            }
            ANNALS_TRY(const log::StoredEvent stored, reader_->at(next_));
            ++next_;
            record = {};
            model::RecordedEvent& event = record.event;
            ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
            ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
            event.position = stored.position;
            event.revision = stored.revision;
            event.recorded_time = stored.recorded_time;
            // A part of a log has no use for what is left of removed events.
            if (stored.is_removed && !has_notes_) continue;
            ANNALS_TRY(const bool is_wanted, matcher_.matches(event));
            if (!is_wanted) continue;
            if (stored.is_removed) {
                record.removal = {stored.removed_time, stored.fingerprint, stored.is_folded};
            }
            record.has_stamp = true;
            record.number = ++number_;
            if (has_notes_ && stored.append_ordinal == 0) ANNALS_CHECK(take_note(stored, record));
            return true;
        }
        return false;
    }

    [[nodiscard]] std::uint64_t consumed() const override { return next_.value - 1; }
    [[nodiscard]] std::uint64_t total() const override { return end_.value; }

  private:
    Status take_note(const log::StoredEvent& stored, Record& record) {
        ANNALS_TRY(const log::StoredAppend append, reader_->append_of(stored));
        if (append.event_ordinal != 0) return ok();  // of a folded one
        record.append = model::AppendNote{
            append.event_count,
            append.principal,
            append.tracking,
            append.tracking_fingerprint,
            stored.is_folded ? 1 : append.rules_version
        };
        return ok();
    }

    const log::SegmentLog& log_;
    const EventMatcher matcher_;
    const bool has_notes_;
    Position next_;
    const Position end_;
    std::optional<log::LogReader> reader_;
    std::uint64_t reader_events_ = 0;
    std::uint64_t number_ = 0;
};

}  // namespace

Result<std::unique_ptr<RecordSource>> open_log_source(
    const log::SegmentLog& log, const Selection& selection
) {
    ANNALS_TRY(EventMatcher matcher, EventMatcher::make(selection));
    Position first(1);
    if (selection.filter.recorded_since.value != 0) {
        ANNALS_TRY(first, log.find_time(selection.filter.recorded_since));
    }
    return std::unique_ptr<RecordSource>(
        std::make_unique<LogSource>(log, std::move(matcher), selection.is_everything(), first)
    );
}

}  // namespace annals::interchange
