// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/log_restorer.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/codec/checksum.hpp"
#include "annals/codec/wire.hpp"
#include "annals/json_events/time_text.hpp"
#include "annals/log/encoded_append.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"

#include "arena.hpp"
#include "event_check.hpp"
#include "event_copy.hpp"

namespace annals::interchange {
namespace {

constexpr std::size_t kGroupBytes = 1u << 20u;
constexpr std::size_t kGroupAppends = 4'096;
constexpr std::uint64_t kSyncBytes = 16u << 20u;
/// Clocks differ; times that are further off would stop the log's own clock until then.
constexpr std::int64_t kFutureNsMax = 3'600'000'000'000;

Error not_restorable(const model::RecordedEvent& event, const std::string& why) {
    const std::string position = std::to_string(event.position.value);
    return Error(ErrorCode::kNotRestorable, "position " + position + ": " + why)
        .with("position", position);
}

/// What stands in the place of a removed event's data until it is removed again.
std::string placeholder_of(const model::RemovalNote& note) {
    std::string out;
    codec::append_fixed(out, note.removed_time.value);
    codec::append_fixed(out, note.fingerprint);
    out.push_back(note.is_folded ? '\1' : '\0');
    return out;
}

model::RemovalNote note_of(const log::StoredEvent& event) {
    constexpr std::size_t kBytes = 17;
    model::RecordedEvent placed;
    if (!model::decode_event_fields(event.payload, placed) || placed.data.size() != kBytes)
        return {};
    const char* at = placed.data.data();
    return {
        TimeNs(codec::load<std::int64_t>(at)), codec::load<std::uint64_t>(at + 8), at[16] == '\1'
    };
}

/// One append on its way: its events, kept until all of them are there.
struct Append {
    Arena arena;
    model::AppendNote note;
    std::vector<model::NewEvent> events;
    std::vector<Uuid> ids;
    std::vector<log::Stamp> stamps;
    TimeNs recorded_time;

    void begin(const model::AppendNote& of) {
        arena.clear();
        events.clear();
        ids.clear();
        stamps.clear();
        note = of;
        note.principal = arena.copy(of.principal);
        if (!note.tracking) return;
        note.tracking->source = arena.copy(of.tracking->source);
        note.tracking->consumer = arena.copy(of.tracking->consumer);
        note.tracking->key = arena.copy(of.tracking->key);
    }
    [[nodiscard]] bool is_whole() const { return events.size() == note.events; }
};

/// Appends that are written as one group.
struct Group {
    struct Member {
        log::EncodedAppend bytes;
        std::vector<log::Stamp> stamps;
        TimeNs recorded_time;
    };
    std::vector<Member> members;
    std::size_t count = 0;  ///< of members in use: their memory is used again
    std::size_t bytes = 0;
    std::size_t events = 0;
};

class LogRestorerBody final : public LogRestorer {
  public:
    LogRestorerBody(log::FileSystem& files, std::string directory, const RestoreOptions& options)
        : files_(files),
          directory_(std::move(directory)),
          options_(options),
          clock_(options.clock != nullptr ? *options.clock : system_clock()) {}

    Status begin(bool) override {
        ANNALS_CHECK(files_.create_directories(directory_));
        ANNALS_CHECK(check_empty());
        ANNALS_TRY(const bool is_old, files_.exists(restoring()));
        if (is_old) ANNALS_CHECK(files_.remove_all(restoring()));
        log::RecoveryReport report;
        ANNALS_TRY(log_, log::SegmentLog::open(files_, restoring(), options_.log, report));
        latest_ = TimeNs(clock_.now().value + kFutureNsMax);
        return ok();
    }

    Status write(const Record& record) override {
        ANNALS_CHECK(check(record));
        if (append_.is_whole() || is_first_) {
            is_first_ = false;
            ANNALS_CHECK(begin_append(record));
        } else if (record.append || record.event.recorded_time != append_.recorded_time) {
            return not_restorable(
                record.event,
                "the append before it is said to have " + std::to_string(append_.note.events) +
                    " events, but only " + std::to_string(append_.events.size()) + " are there"
            );
        }
        append_.events.push_back(copy_of(record.event, append_.arena));
        is_removed_.push_back(record.removal.has_value());
        if (record.removal) {
            append_.events.back().data = append_.arena.copy(placeholder_of(*record.removal));
            has_removed_ = true;
        }
        append_.ids.push_back(record.event.id);
        append_.stamps.push_back({record.event.position, record.event.revision});
        last_ = record.event.position;
        last_time_ = record.event.recorded_time;
        return append_.is_whole() ? add_to_group() : ok();
    }

    Status end() override {
        if (!is_first_ && !append_.is_whole()) {
            return Error(
                ErrorCode::kNotRestorable,
                "the last append is said to have " + std::to_string(append_.note.events) +
                    " events, but only " + std::to_string(append_.events.size()) + " are there"
            );
        }
        ANNALS_CHECK(write_group());
        ANNALS_CHECK(log_->sync());
        if (has_removed_) ANNALS_CHECK(remove_again());
        ANNALS_CHECK(log_->close());
        log_.reset();
        for (const char* const old : {"/index", "/events"}) {
            ANNALS_TRY(const bool is_there, files_.exists(directory_ + old));
            if (is_there) ANNALS_CHECK(files_.remove_all(directory_ + old));
        }
        ANNALS_CHECK(files_.rename(restoring(), directory_ + "/events"));
        return files_.sync_directory(directory_);
    }

    [[nodiscard]] bool keeps_removed() const override { return true; }

  private:
    /// Removed events are written with what is said of them as their data, and removed again.
    Status remove_again() {
        ANNALS_CHECK(log_->begin_segment());
        log_->wait_for_seals();
        log::ScavengeRequest request;
        request.now = clock_.now();
        request.is_removable = [this](const log::StoredEvent& event) -> Result<bool> {
            return bool(is_removed_[static_cast<std::size_t>(event.position.value - 1)]);
        };
        request.is_foldable = [](const log::StoredEvent& event) -> Result<bool> {
            return note_of(event).is_folded;
        };
        request.stub_of = [](const log::StoredEvent& event) -> log::StubContent {
            const model::RemovalNote note = note_of(event);
            return {note.fingerprint, note.removed_time};
        };
        for (const log::SealedSegment& segment : log_->sealed_segments())
            ANNALS_CHECK(log_->scavenge(segment.first, request));
        return ok();
    }

    [[nodiscard]] std::string restoring() const { return directory_ + "/events.restoring"; }

    Status check_empty() {
        const std::string events = directory_ + "/events";
        ANNALS_TRY(const bool is_there, files_.exists(events));
        if (!is_there) return ok();
        log::LogOptions options = options_.log;
        options.is_read_only = true;
        log::RecoveryReport report;
        ANNALS_TRY(const auto log, log::SegmentLog::open(files_, events, options, report));
        if (report.last_position.value == 0 && report.damages.empty()) return ok();
        return Error(
                   ErrorCode::kNotEmpty,
                   "the log holds " + std::to_string(report.last_position.value) +
                       " events: a log is restored into an empty one only"
        )
            .with("events", std::to_string(report.last_position.value));
    }

    Status check(const Record& record) {
        const model::RecordedEvent& event = record.event;
        if (!record.has_stamp) {
            return Error(
                ErrorCode::kNotRestorable,
                "a record has no position, revision and recorded_time: only what annals export "
                "ndjson or csv wrote can be restored"
            );
        }
        if (event.position != last_.next()) {
            return not_restorable(
                event,
                "it follows position " + std::to_string(last_.value) +
                    ": something is missing, or not in its order"
            );
        }
        std::uint64_t& next_revision = next_revisions_[codec::hash64(event.stream)];
        if (event.revision.value != next_revision) {
            return not_restorable(
                event,
                "stream '" + model::shown(event.stream) + "' goes on at revision " +
                    std::to_string(next_revision) + ", not " + std::to_string(event.revision.value)
            );
        }
        ++next_revision;
        if (event.recorded_time < last_time_)
            return not_restorable(event, "its recorded time is before that of the event before it");
        if (event.recorded_time > latest_) {
            return not_restorable(
                event,
                "its recorded time " + json_events::time_text(event.recorded_time) +
                    " is still to come: set the clock right"
            );
        }
        const bool is_forgotten = record.removal && record.removal->is_folded;
        if (event.id.is_nil() && !is_forgotten) return not_restorable(event, "it has no id");
        if (Status good = check_event(event); !good)
            return not_restorable(event, std::string(good.error().message()));
        return ok();
    }

    Status begin_append(const Record& record) {
        const model::AppendNote note = record.append.value_or(model::AppendNote{});
        if (note.events > model::Limits::kAppendEventsMax)
            return not_restorable(record.event, "no append has so many events");
        append_.begin(note);
        append_.recorded_time = record.event.recorded_time;
        return ok();
    }

    Status add_to_group() {
        if (append_.arena.bytes() > model::Limits::kAppendBytesMax)
            return Error(ErrorCode::kNotRestorable, "an append is larger than 64 MiB");
        if (group_.count == group_.members.size()) group_.members.emplace_back();
        Group::Member& member = group_.members[group_.count++];
        log::AppendHeader header;
        header.principal = append_.note.principal;
        header.tracking = append_.note.tracking ? &*append_.note.tracking : nullptr;
        header.tracking_fingerprint = append_.note.tracking_fingerprint;
        header.rules_version = append_.note.rules_version;
        member.bytes.encode(header, append_.events, append_.ids);
        member.stamps = append_.stamps;
        member.recorded_time = append_.recorded_time;
        group_.bytes += member.bytes.bytes();
        group_.events += append_.events.size();
        if (group_.bytes < kGroupBytes && group_.count < kGroupAppends) return ok();
        return write_group();
    }

    Status write_group() {
        if (group_.count == 0) return ok();
        ANNALS_CHECK(log_->reserve(group_.bytes, group_.events));
        for (std::size_t at = 0; at < group_.count; ++at) {
            Group::Member& member = group_.members[at];
            log_->add(member.bytes, member.stamps, member.recorded_time);
        }
        ANNALS_CHECK(log_->write());
        unsynced_bytes_ += group_.bytes;
        group_.count = 0;
        group_.bytes = 0;
        group_.events = 0;
        if (unsynced_bytes_ < kSyncBytes) return ok();
        unsynced_bytes_ = 0;
        return log_->sync();
    }

    log::FileSystem& files_;
    const std::string directory_;
    const RestoreOptions options_;
    const Clock& clock_;
    std::unique_ptr<log::SegmentLog> log_;
    boost::unordered_flat_map<std::uint64_t, std::uint64_t> next_revisions_;
    Position last_;
    TimeNs last_time_;
    TimeNs latest_;
    Append append_;
    bool is_first_ = true;
    std::vector<bool> is_removed_;  // by position - 1
    bool has_removed_ = false;
    Group group_;
    std::uint64_t unsynced_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<LogRestorer>> LogRestorer::open(
    log::FileSystem& files, const std::string& directory, const RestoreOptions& options
) {
    return std::unique_ptr<LogRestorer>(std::make_unique<LogRestorerBody>(files, directory, options)
    );
}

}  // namespace annals::interchange
