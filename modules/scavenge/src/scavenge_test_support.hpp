// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// A log with its readers in memory, for the tests of this module.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/commit/testing/hand_clock.hpp"
#include "annals/commit/testing/test_append.hpp"
#include "annals/log/file_system.hpp"
#include "annals/order_local/local_orderer.hpp"
#include "annals/scavenge/log_scavenge.hpp"
#include "annals/streams/snapshots.hpp"
#include "annals/streams/stream_changes.hpp"
#include "annals/streams/stream_reader.hpp"

namespace annals::scavenge {

using commit::testing::Answer;
using commit::testing::append_of;
using commit::testing::append_to;
using commit::testing::HandClock;
using commit::testing::TestAppend;
using commit::testing::TestEvent;

inline constexpr std::int64_t kSecondNs = 1'000'000'000;
inline constexpr std::int64_t kYearNs = 365ll * 86'400 * kSecondNs;

/// One log in a folder of a file system in memory, or of one that fails.
class TestStore {
  public:
    explicit TestStore(std::string folder = "events") : folder_(std::move(folder)) { open(); }
    ~TestStore() { close(); }

    void open() {
        order_local::OrdererOptions options;
        options.clock = &clock;
        options.log.segment_bytes = 32u << 10u;
        options.log.fill_bytes_min = 8u << 10u;
        options.log.fill_bytes_max = 32u << 10u;
        options.index.is_in_memory = true;
        order_local::OpenReport report;
        auto opened = order_local::open_local_orderer(*files, folder_, options, memory_, report);
        ASSERT_TRUE(opened) << opened.error().to_string();
        orderer = std::move(*opened);
        reader = std::make_unique<streams::StreamReader>(*orderer);
    }
    void close() {
        if (!orderer) return;
        reader.reset();
        EXPECT_TRUE(orderer->close());
        orderer.reset();
    }
    /// The index is in memory: it is built again from the log.
    void reopen() {
        close();
        open();
    }

    // NOLINTBEGIN(readability-make-member-function-const): the log changes
    model::AppendResult add(TestEvent event) {
        Answer answer = append_to(*orderer, append_of(std::move(event)));
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().to_string());
        return answer ? *answer : model::AppendResult{};
    }
    void add_many(const std::string& stream, int count) {
        for (int i = 0; i < count; ++i)
            add({.stream = stream, .data = "{\"n\":" + std::to_string(i) + "}"});
    }
    streams::StreamChanges changes() { return {*orderer, *reader}; }
    void set(const std::string& stream, model::StreamMetadata metadata) {
        api::SetMetadataRequest request;
        request.target.stream = stream;
        request.metadata = std::move(metadata);
        const auto done = changes().set_metadata({}, request);
        ASSERT_TRUE(done) << done.error().to_string();
    }
    void set_for_category(const std::string& category, model::StreamMetadata metadata) {
        api::SetMetadataRequest request;
        request.target.category = category;
        request.metadata = std::move(metadata);
        ASSERT_TRUE(changes().set_metadata({}, request));
    }
    void remove(const std::string& stream) {
        ASSERT_TRUE(changes().remove({}, {.stream = stream, .expected = {}, .idempotency_key = {}})
        );
    }
    void tombstone(const std::string& stream) {
        ASSERT_TRUE(
            changes().tombstone({}, {.stream = stream, .expected = {}, .idempotency_key = {}})
        );
    }

    ScavengeTotals scavenge(Ages ages = Ages::kCount) { return scavenge({}, ages); }
    ScavengeTotals scavenge(const LogScavengeOptions& options, Ages ages = Ages::kCount) {
        StreamRemovalRules rules(*orderer, ages);
        ScavengeTotals totals;
        const auto done = scavenge_log(*orderer, rules, options, totals);
        EXPECT_TRUE(done) << (done ? "" : done.error().to_string());
        return totals;
    }
    // NOLINTEND(readability-make-member-function-const)

    /// What a read of the stream gives: "revision:data …", or the error's name.
    std::string read(const std::string& stream, bool is_backwards = false) const {
        api::ReadRequest request;
        request.stream = stream;
        request.limit = 7;
        if (is_backwards) request.direction = api::Direction::kBackwards;
        std::string shown;
        while (true) {
            const auto page = reader->read({}, request);
            if (!page)
                return page.error().to_string().substr(0, page.error().to_string().find(':'));
            const auto events = page->events.decode();
            EXPECT_TRUE(events);
            for (const model::RecordedEvent& event : *events)
                shown += std::to_string(event.revision.value) + ":" + std::string(event.data) + " ";
            if (page->is_end) return shown;
            request.start = api::AfterToken{page->next};
        }
    }
    /// Positions whose data are gone.
    std::vector<std::uint64_t> removed() const {
        std::vector<std::uint64_t> found;
        log::LogReader log = orderer->log().reader();
        for (Position p(1); p <= orderer->visible_end().get(); ++p) {
            const auto event = log.at(p);
            EXPECT_TRUE(event) << event.error().to_string();
            if (event->is_removed) found.push_back(p.value);
        }
        return found;
    }

    HandClock clock;
    std::unique_ptr<log::FileSystem> files = log::make_memory_file_system();
    std::unique_ptr<commit::Orderer> orderer;
    std::unique_ptr<streams::StreamReader> reader;

  private:
    std::string folder_;
    index::IndexMemory memory_{64u << 20u};
};

}  // namespace annals::scavenge
