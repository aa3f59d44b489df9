// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What a logged cut leaves (log-and-rules 2.5), as far as bytes go; the rules' own answers are in
// tests/conformance/orderer/cut_contract.hpp.
#include "removed_range.hpp"

#include <random>

#include <gtest/gtest.h>

#include "annals/log/testing/faulty_file_system.hpp"

#include "scavenge_test_support.hpp"

namespace annals::log {
namespace {

/// Removes these, and folds those of them that may be folded.
ScavengeRequest folding(RemovedPositions is_removed, RemovedPositions is_foldable) {
    ScavengeRequest request = removing(std::move(is_removed));
    request.is_foldable = [is_foldable = std::move(is_foldable)](const StoredEvent& event
                          ) -> Result<bool> { return is_foldable(event.position.value); };
    return request;
}

bool all(std::uint64_t) { return true; }
bool none(std::uint64_t) { return false; }

/// Everything that answers are made of, position by position.
struct Answers {
    std::vector<std::uint64_t> revisions;
    std::vector<std::int64_t> times;
    std::vector<std::uint32_t> chain_bits;
    std::vector<std::uint64_t> chains;
    std::vector<std::string> streams;
    std::vector<std::string> types;
    bool operator==(const Answers&) const = default;
};

/// The whole chain at each position costs a scan of its group: of a long log at some.
Answers answers_of(const SegmentLog& log) {
    Answers answers;
    const std::uint64_t end = log.durable_end().value;
    const std::uint64_t stride = end > 2'000 ? 97 : 1;
    LogReader reader = log.reader();
    for (std::uint64_t p = 1; p <= end; ++p) {
        const auto event = reader.at(Position(p));
        EXPECT_TRUE(event.has_value()) << p << ": " << event.error().to_string();
        if (!event) return answers;
        EXPECT_EQ(event->position.value, p);
        answers.revisions.push_back(event->revision.value);
        answers.times.push_back(event->recorded_time.value);
        answers.chain_bits.push_back(event->chain_bits);
        if (p % stride == 0 || p == end) {
            const auto chain = log.chain_at(Position(p));
            EXPECT_TRUE(chain.has_value()) << p << ": " << chain.error().to_string();
            answers.chains.push_back(chain ? *chain : 0);
            EXPECT_EQ(static_cast<std::uint32_t>(answers.chains.back()), event->chain_bits) << p;
        }
        model::RecordedEvent named;
        EXPECT_TRUE(model::decode_event_fields(event->envelope, named).has_value());
        answers.streams.emplace_back(named.stream);
        answers.types.emplace_back(named.type);
    }
    return answers;
}

/// Events of several streams and types in one log, with groups of one and of many appends.
class RemovedRanges : public ::testing::TestWithParam<Compression> {
  protected:
    RemovedRanges() : files_(make_memory_file_system()), log_(*files_) {
        log_.options().compression = GetParam();
        log_.must_open();
    }

    void append(std::size_t events, const model::Tracking* tracking = nullptr) {
        std::vector<model::NewEvent> made(events);
        std::vector<Uuid> ids(events);
        std::vector<Stamp> stamps;
        const std::uint64_t first = log_.log->last_position().value + 1;
        const std::string data = data_of(first, kScavengedBytes);
        for (std::size_t i = 0; i < events; ++i) {
            const std::size_t stream = (first + i) % streams_.size();
            made[i].stream = streams_[stream];
            made[i].type = i % 2 == 0 ? "placed" : "paid";
            made[i].tags = {"customer:3"};
            made[i].data = data;
            codec::store(reinterpret_cast<char*>(ids[i].bytes.data()), first + i);
            stamps.push_back({Position(first + i), Revision(next_[stream]++)});
        }
        AppendHeader header;
        header.principal = "ann-the-principal";
        header.tracking = tracking;
        header.tracking_fingerprint = tracking != nullptr ? tracking->position : 0;
        encoded_.encode(header, made, ids);
        ASSERT_TRUE(log_.log->reserve(encoded_.bytes(), events).has_value());
        log_.log->add(encoded_, stamps, TimeNs(static_cast<std::int64_t>(first) * 1000));
    }
    // NOLINTNEXTLINE(readability-make-member-function-const): the log changes
    void write() {
        ASSERT_TRUE(log_.log->write().has_value());
        ASSERT_TRUE(log_.log->sync().has_value());
    }
    void fill(std::size_t groups = 120) {
        for (std::size_t i = 0; i < groups; ++i) {
            for (std::size_t n = 0; n <= i % 4; ++n) append(1 + (i + n) % 3);
            write();
            if (i % 7 == 0) ASSERT_TRUE(log_.log->mark().has_value());
        }
        seal();
    }
    // NOLINTNEXTLINE(readability-make-member-function-const): the log changes
    void seal() {
        ASSERT_TRUE(log_.log->begin_segment().has_value());
        log_.log->wait_for_seals();
    }
    [[nodiscard]] std::uint64_t end() const { return log_.log->durable_end().value; }
    [[nodiscard]] std::uint64_t folded() const {
        std::uint64_t count = 0;
        LogReader reader = log_.log->reader();
        for (std::uint64_t p = 1; p <= end(); ++p)
            count += reader.at(Position(p))->is_folded ? 1 : 0;
        return count;
    }
    /// Opened anew, and read from the disk as a stranger would.
    void expect_as(const Answers& before) {
        EXPECT_EQ(answers_of(*log_.log), before);
        log_.log = nullptr;
        expect_whole(*files_);
        log_.must_open();
        EXPECT_EQ(answers_of(*log_.log), before);
    }

    const std::vector<std::string> streams_{"order-1", "order-2", "user-jane", "cart-9", "a"};
    std::unique_ptr<FileSystem> files_;
    TestLog log_;
    std::vector<std::uint64_t> next_ = std::vector<std::uint64_t>(5, 0);
    EncodedAppend encoded_;
};

TEST_P(RemovedRanges, StubsAreFoldedAndRevisionsTimesChainAndNamesStay) {
    fill();
    const Answers before = answers_of(*log_.log);
    ASSERT_TRUE(scavenge_all(*log_.log, folding(all, none)));
    EXPECT_EQ(folded(), 0u);
    const auto done = scavenge_all(*log_.log, folding(all, all));
    ASSERT_TRUE(done.has_value()) << done.error().to_string();
    EXPECT_EQ(folded(), end());
    EXPECT_EQ(log_.log->info().folded_events, end());
    EXPECT_EQ(log_.log->info().removed_events, end());
    EXPECT_LT(done->bytes_after, done->bytes_before);
    expect_as(before);
}

TEST_P(RemovedRanges, RangesGrowTogetherFromRunToRun) {
    fill();
    const Answers before = answers_of(*log_.log);
    std::uint64_t last = 0;
    for (const std::uint64_t step : {7u, 5u, 3u, 2u, 1u}) {
        const auto is_due = [step](std::uint64_t p) { return p % step == 0 || p % 40 < 12; };
        const auto done = scavenge_all(*log_.log, folding(is_due, is_due));
        ASSERT_TRUE(done.has_value()) << done.error().to_string();
        EXPECT_GE(folded(), last);
        last = folded();
        expect_as(before);
    }
    EXPECT_EQ(last, end());
    // Nothing is left to do, and nothing is written.
    const auto idle = scavenge_all(*log_.log, folding(all, all));
    ASSERT_TRUE(idle.has_value());
    EXPECT_FALSE(idle->has_changes());
}

TEST_P(RemovedRanges, AnAppendIsFoldedAsAWholeOrNotAtAll) {
    for (int i = 0; i < 30; ++i) append(3);
    write();
    seal();
    ASSERT_TRUE(scavenge_all(*log_.log, folding(all, none)));
    const auto all_but_one = [](std::uint64_t p) { return p != 5; };
    const auto done = scavenge_all(*log_.log, folding(all, all_but_one));
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(done->folded_events, end() - 3);
    LogReader reader = log_.log->reader();
    for (std::uint64_t p = 1; p <= end(); ++p)
        EXPECT_EQ(reader.at(Position(p))->is_folded, p < 4 || p > 6) << p;
}

TEST_P(RemovedRanges, NothingIsFoldedOfWhatIsStillThere) {
    fill();
    const Answers before = answers_of(*log_.log);
    const auto done = scavenge_all(*log_.log, folding(none, all));
    ASSERT_TRUE(done.has_value());
    EXPECT_FALSE(done->has_changes());
    EXPECT_EQ(answers_of(*log_.log), before);
}

TEST_P(RemovedRanges, TheCutIsLoggedBeforeAnythingIsWrittenAndItsErrorChangesNothing) {
    fill();
    ASSERT_TRUE(scavenge_all(*log_.log, folding(all, none)));
    const SealedSegment first = log_.log->sealed_segments().front();
    const std::string before = bytes_of(*files_, kFirstSegment);
    ScavengeRequest request = folding(all, [](std::uint64_t p) { return p <= 4; });
    std::vector<std::uint64_t> told;
    request.before_fold = [&](Position last) -> Status {
        told.push_back(last.value);
        EXPECT_EQ(bytes_of(*files_, kFirstSegment), before);
        return Error(ErrorCode::kReadOnly, "no");
    };
    EXPECT_FALSE(log_.log->scavenge(first.first, request).has_value());
    EXPECT_EQ(bytes_of(*files_, kFirstSegment), before);
    request.is_dry_run = true;
    const auto dry = log_.log->scavenge(first.first, request);
    ASSERT_TRUE(dry.has_value());
    request.is_dry_run = false;
    request.before_fold = [&](Position last) {
        told.push_back(last.value);
        return ok();
    };
    const auto done = log_.log->scavenge(first.first, request);
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(dry->folded_events, done->folded_events);
    EXPECT_EQ(dry->bytes_after, done->bytes_after);
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0], told[1]);
    LogReader reader = log_.log->reader();
    EXPECT_TRUE(reader.at(Position(told[1]))->is_folded);
    EXPECT_FALSE(reader.at(Position(told[1] + 1))->is_folded);
}

TEST_P(RemovedRanges, TheLastTrackingOfEachKeyStays) {
    const model::Tracking first{"source", "consumer", "k1", 9};
    const model::Tracking second{"source", "consumer", "k1", 11};
    const model::Tracking other{"source", "consumer", "k2", 3};
    append(2, &first);
    append(1);
    append(1, &other);
    write();
    append(3, &second);
    append(1);
    write();
    seal();
    ASSERT_TRUE(scavenge_all(*log_.log, folding(all, all)));
    ASSERT_EQ(folded(), 8u);
    LogReader reader = log_.log->reader();
    for (std::uint64_t p = 1; p <= 8; ++p) {
        const auto append = reader.append_of(*reader.at(Position(p)));
        ASSERT_TRUE(append.has_value());
        EXPECT_TRUE(append->principal.empty());
        // The first of k1 goes where both lie in one segment, which the background decides.
        if (p <= 2) continue;
        const bool is_second = p >= 5 && p <= 7;
        ASSERT_EQ(append->tracking.has_value(), p == 4 || is_second) << p;
        if (is_second) {
            EXPECT_EQ(append->tracking->position, 11u);
            EXPECT_EQ(append->tracking->key, "k1");
            EXPECT_EQ(append->tracking_fingerprint, 11u);
            EXPECT_EQ(append->event_count, 3u);
            EXPECT_EQ(append->event_ordinal, p - 5);
        } else {
            EXPECT_EQ(append->event_count, 1u);
        }
    }
}

TEST_P(RemovedRanges, IdsTagsAndPrincipalsAreGoneFromTheFile) {
    append(2);
    write();
    seal();
    ASSERT_TRUE(scavenge_all(*log_.log, folding(all, none)));
    EXPECT_NE(bytes_of(*files_, kFirstSegment).find("customer:3"), std::string::npos);
    ASSERT_TRUE(scavenge_all(*log_.log, folding(all, all)));
    const std::string bytes = bytes_of(*files_, kFirstSegment);
    for (const std::string_view gone : {"customer:3", "ann-the-principal", "number"})
        EXPECT_EQ(bytes.find(gone), std::string::npos) << gone;
}

TEST_P(RemovedRanges, ASegmentWhoseFooterBrokeIsScannedAndSealedAgain) {
    fill();
    const Answers before = answers_of(*log_.log);
    const auto is_due = [](std::uint64_t p) { return p % 9 != 0; };
    ASSERT_TRUE(scavenge_all(*log_.log, folding(is_due, is_due)));
    log_.log = nullptr;
    std::string bytes = bytes_of(*files_, kFirstSegment);
    bytes[bytes.size() - 5] = static_cast<char>(bytes[bytes.size() - 5] ^ 1);
    set_bytes(*files_, kFirstSegment, bytes);
    log_.must_open();
    log_.log->wait_for_seals();
    expect_as(before);
}

TEST_P(RemovedRanges, ARangeOfWhichAByteIsFlippedIsNone) {
    append(2);
    append(3);
    write();
    seal();
    ASSERT_TRUE(scavenge_all(*log_.log, folding(all, all)));
    log_.log = nullptr;
    // Behind the header of its group, which stands for all that was there.
    std::string record = bytes_of(*files_, kFirstSegment)
                             .substr(4096 + detail::GroupHeader::kBytes);
    const auto range = detail::decode_removed_range(record);
    ASSERT_TRUE(range.has_value());
    for (std::size_t at = 0; at < range->record_bytes; ++at) {
        std::string bytes = record;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
        const auto flipped = detail::decode_removed_range(bytes);
        // Reserved bytes and padding are covered by the group's checksum alone.
        const bool is_reserved = at >= 60 && at < detail::RemovedRange::kBytes;
        EXPECT_TRUE(!flipped || is_reserved || at + 8 > range->record_bytes) << at;
    }
}

TEST_P(RemovedRanges, EveryFlippedByteIsNoticed) {
    append(2);
    append(3);
    write();
    append(1);
    write();
    seal();
    const auto is_due = [](std::uint64_t p) { return p != 6; };
    ASSERT_TRUE(scavenge_all(*log_.log, folding(is_due, is_due)));
    log_.log = nullptr;
    const std::string whole = bytes_of(*files_, kFirstSegment);
    for (std::size_t at = 4096; at < whole.size(); at += 3) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
        set_bytes(*files_, kFirstSegment, bytes);
        const auto report = verify_log(*files_, "log", {});
        ASSERT_TRUE(report.has_value());
        EXPECT_TRUE(!report->damages.empty() || report->torn_bytes != 0) << at;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Log,
    RemovedRanges,
    ::testing::Values(Compression::kNone, Compression::kZstd),
    [](const auto& param) {
        return std::string(param.param == Compression::kZstd ? "Zstd" : "Plain");
    }
);

TEST(RemovedRange, OneHoldsFourThousandEventsAndALargerAppendHasOneOfItsOwn) {
    const auto files = make_memory_file_system();
    LogOptions options = small_options();
    options.segment_bytes = options.fill_bytes_max = options.fill_bytes_min = 16u << 20u;
    TestLog log(*files, options);
    log.must_open();
    for (int i = 0; i < 3'000; ++i) ASSERT_TRUE(log.add(2).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    ASSERT_TRUE(log.add(9'000).has_value());
    ASSERT_TRUE(log.log->write().has_value());
    for (int i = 0; i < 5'000; ++i) {
        ASSERT_TRUE(log.add(1).has_value());
        ASSERT_TRUE(log.log->write().has_value());
    }
    ASSERT_TRUE(log.log->sync().has_value());
    ASSERT_TRUE(log.log->begin_segment().has_value());
    log.log->wait_for_seals();
    ASSERT_EQ(log.log->sealed_segments().size(), 1u);
    const Answers before = answers_of(*log.log);
    ASSERT_TRUE(scavenge_all(*log.log, folding(all, all)));
    EXPECT_EQ(answers_of(*log.log), before);
    const std::string bytes = bytes_of(*files, kFirstSegment);
    // 4096 and 1904 in the first, 9000 in the second, then 4096 and 904 of groups of one event.
    EXPECT_EQ(group_offsets(bytes).size(), 4u);
    log.log = nullptr;
    expect_whole(*files);
    // Four bytes of an event lie in the position table.
    EXPECT_LT(bytes.size() / 20'000, 22u);
}

TEST(RemovedRange, ALogWithRangesOutlivesACrashAtEveryStep) {
    for (std::uint64_t seed = 0; seed < 25; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        testing::FaultyFileSystem files(seed);
        std::mt19937_64 random(seed);
        std::uint64_t acknowledged = 0;
        for (int life = 0; life < 4; ++life) {
            TestLog log(files);
            if (seed % 2 == 0) log.options().compression = Compression::kZstd;
            ASSERT_TRUE(log.open().has_value());
            ASSERT_FALSE(log.log->is_read_only()) << log.report.read_only_reason;
            ASSERT_GE(log.log->durable_end().value, acknowledged);
            const Answers here = answers_of(*log.log);
            ASSERT_EQ(here.revisions.size(), log.log->durable_end().value);
            for (int i = 0; i < 40; ++i) ASSERT_TRUE(log.append(1 + random() % 4, 900).has_value());
            log.log->wait_for_seals();
            acknowledged = log.log->durable_end().value;
            files.stop_after_writes(random() % 12);
            for (int i = 0; i < 6; ++i) {
                const auto is_due = [&](std::uint64_t p) {
                    return p % 5 >= static_cast<unsigned>(4 - life) || p % 31 > 10;
                };
                const auto is_old = [&](std::uint64_t p) { return p + 60 < acknowledged; };
                if (!scavenge_all(*log.log, folding(is_due, is_old))) break;
                if (!log.append(1, 900)) break;
                acknowledged = log.log->durable_end().value;
            }
            files.stop();
            log.log = nullptr;
            if (random() % 3 == 0) {
                files.restart_after_kill();
            } else {
                files.restart_after_power_loss();
            }
        }
        TestLog log(files);
        ASSERT_TRUE(log.open().has_value());
        ASSERT_TRUE(log.log->close().has_value());
        log.log = nullptr;
        ASSERT_NO_FATAL_FAILURE(expect_whole(files));
    }
}

}  // namespace
}  // namespace annals::log
