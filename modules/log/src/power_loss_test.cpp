// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <random>

#include <gtest/gtest.h>

#include "annals/base/testing/rounds.hpp"
#include "annals/log/testing/faulty_file_system.hpp"

#include "log_test_support.hpp"

namespace annals::log {
namespace {

using testing::FaultyFileSystem;

/// Writes until the machine stops, restarts, opens, checks; several lives per seed. What was
/// acknowledged must be there, dense and in order, whatever the crash took.
void live_and_die(std::uint64_t seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    FaultyFileSystem files(seed * 31 + 7);
    std::uint64_t acknowledged = 0;
    std::uint32_t chain_bits = 0;
    const bool is_compressed = seed % 3 == 0;
    for (int life = 0; life < 6; ++life) {
        TestLog log(files);
        if (is_compressed) log.options().compression = Compression::kZstd;
        const Status opened = log.open();
        ASSERT_TRUE(opened.has_value()) << opened.error().to_string();
        ASSERT_FALSE(log.log->is_read_only()) << log.report.read_only_reason;
        const std::uint64_t end = log.log->durable_end().value;
        ASSERT_GE(end, acknowledged) << "an acknowledged event is gone in life " << life;
        ASSERT_NO_FATAL_FAILURE(log.check_all());
        if (acknowledged != 0) {
            ASSERT_EQ(*log.log->chain_bits_at(Position(acknowledged)), chain_bits);
        }
        // What is served now counts as acknowledged, too: readers have seen it.
        acknowledged = end;
        chain_bits = static_cast<std::uint32_t>(log.log->durable_chain().chain);
        files.stop_after_writes(random() % 60);
        while (true) {
            const std::size_t events = 1 + random() % 5;
            const std::size_t data_bytes = random() % 8 == 0 ? 3000 + random() % 9000
                                                             : random() % 300;
            if (!log.add(events, data_bytes)) break;
            if (random() % 3 == 0 && !log.add(1 + random() % 3)) break;
            if (!log.log->write()) break;
            if (random() % 4 != 0 && !log.log->sync()) break;
            if (random() % 10 == 0 && !log.log->mark()) break;
            const ChainMark durable = log.log->durable_chain();
            acknowledged = durable.position.value;
            chain_bits = static_cast<std::uint32_t>(durable.chain);
            if (random() % 40 == 0) {
                ASSERT_TRUE(!log.log->close() || true);
                break;
            }
        }
        files.stop();
        log.log = nullptr;
        if (random() % 3 == 0) {
            files.restart_after_kill();
        } else {
            files.restart_after_power_loss();
        }
    }
}

TEST(PowerLoss, WhatWasAcknowledgedIsThereWhateverACrashTakes) {
    for (std::uint64_t seed = 0; seed < base::testing::rounds(400); ++seed) {
        ASSERT_NO_FATAL_FAILURE(live_and_die(seed));
    }
}

}  // namespace
}  // namespace annals::log
