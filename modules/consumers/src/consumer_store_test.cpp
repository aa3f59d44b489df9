// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/consumers/consumer_store.hpp"

#include <atomic>
#include <future>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/consumers/testing/gated_files.hpp"
#include "annals/consumers/testing/server.hpp"
#include "annals/model/token.hpp"

#include "last_record.hpp"

namespace annals::consumers {
namespace {

using api::ConsumerProgress;
using testing::GatedFiles;
using testing::Server;

/// What a consumer is, said in the simplest way.
struct Model {
    bool is_there = false;
    bool has_position = false;
    std::uint64_t at = 0;
    std::uint64_t epoch = 0;
    std::string owner;
};

std::string code_of(const Result<ConsumerProgress>& result) {
    return result ? "ok" : std::string(result.error().info().name);
}

// A model with random saves, claims, rewinds, deletions and restarts: same answers, same state.
RC_GTEST_PROP(ConsumerStore, DoesWhatTheModelDoes, ()) {
    constexpr int kEvents = 6;
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const std::vector<std::string> tokens = server.append_many(kEvents);
    std::map<std::string, Model> models;
    const int steps = *rc::gen::inRange(1, 60);
    for (int step = 0; step < steps; ++step) {
        const std::string name = *rc::gen::element<std::string>("a", "b");
        Model& model = models[name];
        const std::uint64_t at = *rc::gen::inRange<std::uint64_t>(1, kEvents + 1);
        const std::string& token = tokens[at - 1];
        switch (*rc::gen::inRange(0, 12)) {
            case 0: {
                const auto claimed = server.consumers().claim({}, {name, "host"});
                RC_ASSERT(code_of(claimed) == "ok");
                model.is_there = true;
                model.owner = "host";
                ++model.epoch;
                break;
            }
            case 1: {
                const auto rewound = server.consumers().rewind({}, {name, token, "why", ""});
                RC_ASSERT(code_of(rewound) == (model.is_there ? "ok" : "consumer_not_found"));
                if (!model.is_there) break;
                model.at = at;
                model.has_position = true;
                model.owner.clear();
                ++model.epoch;
                break;
            }
            case 2: {
                const Status removed = server.consumers().remove({}, {name});
                RC_ASSERT(removed.has_value() == model.is_there);
                const std::uint64_t epoch = model.epoch;
                model = {};
                model.epoch = epoch;
                break;
            }
            case 3:
                server.reopen();
                break;
            default: {
                const std::uint64_t off = *rc::gen::element<std::uint64_t>(0, 0, 0, 1);
                const std::uint64_t epoch = model.epoch < off ? 0 : model.epoch - off;
                const auto saved = server.consumers().save_and_wait({}, {name, token, epoch});
                std::string expected = "ok";
                if (!model.is_there) {
                    if (model.epoch > 0) expected = "consumer_not_found";
                } else if (epoch < model.epoch) {
                    expected = "consumer_fenced";
                } else if (model.has_position && at < model.at) {
                    expected = "consumer_ahead";
                }
                RC_ASSERT(code_of(saved) == expected);
                if (expected != "ok") break;
                model.is_there = true;
                model.has_position = true;
                model.at = at;
                break;
            }
        }
        for (const auto& [consumer, wanted] : models) {
            const auto shown = server.consumers().get({}, consumer);
            RC_ASSERT(code_of(shown) == (wanted.is_there ? "ok" : "consumer_not_found"));
            if (!shown) continue;
            RC_ASSERT(shown->at.value == wanted.at);
            RC_ASSERT(shown->epoch == wanted.epoch);
            RC_ASSERT(shown->owner == wanted.owner);
            RC_ASSERT(shown->position.empty() == !wanted.has_position);
            RC_ASSERT(shown->behind.value() == kEvents - wanted.at);
        }
    }
}

TEST(ConsumerStore, KeepsAllAcrossARestart) {
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const auto tokens = server.append_many(3);
    ASSERT_TRUE(server.consumers().claim({}, {"a", "host-1"}));
    const auto saved = server.consumers().save_and_wait({}, {"a", tokens[1], 1});
    ASSERT_TRUE(saved);
    ASSERT_TRUE(server.consumers().save_and_wait({}, {"b", tokens[0], 0}));
    const auto rewound = server.consumers().rewind({}, {"b", tokens[2], "skipped", "ann"});
    ASSERT_TRUE(rewound);
    server.reopen();
    EXPECT_EQ(server.consumers().get({}, "a").value(), *saved);
    EXPECT_EQ(server.consumers().get({}, "b").value(), *rewound);
    const auto fenced = server.consumers().save_and_wait({}, {"a", tokens[2], 0});
    EXPECT_EQ(code_of(fenced), "consumer_fenced");
}

TEST(ConsumerStore, ARewindKeepsItsReasonAndActorInTheSystemLog) {
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const auto tokens = server.append_many(2);
    ASSERT_TRUE(server.consumers().save_and_wait({}, {"a", tokens[1], 0}));
    ASSERT_TRUE(server.consumers().rewind({}, {"a", tokens[0], "bug 7 \"x\"", "ann"}));
    const auto system = server.events().system_log("default").value();
    const auto last = read_last(*system, stream_of("a")).value();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->record.kind, RecordKind::kRewound);
    EXPECT_EQ(last->record.reason, "bug 7 \"x\"");
    log::LogReader reader = system->log().reader();
    const auto stored = reader.at(system->visible_end().get()).value();
    model::RecordedEvent event;
    ASSERT_TRUE(model::decode_event_fields(stored.envelope, event));
    EXPECT_EQ(event.type, "$progress-rewound");
    EXPECT_EQ(event.stream, "$consumer-a");
    EXPECT_EQ(event.actor, "ann");
}

TEST(ConsumerStore, ARepeatedPositionWritesNothing) {
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const auto tokens = server.append_many(2);
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(server.consumers().save_and_wait({}, {"a", tokens[1], 0}));
        EXPECT_FALSE(server.consumers().save_and_wait({}, {"a", tokens[0], 0}));
    }
    EXPECT_EQ(server.system_events(), 1u);
}

TEST(ConsumerStore, ConsumersThatSaveAtOnceShareASync) {
    constexpr int kConsumers = 64;
    GatedFiles files("/system/");
    Server server(files);
    const std::string token = server.append();
    // The log is open, and its first sync is behind us.
    ASSERT_TRUE(server.consumers().save_and_wait({}, {"first", token, 0}));
    const std::uint64_t before = files.syncs();
    files.close_gate();
    std::vector<std::promise<Result<ConsumerProgress>>> answers(kConsumers);
    for (int i = 0; i < kConsumers; ++i) {
        // Returns at once, although no sync gets through.
        server.consumers().save(
            {},
            {"consumer-" + std::to_string(i), token, 0},
            [&answer = answers[static_cast<std::size_t>(i)]](Result<ConsumerProgress> result) {
                answer.set_value(std::move(result));
            }
        );
    }
    files.open_gate();
    for (auto& answer : answers) EXPECT_EQ(code_of(answer.get_future().get()), "ok");
    EXPECT_EQ(server.system_events(), 1u + kConsumers);
    // A group that began with the first save, one with all the others, and a mark of an idle log.
    EXPECT_LE(files.syncs() - before, 3u);
}

TEST(ConsumerStore, OfTwoInstancesThatRaceOneOwnsTheConsumerAndTheOtherKnows) {
    constexpr int kInstances = 4;
    constexpr int kEvents = 40;
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const auto tokens = server.append_many(kEvents);
    std::atomic<int> fenced{0};
    std::atomic<int> finished{0};
    std::vector<std::thread> instances;
    instances.reserve(kInstances);
    for (int i = 0; i < kInstances; ++i) {
        instances.emplace_back([&, i] {
            const auto claimed = server.consumers().claim({}, {"a", "host-" + std::to_string(i)});
            ASSERT_TRUE(claimed) << claimed.error().to_string();
            // Goes on where the one before had come to.
            for (std::uint64_t at = claimed->at.value + 1; at <= kEvents; ++at) {
                const auto saved = server.consumers().save_and_wait(
                    {}, {"a", tokens[at - 1], claimed->epoch}
                );
                if (saved) continue;
                EXPECT_EQ(code_of(saved), "consumer_fenced");
                ++fenced;
                return;
            }
            ++finished;
        });
    }
    for (std::thread& instance : instances) instance.join();
    EXPECT_GE(finished.load(), 1) << "the last owner is never fenced";
    EXPECT_EQ(finished.load() + fenced.load(), kInstances);
    const auto last = server.consumers().get({}, "a").value();
    EXPECT_EQ(last.at, Position(kEvents));
    EXPECT_EQ(last.epoch, static_cast<std::uint64_t>(kInstances)) << "each got an epoch of its own";
}

TEST(ConsumerStore, WhoSavesWithoutAPauseKeepsNobodyFromClaiming) {
    constexpr std::uint64_t kEvents = 20'000;
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const auto tokens = server.append_many(kEvents);
    std::atomic<std::uint64_t> epoch{0};
    std::atomic<std::uint64_t> saves{0};
    std::atomic<bool> is_over{false};
    std::thread saver([&] {
        for (std::uint64_t at = 1; at <= kEvents && !is_over;) {
            const auto saved = server.consumers().save_and_wait(
                {}, {"a", tokens[at - 1], epoch.load()}
            );
            if (saved) {
                ++at;
                ++saves;
            } else if (code_of(saved) != "consumer_fenced") {
                ADD_FAILURE() << saved.error().to_string();
                break;
            }
        }
        is_over = true;
    });
    for (int i = 0; i < 50 && !is_over; ++i) {
        const std::uint64_t before = saves.load();
        while (saves.load() == before && !is_over) std::this_thread::yield();
        // Fences it for a moment, until it goes on with the new epoch.
        const auto claimed = server.consumers().claim({}, {"a", "host-" + std::to_string(i)});
        EXPECT_TRUE(claimed) << claimed.error().to_string();
        if (!claimed) break;
        epoch = claimed->epoch;
    }
    is_over = true;
    saver.join();
}

TEST(ConsumerStore, SavesWithoutEpochsThatRaceEndAtTheHighest) {
    constexpr int kThreads = 8;
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const auto tokens = server.append_many(kThreads);
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i] {
            const auto saved = server.consumers().save_and_wait(
                {}, {"a", tokens[static_cast<std::size_t>(i)], 0}
            );
            if (!saved) {
                EXPECT_EQ(code_of(saved), "consumer_ahead");
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(server.consumers().get({}, "a")->at, Position(kThreads));
}

TEST(ConsumerStore, InIntervalModeSavesGoOnBeforeTheSyncAndSaySo) {
    constexpr std::int64_t kHour = 3'600'000'000'000;
    const auto files = log::make_memory_file_system();
    std::vector<std::string> tokens;
    {
        Server first(*files);
        tokens = first.append_many(20);
    }
    Server server(*files, kHour);
    for (const std::string& token : tokens) {
        const auto saved = server.consumers().save_and_wait({}, {"a", token, 0});
        ASSERT_TRUE(saved) << saved.error().to_string();
        EXPECT_FALSE(saved->is_durable);
    }
    // Nothing of it is synced: reads do not show it, and what is refused waits for the log to say.
    EXPECT_EQ(code_of(server.consumers().get({}, "a")), "consumer_not_found");
    server.reopen();
    EXPECT_EQ(server.consumers().get({}, "a")->at, Position(20));
}

TEST(ConsumerStore, AStoredPositionThatTheLogLostIsNamedAndARewindMendsIt) {
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const auto tokens = server.append_many(2);
    ASSERT_TRUE(server.consumers().save_and_wait({}, {"a", tokens[0], 0}));
    // As after a restore of the users' log: the stored token is of another history.
    model::PositionToken token = model::parse_token(tokens[1]).value();
    token.chain_bits ^= 1;
    Record record;
    record.position = model::format_token(token);
    record.at = Position(2);
    const std::string data = encode_record(record);
    const auto system = server.events().system_log("default").value();
    model::AppendRequest request;
    model::NewEvent& event = request.events.emplace_back();
    event.stream = "$consumer-b";
    event.type = type_of(RecordKind::kSaved);
    event.data = data;
    std::promise<Result<model::AppendResult>> answer;
    system->submit({}, request, [&](Result<model::AppendResult> result) {
        answer.set_value(std::move(result));
    });
    ASSERT_TRUE(answer.get_future().get());

    const auto shown = server.consumers().get({}, "b").value();
    EXPECT_EQ(shown.problem, "token_unknown");
    EXPECT_FALSE(shown.behind);
    const auto refused = server.consumers().save_and_wait({}, {"b", tokens[1], 0});
    ASSERT_EQ(code_of(refused), "token_unknown");
    EXPECT_EQ(refused.error().field("field"), "stored_position");
    const auto rewound = server.consumers().rewind({}, {"b", tokens[0], "restored", ""});
    ASSERT_TRUE(rewound);
    EXPECT_EQ(rewound->problem, "");
    EXPECT_TRUE(server.consumers().save_and_wait({}, {"b", tokens[1], rewound->epoch}));
}

Result<ConsumerProgress> save_offset(
    Server& server, const std::string& consumer, const std::string& offset
) {
    std::promise<Result<ConsumerProgress>> answer;
    server.consumers().save_offset({}, {consumer, offset, ""}, [&](auto result) {
        answer.set_value(std::move(result));
    });
    return answer.get_future().get();
}

TEST(ConsumerStore, OffsetsOfDialectsAreAnyTextBackAndForth) {
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const auto tokens = server.append_many(3);
    const auto number = save_offset(server, "a", "2");
    ASSERT_TRUE(number) << number.error().to_string();
    EXPECT_EQ(number->position, tokens[1]);
    EXPECT_EQ(number->behind, 1u);
    EXPECT_EQ(number->offset, "2");
    EXPECT_EQ(save_offset(server, "a", "1")->position, tokens[0]);
    for (const std::string text : {"abc", "4", "-1", "1.5", "99999999999999999999999", " 1"}) {
        const auto saved = save_offset(server, "a", text);
        ASSERT_TRUE(saved) << saved.error().to_string();
        EXPECT_EQ(saved->offset, text);
        EXPECT_EQ(saved->position, "");
        EXPECT_FALSE(saved->behind);
    }
    const std::uint64_t before = server.system_events();
    ASSERT_TRUE(save_offset(server, "a", " 1"));
    EXPECT_EQ(server.system_events(), before) << "the same again is no change";
    EXPECT_EQ(server.consumers().save_and_wait({}, {"a", tokens[0], 0})->offset, "");
    EXPECT_EQ(code_of(save_offset(server, "a", "")), "invalid_argument");
    ASSERT_TRUE(server.consumers().claim({}, {"a", "host-1"}));
    EXPECT_EQ(code_of(save_offset(server, "a", "3")), "consumer_fenced");
    ASSERT_TRUE(server.consumers().rewind({}, {"a", Position(0), "again", ""}));
    EXPECT_EQ(save_offset(server, "a", "3")->position, tokens[2]) << "nobody owns it";
}

TEST(ConsumerStore, LooksAtManyDeletedConsumersPageByPage) {
    const auto files = log::make_memory_file_system();
    Server server(*files);
    const std::string token = server.append();
    for (int i = 0; i < 30; ++i) {
        const std::string name = "gone-" + std::to_string(i);
        ASSERT_TRUE(server.consumers().save_and_wait({}, {name, token, 0}));
        ASSERT_TRUE(server.consumers().remove({}, {name}));
    }
    ASSERT_TRUE(server.consumers().save_and_wait({}, {"here", token, 0}));
    const auto page = server.consumers().list({}, {"", "", 2}).value();
    ASSERT_EQ(page.consumers.size(), 1u);
    EXPECT_EQ(page.consumers[0].consumer, "here");
}

TEST(ConsumerHistory, APageLooksAtSoManyEventsAndGoesOnWhereItStopped) {
    const auto files = log::make_memory_file_system();
    Server server(*files);
    ASSERT_TRUE(server.consumers().claim({}, {"indexer", "host-1", "ann"}));
    ASSERT_TRUE(server.consumers().rewind({}, {"indexer", Position(0), "anew", "bob"}));
    constexpr int kSaves = 5'000;
    for (int i = 0; i < kSaves; ++i) {
        const auto done = std::make_shared<std::promise<bool>>();
        std::future<bool> answer = done->get_future();
        server.consumers().save_offset(
            {},
            {"indexer", "at " + std::to_string(i), ""},
            [done](const Result<ConsumerProgress>& saved) { done->set_value(saved.has_value()); }
        );
        ASSERT_TRUE(answer.get());
    }
    api::ConsumerHistoryRequest request{"indexer"};
    const auto first = server.consumers().history({}, request);
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->entries.empty());
    EXPECT_EQ(first->next, std::to_string(2 + kSaves - 4'096)) << "4,096 of the newest were seen";
    request.after = first->next;
    const auto second = server.consumers().history({}, request);
    ASSERT_TRUE(second);
    ASSERT_EQ(second->entries.size(), 2u);
    EXPECT_EQ(second->entries[0].deed, api::ConsumerDeed::kRewound);
    EXPECT_EQ(second->entries[0].actor, "bob");
    EXPECT_EQ(second->entries[1].deed, api::ConsumerDeed::kClaimed);
    EXPECT_EQ(second->next, "");
    request.after = "";
    request.is_everything = true;
    request.limit = 3;
    const auto saved = server.consumers().history({}, request);
    ASSERT_TRUE(saved);
    ASSERT_EQ(saved->entries.size(), 3u);
    EXPECT_EQ(saved->entries[0].offset, "at 4999");
}

}  // namespace
}  // namespace annals::consumers
