// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// What scavenging leaves (log-and-rules 2.5, 3.3), as far as bytes go; the rules' own answers are
// in tests/conformance/orderer/scavenge_contract.hpp.
#include <gtest/gtest.h>

#include "annals/base/testing/rounds.hpp"
#include "annals/log/testing/faulty_file_system.hpp"

#include "scavenge_test_support.hpp"

namespace annals::log {
namespace {

bool is_odd(std::uint64_t position) { return position % 2 == 1; }

/// Several sealed segments, and one that is not.
void fill(TestLog& log, int appends = 300) {
    for (int i = 0; i < appends; ++i)
        ASSERT_NO_FATAL_FAILURE(
            log.must_append(static_cast<std::size_t>(1 + i % 3), kScavengedBytes)
        );
    log.log->wait_for_seals();
    ASSERT_GE(log.log->sealed_segments().size(), 3u);
}

/// Removed positions among those in sealed segments.
RemovedPositions up_to_sealed(const TestLog& log, RemovedPositions is_removed) {
    const Position last = log.log->sealed_segments().back().last;
    return [last, is_removed = std::move(is_removed)](std::uint64_t position) {
        return position <= last.value && is_removed(position);
    };
}

class LogRules2p5 : public ::testing::TestWithParam<Compression> {
  protected:
    LogRules2p5() : files_(make_memory_file_system()), log_(*files_) {
        log_.options().compression = GetParam();
    }

    std::unique_ptr<FileSystem> files_;
    TestLog log_;
};

TEST_P(LogRules2p5, ARemovedEventLeavesAStubAndAllOthersAreAsTheyWere) {
    log_.must_open();
    fill(log_);
    const auto removed = up_to_sealed(log_, is_odd);
    const auto done = scavenge_all(*log_.log, removing(is_odd));
    ASSERT_TRUE(done.has_value()) << done.error().to_string();
    EXPECT_GT(done->removed_events, 100u);
    EXPECT_GT(done->freed_bytes(), done->bytes_before / 10);
    check_scavenged(log_, removed, kScavengedBytes);
    log_.log = nullptr;
    expect_whole(*files_);
    log_.must_open();
    check_scavenged(log_, removed, kScavengedBytes);
}

/// A throttle would cost nothing otherwise where segments are small.
TEST_P(LogRules2p5, ThePaceIsToldOfSmallSegmentsToo) {
    log_.must_open();
    fill(log_);
    std::uint64_t told = 0;
    ScavengeRequest request = removing(is_odd);
    request.pace = [&](std::uint64_t bytes) {
        told += bytes;
        return true;
    };
    const auto done = scavenge_all(*log_.log, request);
    ASSERT_TRUE(done.has_value()) << done.error().to_string();
    ASSERT_GT(done->removed_events, 0u);
    EXPECT_GT(told, done->bytes_after + done->bytes_before / 2) << "what was read, and written";
}

TEST_P(LogRules2p5, PositionsChainAndTokensNeverChange) {
    log_.must_open();
    fill(log_);
    std::vector<std::uint64_t> chains;
    const std::uint64_t end = log_.log->durable_end().value;
    for (std::uint64_t p = 1; p <= end; ++p) chains.push_back(*log_.log->chain_at(Position(p)));
    ASSERT_TRUE(scavenge_all(*log_.log, removing([](std::uint64_t) { return true; })));
    EXPECT_EQ(log_.log->durable_end().value, end);
    for (std::uint64_t p = 1; p <= end; ++p) {
        ASSERT_EQ(*log_.log->chain_at(Position(p)), chains[p - 1]) << p;
        const auto token = model::make_token(
            log_.log->identity(), Position(p), static_cast<std::uint32_t>(chains[p - 1])
        );
        ASSERT_TRUE(log_.log->check_token(token).has_value()) << p;
    }
}

TEST_P(LogRules2p5, TimesAreFoundAsBefore) {
    log_.must_open();
    fill(log_);
    const std::uint64_t end = log_.log->durable_end().value;
    std::vector<std::uint64_t> found;
    for (std::uint64_t p = 1; p <= end; ++p)
        found.push_back(log_.log->find_time(TimeNs(static_cast<std::int64_t>(p) * 1000))->value);
    ASSERT_TRUE(scavenge_all(*log_.log, removing([](std::uint64_t) { return true; })));
    for (std::uint64_t p = 1; p <= end; ++p) {
        const TimeNs time(static_cast<std::int64_t>(p) * 1000);
        ASSERT_EQ(log_.log->find_time(time)->value, found[p - 1]);
    }
}

TEST_P(LogRules2p5, ScavengingAgainRemovesMoreAndAsksOnlyForWhatIsStillThere) {
    log_.must_open();
    fill(log_);
    ASSERT_TRUE(scavenge_all(*log_.log, removing(is_odd)));
    const auto removed = up_to_sealed(log_, [](std::uint64_t p) {
        return is_odd(p) || p % 3 == 0;
    });
    const std::uint64_t sealed = log_.log->sealed_segments().back().last.value;
    std::size_t asked = 0;
    const auto more = [](std::uint64_t p) { return p % 3 == 0; };
    ASSERT_TRUE(scavenge_all(*log_.log, removing(more, &asked)));
    EXPECT_EQ(asked, sealed / 2);
    check_scavenged(log_, removed, kScavengedBytes);
    const auto idle = scavenge_all(*log_.log, removing(more));
    ASSERT_TRUE(idle.has_value());
    EXPECT_EQ(idle->removed_events, 0u);
    EXPECT_EQ(idle->freed_bytes(), 0u);
    log_.log = nullptr;
    expect_whole(*files_);
}

TEST_P(LogRules2p5, ADryRunSaysWhatWouldBeFreedAndChangesNothing) {
    log_.must_open();
    fill(log_);
    std::vector<std::string> before;
    for (const SealedSegment& segment : log_.log->sealed_segments())
        before.push_back(bytes_of(*files_, "log/" + detail::segment_name(segment.first)));
    ScavengeRequest request = removing(is_odd);
    request.is_dry_run = true;
    const auto dry = scavenge_all(*log_.log, request);
    ASSERT_TRUE(dry.has_value());
    std::size_t i = 0;
    for (const SealedSegment& segment : log_.log->sealed_segments())
        EXPECT_EQ(bytes_of(*files_, "log/" + detail::segment_name(segment.first)), before[i++]);
    const auto done = scavenge_all(*log_.log, removing(is_odd));
    ASSERT_TRUE(done.has_value());
    EXPECT_EQ(dry->bytes_after, done->bytes_after);
    EXPECT_EQ(dry->removed_events, done->removed_events);
}

INSTANTIATE_TEST_SUITE_P(
    Log,
    LogRules2p5,
    ::testing::Values(Compression::kNone, Compression::kZstd),
    [](const auto& param) {
        return std::string(param.param == Compression::kZstd ? "Zstd" : "Plain");
    }
);

TEST(Scavenging, KeepsTheTrackingOfARemovedAppendAndNotItsPrincipal) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    const model::Tracking tracking{"source", "consumer", "key", 9};
    ASSERT_TRUE(log.add(3, 100, &tracking).has_value());
    ASSERT_TRUE(log.append(2, 100).has_value());
    ASSERT_TRUE(log.log->begin_segment().has_value());
    log.log->wait_for_seals();
    ASSERT_TRUE(scavenge_all(*log.log, removing([](std::uint64_t p) { return p <= 4; })));
    LogReader reader = log.log->reader();
    for (std::uint64_t p = 1; p <= 3; ++p) {
        const auto append = reader.append_of(*reader.at(Position(p)));
        ASSERT_TRUE(append.has_value());
        EXPECT_EQ(append->principal, "");
        ASSERT_TRUE(append->tracking.has_value());
        EXPECT_EQ(append->tracking->key, tracking.key);
        EXPECT_EQ(append->tracking->position, tracking.position);
        EXPECT_EQ(append->tracking_fingerprint, 77u);
        EXPECT_EQ(append->event_count, 3u);
        EXPECT_EQ(append->event_ordinal, p - 1);
    }
    // An append of which something is left keeps who made it.
    EXPECT_EQ(reader.append_of(*reader.at(Position(4)))->principal, "tester");
    EXPECT_EQ(reader.append_of(*reader.at(Position(5)))->principal, "tester");
}

TEST(Scavenging, NothingOfARemovedPayloadIsLeftInTheFile) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.options().compression = Compression::kNone;  // so that it can be found before
    log.must_open();
    fill(log);
    const std::string secret = data_of(7, kScavengedBytes);
    // Where a segment ends depends on how far the background has filled ahead.
    const auto is_in_a_file = [&] {
        const std::vector<std::string> names = names_in(*files, "log");
        return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
            return bytes_of(*files, "log/" + name).find(secret) != std::string::npos;
        });
    };
    ASSERT_TRUE(is_in_a_file());
    ASSERT_TRUE(scavenge_all(*log.log, removing([](std::uint64_t p) { return p == 7; })));
    EXPECT_FALSE(is_in_a_file());
}

TEST(Scavenging, ReadersThatMapTheOldFileGoOnReadingIt) {
    TemporaryFolder folder;
    TestLog log(disk_file_system(), small_options(), folder.path());
    log.must_open();
    fill(log);
    LogReader old = log.log->reader();
    const auto before = old.at(Position(1));
    ASSERT_TRUE(before.has_value());
    LogReader untouched = log.log->reader();  // knows the old list, has mapped nothing
    const auto removed = up_to_sealed(log, is_odd);
    ASSERT_TRUE(scavenge_all(*log.log, removing(is_odd)));
    TestLog::check_event(*before, 1, kScavengedBytes);  // views stay
    for (std::uint64_t p = 1; p <= log.log->durable_end().value; ++p) {
        for (LogReader* reader : {&old, &untouched}) {
            const auto event = reader->at(Position(p));
            ASSERT_TRUE(event.has_value()) << p << ": " << event.error().to_string();
            ASSERT_EQ(event->position.value, p);
            // The one or the other, never something in between.
            if (!event->is_removed) {
                ASSERT_NO_FATAL_FAILURE(TestLog::check_event(*event, p, kScavengedBytes));
            }
        }
    }
    check_scavenged(log, removed, kScavengedBytes);
}

TEST(Scavenging, ASegmentThatIsBeingWrittenOrUnknownIsRefused) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    log.must_append(2);
    for (const std::uint64_t first : {1u, 2u, 77u}) {
        const auto refused = log.log->scavenge(Position(first), removing(is_odd));
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code(), ErrorCode::kNotSupported);
    }
    ASSERT_TRUE(log.log->close().has_value());
    const auto closed = log.log->scavenge(Position(1), removing(is_odd));
    ASSERT_FALSE(closed.has_value());
    EXPECT_EQ(closed.error().code(), ErrorCode::kReadOnly);
}

TEST(Scavenging, ANewSegmentBeginsWhenAskedAndOnlyWhenTheLastHoldsSomething) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    ASSERT_TRUE(log.log->begin_segment().has_value());
    EXPECT_EQ(log.log->info().segments, 1u);
    log.must_append(2);
    ASSERT_TRUE(log.log->begin_segment().has_value());
    ASSERT_TRUE(log.log->begin_segment().has_value());
    log.log->wait_for_seals();
    EXPECT_EQ(log.log->info().segments, 2u);
    ASSERT_EQ(log.log->sealed_segments().size(), 1u);
    EXPECT_EQ(log.log->sealed_segments()[0].last.value, 2u);
    log.must_append(2);
    log.log = nullptr;
    log.must_open();
    log.check_all();
}

TEST(Scavenging, ADamagedSegmentIsNamedAndLeftAsItIs) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.must_open();
    fill(log);
    log.log = nullptr;
    std::string bytes = bytes_of(*files, kFirstSegment);
    bytes[9000] = static_cast<char>(bytes[9000] ^ 1);
    set_bytes(*files, kFirstSegment, bytes);
    log.must_open();
    const auto refused = log.log->scavenge(Position(1), removing(is_odd));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code(), ErrorCode::kDataLoss);
    EXPECT_EQ(bytes_of(*files, kFirstSegment), bytes);
    EXPECT_EQ(names_in(*files, "log").size(), log.log->info().segments + 2);  // LOG, CLEAN
}

TEST(Scavenging, StopsWhenToldSoAndChangesNothing) {
    const auto files = make_memory_file_system();
    LogOptions options = small_options();
    options.segment_bytes = options.fill_bytes_min = options.fill_bytes_max = 4u << 20u;
    TestLog log(*files, options);
    log.must_open();
    for (int i = 0; i < 350; ++i) log.must_append(10, kScavengedBytes);
    ASSERT_TRUE(log.log->begin_segment().has_value());
    log.log->wait_for_seals();
    const std::string before = bytes_of(*files, kFirstSegment);
    for (int calls = 1; calls <= 5; ++calls) {
        ScavengeRequest request = removing([](std::uint64_t p) { return p % 10 == 0; });
        int left = calls;
        request.pace = [&](std::uint64_t) { return --left > 0; };
        const auto stopped = log.log->scavenge(Position(1), request);
        ASSERT_TRUE(stopped.has_value()) << stopped.error().to_string();
        ASSERT_TRUE(stopped->is_stopped) << calls;
        EXPECT_EQ(stopped->removed_events, 0u);
        EXPECT_EQ(bytes_of(*files, kFirstSegment), before);
    }
    for (const std::string& name : names_in(*files, "log")) EXPECT_FALSE(name.ends_with(".tmp"));
}

// ---- faults ----

TEST(Scavenging, AFullDiskOrARefusedWriteLeavesEverythingAsItWasAndAppendsGoOn) {
    testing::FaultyFileSystem files(7);
    TestLog log(files);
    log.must_open();
    fill(log);
    const std::string before = bytes_of(files, kFirstSegment);
    for (const ErrorCode code : {ErrorCode::kDiskFull, ErrorCode::kIoError}) {
        files.fail_writes(code, std::string(".scavenged"));
        const auto failed = log.log->scavenge(Position(1), removing(is_odd));
        ASSERT_FALSE(failed.has_value());
        EXPECT_EQ(failed.error().code(), code);
        log.must_append(1, kScavengedBytes);
        files.clear_faults();
        EXPECT_EQ(bytes_of(files, kFirstSegment), before);
    }
    files.fail_next_sync(std::string(".scavenged"));
    EXPECT_FALSE(log.log->scavenge(Position(1), removing(is_odd)).has_value());
    EXPECT_EQ(bytes_of(files, kFirstSegment), before);
    EXPECT_FALSE(log.log->is_poisoned());
    for (const std::string& name : names_in(files, "log"))
        EXPECT_EQ(name.find(".scavenged"), std::string::npos);
    ASSERT_TRUE(log.log->scavenge(Position(1), removing(is_odd)).has_value());
}

/// Scavenges and appends until the machine stops somewhere; what is left must be whole, and each
/// event the old one or its stub, and a stub only where it was asked for.
void scavenge_and_die(std::uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    testing::FaultyFileSystem files(seed * 17 + 3);
    std::uint64_t acknowledged = 0;
    std::uint64_t asked_up_to = 0;
    const auto may_be_gone = [](std::uint64_t p) { return p % 3 != 0; };
    for (int life = 0; life < 4; ++life) {
        TestLog log(files);
        if (seed % 2 == 0) log.options().compression = Compression::kZstd;
        const Status opened = log.open();
        ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
        ASSERT_FALSE(log.log->is_read_only()) << log.report.read_only_reason;
        ASSERT_GE(log.log->durable_end().value, acknowledged);
        for (const std::string& name : names_in(files, "log"))
            ASSERT_FALSE(name.ends_with(".scavenged.tmp"));
        LogReader reader = log.log->reader();
        for (std::uint64_t p = 1; p <= log.log->durable_end().value; ++p) {
            const auto event = reader.at(Position(p));
            ASSERT_TRUE(event.has_value()) << p << ": " << event.error().to_string();
            if (event->is_removed) {
                ASSERT_TRUE(may_be_gone(p) && p <= asked_up_to) << p;
            } else {
                ASSERT_NO_FATAL_FAILURE(TestLog::check_event(*event, p));
            }
        }
        for (int i = 0; i < 40; ++i) ASSERT_TRUE(log.append(1 + random() % 4, 900).has_value());
        log.log->wait_for_seals();
        acknowledged = log.log->durable_end().value;
        asked_up_to = acknowledged;
        files.stop_after_writes(random() % 12);
        for (int i = 0; i < 6; ++i) {
            if (!scavenge_all(*log.log, removing([&](std::uint64_t p) {
                    return may_be_gone(p) && p % 5 >= static_cast<unsigned>(4 - life);
                }))) {
                break;
            }
            if (!log.append(1, 900)) break;
            acknowledged = asked_up_to = log.log->durable_end().value;
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
    expect_whole(files);
}

TEST(Scavenging, IsSafeFromACrashAtEveryStep) {
    for (std::uint64_t seed = 0; seed < base::testing::rounds(150); ++seed)
        ASSERT_NO_FATAL_FAILURE(scavenge_and_die(seed));
}

}  // namespace
}  // namespace annals::log
