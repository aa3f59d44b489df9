// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "annals/base/assert.hpp"
#include "annals/base/uuid.hpp"
#include "annals/codec/checksum.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/log/file_system.hpp"
#include "annals/model/cut.hpp"
#include "annals/model/names.hpp"

namespace annals::streams::testing {

/// A clock that stands until it is moved. Any thread.
class HandClock final : public Clock {
  public:
    [[nodiscard]] TimeNs now() const override { return TimeNs(kStart + ns_.load()); }
    [[nodiscard]] std::int64_t monotonic_ns() const override { return ns_.load(); }
    void pass(std::int64_t ns) { ns_ += ns; }

    static constexpr std::int64_t kStart = 1'700'000'000'000'000'000;

  private:
    std::atomic<std::int64_t> ns_{1'000'000};
};

/// An event that owns its bytes, and what the log gave it.
struct TestEvent {
    std::string stream;
    std::string type = "happened";
    std::vector<std::string> tags;
    std::string data = "{}";
    Uuid id;
    Position position;
    Revision revision;
    TimeNs recorded_time;

    [[nodiscard]] model::NewEvent view() const {
        model::NewEvent event;
        event.stream = stream;
        event.type = type;
        event.data = data;
        event.id = id;
        for (const std::string& tag : tags) event.tags.push_back(tag);
        return event;
    }
};

/// Log and index in memory without rules or threads: what is appended is there when append()
/// returns, and visible unless it is held back. Any thread.
class FakeOrderer final : public commit::Orderer {
  public:
    explicit FakeOrderer(bool accepts_damage = false)
        : files_(log::make_memory_file_system()), memory_(64u << 20u) {
        log::LogOptions log_options;
        log_options.segment_bytes = 256u << 10u;
        log_options.fill_bytes_min = 8u << 10u;
        log_options.fill_bytes_max = 64u << 10u;
        log_options.clock = &clock;
        log_options.accept_damage = accepts_damage;
        log::RecoveryReport report;
        log_ = take(log::SegmentLog::open(*files_, "log", log_options, report));
        index::IndexOptions index_options;
        index_options.is_in_memory = true;
        std::string discarded;
        index_ = take(index::Index::open(
            "index", index_options, memory_, [](const index::IndexMark&) { return true; }, discarded
        ));
        visible_end_ = std::make_unique<commit::VisibleEnd>(Position(0));
    }
    ~FakeOrderer() override { (void)close(); }

    /// Recorded times are this clock's.
    HandClock clock;

    /// All as one append; fills in what the log gives. Visible at once when `is_visible`.
    void append(std::vector<TestEvent>& events, bool is_visible = true) {
        const std::lock_guard lock(mutex_);
        std::vector<model::NewEvent> views;
        std::vector<Uuid> ids;
        std::vector<log::Stamp> stamps;
        const TimeNs time = std::max(clock.now(), log_->last_time());
        Position position = log_->last_position();
        for (TestEvent& event : events) {
            if (event.id.is_nil()) event.id = make_uuid_v7(clock);
            event.position = position = position.next();
            event.revision = Revision(revisions_[event.stream]++);
            event.recorded_time = time;
            views.push_back(event.view());
            ids.push_back(event.id);
            stamps.push_back({event.position, event.revision});
        }
        log::EncodedAppend encoded;
        encoded.encode({}, views, ids);
        must(log_->reserve(encoded.bytes(), events.size()));
        log_->add(encoded, stamps, time);
        must(log_->write());
        must(log_->sync());
        add_to_index(events);
        if (is_visible) visible_end_->publish(position);
    }
    void append_one(TestEvent event) {
        std::vector<TestEvent> events;
        events.push_back(std::move(event));
        append(events);
    }
    /// Flips a bit of the one event with this data: it cannot be read any more.
    void damage(std::string_view data) {
        const std::lock_guard lock(mutex_);
        log_->wait_for_background();  // a segment that is being sealed is rewritten
        for (const std::string& name : take(files_->list("log"))) {
            if (!name.ends_with(".seg")) continue;
            const auto file = take(files_->open("log/" + name, log::FileSystem::Mode::kReadWrite));
            const std::string bytes = take(file->read_at(0, take(file->size())));
            const std::size_t at = bytes.find(data);
            if (at == std::string::npos) continue;
            const char flipped = static_cast<char>(bytes[at] ^ 1);
            must(file->write_at(at, std::string_view(&flipped, 1)));
            return;
        }
        ANNALS_ASSERT(false, "an event of the log has this data");
    }
    /// Removes all events that `is_removed` names by position, as a scavenge does: stubs stay;
    /// where a whole append is named by `is_folded`, too, a range, and the cut has passed it.
    void remove(
        const std::function<bool(std::uint64_t)>& is_removed,
        const std::function<bool(std::uint64_t)>& is_folded = {}
    ) {
        const std::lock_guard lock(mutex_);
        must(log_->begin_segment());
        log_->wait_for_seals();
        log::ScavengeRequest request;
        request.now = clock.now();
        request.is_removable = [&](const log::StoredEvent& event) -> Result<bool> {
            return is_removed(event.position.value);
        };
        if (is_folded) {
            request.is_foldable = [&](const log::StoredEvent& event) -> Result<bool> {
                return is_folded(event.position.value);
            };
        }
        request.before_fold = [&](Position last) {
            cut_ = model::joined(cut_, {last, clock.now()});
            return ok();
        };
        for (const log::SealedSegment& segment : log_->sealed_segments())
            must(log_->scavenge(segment.first, request));
    }
    void show_all() {
        const std::lock_guard lock(mutex_);
        visible_end_->publish(log_->last_position());
    }

    void submit(
        const commit::SubmitContext&, const model::AppendRequest& request, commit::SubmitDone done
    ) override {
        std::vector<TestEvent> events;
        for (const model::NewEvent& event : request.events) {
            TestEvent& own = events.emplace_back();
            own.stream = event.stream.empty() ? request.stream : event.stream;
            own.type = event.type;
            own.data = event.data;
            own.id = event.id;
            own.tags.assign(event.tags.begin(), event.tags.end());
        }
        append(events);
        model::AppendResult result;
        result.first_position = events.front().position;
        result.last_position = events.back().position;
        done(std::move(result));
    }

    [[nodiscard]] const log::SegmentLog& log() const override { return *log_; }
    [[nodiscard]] const index::Index& index() const override { return *index_; }
    [[nodiscard]] index::Index& index() { return *index_; }
    [[nodiscard]] commit::VisibleEnd& visible_end() override { return *visible_end_; }
    [[nodiscard]] TimeNs now() const override { return clock.now(); }
    [[nodiscard]] model::Cut cut() const override { return cut_; }
    [[nodiscard]] std::string durability() const override { return "memory"; }
    [[nodiscard]] std::string read_only_reason() const override { return ""; }
    Status close() override {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(is_closed_, true)) visible_end_->close();
        return ok();
    }

  private:
    template <typename T>
    static void must(const Result<T>& result) {
        ANNALS_ASSERT(result.has_value(), "the memory log takes everything");
    }
    template <typename T>
    static T take(Result<T> result) {
        ANNALS_ASSERT(result.has_value(), "log and index open in memory");
        return std::move(*result);
    }

    void add_to_index(const std::vector<TestEvent>& events) {
        const auto term = [](std::string_view text) {
            return index::Term{text, codec::hash64(text)};
        };
        std::vector<std::vector<index::Term>> tags(events.size());
        std::vector<index::IndexedEvent> indexed;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const TestEvent& event = events[i];
            for (const std::string& tag : event.tags) tags[i].push_back(term(tag));
            const std::string_view category = model::category_of(event.stream);
            index::IndexedEvent& one = indexed.emplace_back();
            one.position = event.position;
            one.revision = event.revision;
            one.recorded_time = event.recorded_time;
            one.id = event.id;
            one.fingerprint = model::fingerprint(event.view());
            one.stream = term(event.stream);
            if (!category.empty()) one.category = term(category);
            one.type = term(event.type);
            one.tags = tags[i];
        }
        index_->add(indexed, log_->durable_chain().chain);
    }

    std::mutex mutex_;
    std::unique_ptr<log::FileSystem> files_;
    index::IndexMemory memory_;
    std::unique_ptr<log::SegmentLog> log_;
    std::unique_ptr<index::Index> index_;
    std::unique_ptr<commit::VisibleEnd> visible_end_;
    std::map<std::string, std::uint64_t> revisions_;
    model::Cut cut_;  ///< changed by remove(), beside which nobody reads
    bool is_closed_ = false;
};

}  // namespace annals::streams::testing
