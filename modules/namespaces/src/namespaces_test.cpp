// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/namespaces/namespaces.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/testing/comes_true.hpp"
#include "annals/commit/testing/hand_clock.hpp"
#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"
#include "annals/order_local/local_orderer.hpp"

namespace annals::namespaces {
namespace {

api::CallContext in(std::string_view name_space) {
    api::CallContext context;
    context.name_space = name_space;
    return context;
}

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::int64_t kDayNs = 1'440 * kMinuteNs;

/// A server's store over files in memory that survive reopening.
class NamespacesTest : public testing::Test {
  protected:
    NamespacesTest() { reopen(); }

    void reopen() {
        store_.reset();
        NamespacesOptions options;
        options.directory = "data/namespaces";
        options.files = files_.get();
        options.version = "test";
        options.open_orderer =
            [this](const std::string& name, const std::string& directory, LogKind kind) {
                if (name == gated_) gate_.wait();
                order_local::OrdererOptions orderer;
                orderer.clock = &clock_;
                orderer.index.is_in_memory = true;
                orderer.log.has_tree = kind == LogKind::kEvents;
                order_local::OpenReport report;
                return order_local::open_local_orderer(
                    *files_, directory, orderer, memory_, report
                );
            };
        options.clock = &clock_;
        options.look_after_every_ns = look_after_every_ns_;
        options.on_clock = [this](const ClockReport& report) { told_.push_back(report); };
        Result<std::unique_ptr<Namespaces>> opened = Namespaces::open(std::move(options));
        ASSERT_TRUE(opened) << opened.error().to_string();
        store_ = std::move(*opened);
    }

    Result<api::AppendResponse> append(std::string_view name_space, std::string_view stream) {
        model::NewEvent event;
        event.stream = stream;
        event.type = "happened";
        event.data = "{}";
        model::AppendRequest request;
        request.events.push_back(event);
        return store_->append_and_wait(in(name_space), request);
    }

    std::vector<std::string> names() {
        std::vector<std::string> all;
        const auto listed = store_->list_namespaces({});
        EXPECT_TRUE(listed);
        for (const api::NamespaceInfo& info : *listed) all.push_back(info.name);
        return all;
    }

    using Answer = Result<api::AppendResponse>;

    /// Appends as a door's polling thread does, with bytes that are gone when append() returns.
    /// Nothing when append() itself waited.
    std::optional<std::future<Answer>> append_without_waiting(
        std::string_view name_space, model::ExpectedRevision expected
    ) {
        auto answer = std::make_shared<std::promise<Answer>>();
        std::future<Answer> answered = answer->get_future();
        std::future<void> returned = std::async(std::launch::async, [=, this] {
            std::string name(name_space);
            std::string stream = "a-1";
            std::string type = "happened";
            std::string tag = "t:1";
            model::NewEvent event;
            event.type = type;
            event.tags.push_back(tag);
            model::AppendRequest request;
            request.stream = stream;
            request.events.push_back(event);
            request.checks.emplace_back(model::StreamCheck{stream, expected});
            store_->append(in(name), request, [answer](Answer outcome) {
                answer->set_value(std::move(outcome));
            });
            for (std::string* text : {&name, &stream, &type, &tag}) text->assign("*****");
        });
        const bool is_back = returned.wait_for(std::chrono::seconds(60)) ==
                             std::future_status::ready;
        if (!is_back) open_gate();  // so that the test fails instead of hanging
        returned.wait();
        if (!is_back) return std::nullopt;
        return answered;
    }

    /// The next opening of this namespace's log waits for open_gate().
    void gate(std::string name) {
        gated_ = std::move(name);
        gate_opened_ = {};
        gate_ = gate_opened_.get_future().share();
        is_gate_open_ = false;
    }
    void open_gate() {
        if (!std::exchange(is_gate_open_, true)) gate_opened_.set_value();
    }

    /// Nothing when the namespace is not open.
    /// An answer may be there a moment before who gave it has let go of the namespace.
    bool is_closed_when_looked_after(const std::string& name) {
        return base::testing::comes_true([&] {
            store_->look_after();
            return !status_of(name);
        });
    }
    std::optional<NamespaceStatus> status_of(const std::string& name) {
        for (NamespaceStatus& status : store_->status()) {
            if (status.name == name) return std::move(status);
        }
        return std::nullopt;
    }

    commit::testing::HandClock clock_;
    std::int64_t look_after_every_ns_ = kDayNs;  // never, for a test
    std::vector<ClockReport> told_;
    std::string gated_;
    std::promise<void> gate_opened_;
    std::shared_future<void> gate_;
    bool is_gate_open_ = true;
    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    index::IndexMemory memory_{64u << 20u};
    std::unique_ptr<Namespaces> store_;
};

TEST_F(NamespacesTest, AFolderThatIsGoneIsALossAndNoEmptyNamespace) {
    ASSERT_TRUE(store_->create_namespace({}, "shop"));
    ASSERT_TRUE(store_->create_namespace({}, "unused"));
    ASSERT_TRUE(append("shop", "a-1"));
    store_.reset();
    const auto folders = files_->list("data/namespaces");
    ASSERT_TRUE(folders);
    std::string of_default;
    for (const std::string& folder : *folders) {
        if (folder.starts_with("default.")) of_default = "data/namespaces/" + folder;
        if (!folder.starts_with("shop.")) continue;
        ASSERT_TRUE(files_->remove_all("data/namespaces/" + folder));
    }
    reopen();
    for (int i = 0; i < 2; ++i) {
        const auto refused = append("shop", "a-1");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code(), ErrorCode::kDataLoss);
        EXPECT_EQ(refused.error().field("namespace"), "shop");
    }
    EXPECT_TRUE(append("unused", "a-1")) << "it never had one";
    ASSERT_TRUE(store_->delete_namespace({}, "shop"));
    ASSERT_TRUE(store_->create_namespace({}, "shop"));
    EXPECT_TRUE(append("shop", "a-1"));
    store_.reset();
    ASSERT_TRUE(files_->remove_all(of_default));
    NamespacesOptions options;
    options.directory = "data/namespaces";
    options.files = files_.get();
    options.open_orderer = [this](const std::string&, const std::string& directory, LogKind) {
        order_local::OrdererOptions orderer;
        orderer.index.is_in_memory = true;
        order_local::OpenReport report;
        return order_local::open_local_orderer(*files_, directory, orderer, memory_, report);
    };
    const auto opened = Namespaces::open(std::move(options));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), ErrorCode::kDataLoss);
}

TEST_F(NamespacesTest, DefaultIsThereFromTheStart) {
    EXPECT_EQ(names(), std::vector<std::string>{"default"});
    const Result<api::AppendResponse> appended = append("default", "a-1");
    ASSERT_TRUE(appended);
    EXPECT_EQ(appended->last_position, Position(1));
    EXPECT_EQ(appended->position.size(), 36u);
    EXPECT_TRUE(append("", "a-1")) << "no name means default";
}

TEST_F(NamespacesTest, EachHasPositionsOfItsOwn) {
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    ASSERT_TRUE(append("default", "a-1"));
    ASSERT_TRUE(append("default", "a-1"));
    const Result<api::AppendResponse> appended = append("tenant-a", "a-1");
    ASSERT_TRUE(appended);
    EXPECT_EQ(appended->last_position, Position(1));
    EXPECT_EQ(store_->info(in("default"))->last_position, Position(2));
}

TEST_F(NamespacesTest, TheySurviveReopening) {
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    ASSERT_TRUE(append("tenant-a", "a-1"));
    reopen();
    EXPECT_EQ(names(), (std::vector<std::string>{"default", "tenant-a"}));
    EXPECT_EQ(store_->get_stream(in("tenant-a"), "a-1")->events, 1u);
}

TEST_F(NamespacesTest, OneThatIsNotThereIsATypedError) {
    const Result<api::AppendResponse> appended = append("nowhere", "a-1");
    ASSERT_FALSE(appended);
    EXPECT_EQ(appended.error().code(), ErrorCode::kNamespaceNotFound);
    EXPECT_EQ(appended.error().field("namespace"), "nowhere");
    EXPECT_EQ(
        store_->delete_namespace({}, "nowhere").error().code(), ErrorCode::kNamespaceNotFound
    );
}

TEST_F(NamespacesTest, CreatingTwiceOrWithABadNameIsRefused) {
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    EXPECT_EQ(store_->create_namespace({}, "tenant-a").error().code(), ErrorCode::kNamespaceExists);
    EXPECT_EQ(store_->create_namespace({}, "Tenant").error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(store_->create_namespace({}, "$system").error().code(), ErrorCode::kNamespaceExists);
}

TEST_F(NamespacesTest, ADeletedOneIsGoneAndItsNameIsFreeAndEmpty) {
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    ASSERT_TRUE(append("tenant-a", "a-1"));
    ASSERT_TRUE(store_->delete_namespace({}, "tenant-a"));
    EXPECT_EQ(append("tenant-a", "a-1").error().code(), ErrorCode::kNamespaceNotFound);
    const auto folders = files_->list("data/namespaces");
    ASSERT_TRUE(folders);
    EXPECT_TRUE(std::none_of(folders->begin(), folders->end(), [](const std::string& folder) {
        return folder.starts_with("tenant-a");
    }));
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    EXPECT_EQ(append("tenant-a", "a-1")->last_position, Position(1));
}

TEST_F(NamespacesTest, DefaultAndSystemCannotBeDeleted) {
    EXPECT_EQ(store_->delete_namespace({}, "default").error().code(), ErrorCode::kNotPermitted);
    const Error system = store_->delete_namespace({}, "$system").error();
    EXPECT_EQ(system.code(), ErrorCode::kNotPermitted);
    EXPECT_EQ(system.message(), "the namespace \"$system\" is always there");
}

TEST_F(NamespacesTest, UsersReadTheServersOwnNamespaceAndDoNotWriteThere) {
    const auto refused = [](const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kNotPermitted) << error.to_string();
        EXPECT_EQ(error.field("namespace"), "$system");
        EXPECT_FALSE(error.field("remedy").empty());
    };
    refused(append("$system", "a-1").error());
    refused(store_->delete_stream(in("$system"), {"a-1", {}, ""}).error());
    refused(store_->tombstone_stream(in("$system"), {"a-1", {}, ""}).error());
    refused(store_->truncate_stream(in("$system"), {}).error());
    refused(store_->set_stream_metadata(in("$system"), {}).error());
    const Position before = store_->info(in("$system"))->last_position;
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a")) << "the server goes on";
    EXPECT_EQ(store_->info(in("$system"))->last_position, before.next());
}

TEST_F(NamespacesTest, ASubscriptionOfADeletedOneEndsWithATypedErrorInsteadOfWaiting) {
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    auto subscription = store_->subscribe(in("tenant-a"), {});
    ASSERT_TRUE(subscription);
    ASSERT_TRUE(store_->delete_namespace({}, "tenant-a"));
    const std::int64_t deadline = system_clock().monotonic_ns() + 60'000'000'000;
    while (true) {
        const Result<api::SubscriptionFrame> frame = (*subscription)->next(deadline);
        if (frame) continue;  // caught-up comes first
        EXPECT_EQ(frame.error().code(), ErrorCode::kNamespaceNotFound);
        EXPECT_EQ(frame.error().field("namespace"), "tenant-a");
        break;
    }
}

TEST_F(NamespacesTest, FoldersThatTheLogDoesNotKnowAreLeftAloneAndNamed) {
    ASSERT_TRUE(files_->create_directories("data/namespaces/stranger.9"));
    ASSERT_TRUE(files_->open("data/namespaces/stranger.9/file", log::FileSystem::Mode::kCreate));
    reopen();
    EXPECT_EQ(store_->unknown_folders(), std::vector<std::string>{"stranger.9"});
    EXPECT_TRUE(files_->exists("data/namespaces/stranger.9/file").value());
}

TEST_F(NamespacesTest, TheSystemLogLiesBesideTheUsersLogWithPositionsOfItsOwn) {
    ASSERT_TRUE(append("default", "a-1"));
    const auto system = store_->system_log("default");
    ASSERT_TRUE(system);
    model::NewEvent event;
    event.stream = "$checkpoints-a";
    event.type = "saved";
    model::AppendRequest request;
    request.events.push_back(event);
    std::promise<Result<model::AppendResult>> answer;
    (*system)->submit({}, request, [&](Result<model::AppendResult> result) {
        answer.set_value(std::move(result));
    });
    const Result<model::AppendResult> saved = answer.get_future().get();
    ASSERT_TRUE(saved);
    EXPECT_EQ(saved->last_position, Position(1));
    EXPECT_EQ(store_->info({})->last_position, Position(1)) << "the users' log is not diluted";
}

TEST_F(NamespacesTest, OthersAreServedWhileANamespaceOpensAndItsAppendsKeepTheirOrder) {
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    gate("tenant-a");
    std::vector<std::future<Answer>> early;
    for (std::uint64_t i = 0; i < 20; ++i) {
        const auto expected = i == 0 ? model::ExpectedRevision::no_stream()
                                     : model::ExpectedRevision::exactly(Revision(i - 1));
        auto answer = append_without_waiting("tenant-a", expected);
        ASSERT_TRUE(answer) << "append() waited for the opening";
        early.push_back(std::move(*answer));
    }
    EXPECT_TRUE(append("default", "b-1")) << "another namespace is served meanwhile";
    EXPECT_FALSE(store_->try_read(in("tenant-a"), {})) << "for a thread that may wait";
    EXPECT_EQ(early[0].wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    open_gate();
    // One that comes while the others are handed over does not overtake them.
    auto last = append_without_waiting("tenant-a", model::ExpectedRevision::exactly(Revision(19)));
    ASSERT_TRUE(last);
    early.push_back(std::move(*last));
    for (std::uint64_t i = 0; i < early.size(); ++i) {
        const Answer answer = early[i].get();
        ASSERT_TRUE(answer) << i << ": " << answer.error().to_string();
        EXPECT_EQ(answer->last_position, Position(i + 1));
    }
    EXPECT_EQ(store_->get_stream(in("tenant-a"), "a-1")->events, 21u);
}

TEST_F(NamespacesTest, AnEarlyAppendToOneThatIsNotThereIsRefusedAtOnce) {
    auto answer = append_without_waiting("nowhere", model::ExpectedRevision::any());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->get().error().code(), ErrorCode::kNamespaceNotFound);
}

TEST_F(NamespacesTest, ClosingAnswersTheAppendsThatWaitForAnOpening) {
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    gate("tenant-a");
    auto answer = append_without_waiting("tenant-a", model::ExpectedRevision::any());
    ASSERT_TRUE(answer);
    std::future<Status> closed = std::async(std::launch::async, [&] { return store_->close(); });
    open_gate();
    const Answer outcome = answer->get();
    EXPECT_TRUE(outcome || outcome.error().code() == ErrorCode::kShuttingDown);
    EXPECT_TRUE(closed.get());
}

TEST_F(NamespacesTest, AnOpeningThatFailsIsTheAnswer) {
    ASSERT_TRUE(store_->create_namespace({}, "tenant-a"));
    ASSERT_TRUE(append("tenant-a", "a-1"));
    reopen();
    const auto folders = files_->list("data/namespaces");
    for (const std::string& folder : *folders) {
        const std::string file = "data/namespaces/" + folder + "/events/LOG";
        if (!folder.starts_with("tenant-a")) continue;
        ASSERT_TRUE(files_->remove(file)) << file;
    }
    auto answer = append_without_waiting("tenant-a", model::ExpectedRevision::any());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->get().error().code(), ErrorCode::kDataLoss);
}

TEST_F(NamespacesTest, AfterClosingEveryCallIsRefused) {
    ASSERT_TRUE(append("default", "a-1"));
    ASSERT_TRUE(store_->close());
    EXPECT_EQ(append("default", "a-1").error().code(), ErrorCode::kShuttingDown);
}

TEST_F(NamespacesTest, TheListTellsTheEndOfOneThatIsNotOpenAndLeavesItClosed) {
    const auto end_of = [&](std::string_view name) {
        const auto listed = store_->list_namespaces({});
        EXPECT_TRUE(listed);
        for (const api::NamespaceInfo& info : *listed) {
            if (info.name == name) return info.last_position.value;
        }
        return std::uint64_t{999};
    };
    ASSERT_TRUE(store_->create_namespace({}, "pay"));
    EXPECT_EQ(end_of("pay"), 0u) << "nobody wrote there";
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(append("pay", "a-1"));
    EXPECT_EQ(end_of("pay"), 3u);
    reopen();
    EXPECT_EQ(end_of("pay"), 3u) << "after a restart";
    EXPECT_FALSE(status_of("pay")) << "to be listed opens nothing";
    EXPECT_EQ(end_of("pay"), 3u) << "as it was read";
    ASSERT_TRUE(append("pay", "a-1"));
    clock_.pass(11 * kMinuteNs);
    ASSERT_TRUE(is_closed_when_looked_after("pay"));
    EXPECT_EQ(end_of("pay"), 4u) << "closed by itself";
    ASSERT_TRUE(store_->delete_namespace({}, "pay"));
    ASSERT_TRUE(store_->create_namespace({}, "pay"));
    EXPECT_EQ(end_of("pay"), 0u) << "of the new one";
}

// ---- log-and-rules 3.2 ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
using Rules3_2 = NamespacesTest;

TEST_F(Rules3_2, IdleNamespacesClose) {
    ASSERT_TRUE(store_->create_namespace({}, "idle"));
    ASSERT_TRUE(store_->create_namespace({}, "used"));
    ASSERT_TRUE(append("idle", "a-1"));
    clock_.pass(9 * kMinuteNs);
    ASSERT_TRUE(append("used", "a-1"));
    store_->look_after();
    EXPECT_TRUE(status_of("idle")) << "for nine minutes only";
    clock_.pass(2 * kMinuteNs);
    EXPECT_EQ(names().size(), 3u) << "to be listed is no use";
    ASSERT_TRUE(is_closed_when_looked_after("idle"));
    EXPECT_TRUE(status_of("used"));
    clock_.pass(kDayNs);
    EXPECT_TRUE(is_closed_when_looked_after("used"));
    EXPECT_TRUE(status_of("default") && status_of("$system")) << "these stay";
    const auto again = append("idle", "a-1");
    ASSERT_TRUE(again) << again.error().to_string();
    EXPECT_EQ(again->last_position, Position(2));
}

TEST_F(Rules3_2, ANamespaceThatSomebodyReadsIsNotIdle) {
    ASSERT_TRUE(store_->create_namespace({}, "shop"));
    ASSERT_TRUE(append("shop", "a-1"));
    api::SubscribeRequest request;
    auto subscription = store_->subscribe(in("shop"), request);
    ASSERT_TRUE(subscription);
    clock_.pass(kDayNs);
    store_->look_after();
    EXPECT_TRUE(status_of("shop"));
    subscription->reset();
    EXPECT_TRUE(is_closed_when_looked_after("shop"));
}

TEST_F(Rules3_2, IdleNamespacesCloseByThemselves) {
    look_after_every_ns_ = 1'000'000;
    reopen();
    ASSERT_TRUE(store_->create_namespace({}, "shop"));
    ASSERT_TRUE(append("shop", "a-1"));
    clock_.pass(11 * kMinuteNs);
    EXPECT_TRUE(base::testing::comes_true([&] { return !status_of("shop"); }))
        << "nothing else was opened, nobody asked";
    EXPECT_TRUE(append("shop", "a-1"));
}

// ---- log-and-rules 2.6 ----

// NOLINTNEXTLINE(readability-identifier-naming): the rule has this number
class Rules2_6 : public NamespacesTest {
  protected:
    /// Closed, and opened again after the clock moved by so much.
    void reopen_after(std::int64_t ns) {
        store_.reset();
        clock_.turn(ns);
        told_.clear();
        reopen();
    }
    [[nodiscard]] bool are_ages_held(const std::string& name = "default") {
        return status_of(name)->clock.are_ages_held;
    }
    /// Where the run held ages back.
    std::string scavenge(bool confirms_clock = false) {
        api::StartScavengeRequest request;
        request.confirms_clock = confirms_clock;
        EXPECT_TRUE(store_->start_scavenge({}, request));
        store_->wait_for_scavenge();
        const auto status = store_->get_scavenge({});
        EXPECT_EQ(status->state, api::ScavengeState::kDone) << status->error;
        return status->ages_held_in;
    }
};

TEST_F(Rules2_6, AtOpeningAJumpOfOverSevenDaysHoldsAgeBasedScavengingUntilSomebodyConfirms) {
    for (const int direction : {1, -1}) {
        SCOPED_TRACE(direction);
        ASSERT_TRUE(append("default", "a-1"));
        reopen_after(direction * 7 * kDayNs);
        EXPECT_FALSE(are_ages_held()) << "seven days are not over seven days";
        EXPECT_EQ(scavenge(), "");
        EXPECT_TRUE(told_.empty());
        ASSERT_TRUE(append("default", "a-1"));
        const TimeNs last = store_->events_log("default").value()->log().last_time();
        reopen_after(direction * (7 * kDayNs + 1) + last.value - clock_.now().value);
        EXPECT_TRUE(are_ages_held());
        EXPECT_FALSE(are_ages_held("$system")) << "nothing there goes for its age";
        EXPECT_EQ(told_, (std::vector<ClockReport>{{"default", false, true}}));
        EXPECT_EQ(scavenge(), "default");
        EXPECT_TRUE(are_ages_held());
        EXPECT_EQ(scavenge(true), "");
        EXPECT_FALSE(are_ages_held());
        EXPECT_EQ(scavenge(), "") << "confirmed once is confirmed";
        store_->look_after();
        EXPECT_EQ(told_.back(), (ClockReport{"default", false, false}));
    }
}

TEST_F(Rules2_6, AnEmptyLogIsAsOldAsItsOpening) {
    reopen_after(400 * kDayNs);
    EXPECT_FALSE(are_ages_held());
}

TEST_F(Rules2_6, WhereTheLastEventIsLostTheClockIsJudgedByThoseBeforeIt) {
    ASSERT_TRUE(append("default", "a-1"));
    store_.reset();
    const std::string folder = "data/namespaces/default.1/events/";
    ASSERT_TRUE(files_->remove(folder + "CLEAN"));  // else it is believed
    const auto file = *files_->open(
        folder + "00000000000000000001.seg", log::FileSystem::Mode::kReadWrite
    );
    const std::string bytes = *file->read_at(0, static_cast<std::size_t>(*file->size()));
    const std::size_t type = bytes.find("happened");
    ASSERT_NE(type, std::string::npos);
    ASSERT_TRUE(file->write_at(type, "H"));
    told_.clear();
    reopen();
    EXPECT_NE(status_of("default")->read_only_reason, "") << "it is lost";
    EXPECT_FALSE(are_ages_held());
    EXPECT_TRUE(told_.empty());
}

TEST_F(Rules2_6, ANamespaceThatTheServerClosedIsNotJudgedByItsSilence) {
    ASSERT_TRUE(store_->create_namespace({}, "shop"));
    ASSERT_TRUE(append("shop", "a-1"));
    clock_.pass(30 * kDayNs);
    ASSERT_TRUE(is_closed_when_looked_after("shop"));
    clock_.pass(30 * kDayNs);
    ASSERT_TRUE(append("shop", "a-1"));
    EXPECT_FALSE(are_ages_held("shop")) << "time passed while the server ran";
    clock_.pass(kDayNs);
    ASSERT_TRUE(is_closed_when_looked_after("shop"));
    clock_.turn(30 * kDayNs);
    ASSERT_TRUE(append("shop", "a-1"));
    EXPECT_TRUE(are_ages_held("shop")) << "somebody turned the clock";
    clock_.pass(kDayNs);
    ASSERT_TRUE(is_closed_when_looked_after("shop"));
    ASSERT_TRUE(append("shop", "a-1"));
    EXPECT_TRUE(are_ages_held("shop")) << "nobody has confirmed it";
}

TEST_F(Rules2_6, AClockThatLeavesTheMonotonicOneByOverAnHourAlarms) {
    EXPECT_FALSE(status_of("default")->clock.is_distrusted);
    for (const int direction : {1, -1}) {
        clock_.turn(direction * 61 * kMinuteNs);
        EXPECT_TRUE(status_of("default")->clock.is_distrusted) << "also when nobody appends";
        told_.clear();
        store_->look_after();
        store_->look_after();
        EXPECT_EQ(
            told_, (std::vector<ClockReport>{{"$system", true, false}, {"default", true, false}})
        ) << "once";
        clock_.turn(direction * -61 * kMinuteNs);
        EXPECT_FALSE(status_of("default")->clock.is_distrusted);
        store_->look_after();
        EXPECT_EQ(told_.back(), (ClockReport{"default", false, false}));
    }
}

// ---- scavenging ----

class ScavengeOfNamespaces : public NamespacesTest {
  protected:
    /// Appends so many and hides all but the last.
    void hide_all_but_one(std::string_view name_space, const std::string& stream, int events) {
        for (int i = 0; i < events; ++i) ASSERT_TRUE(append(name_space, stream));
        api::SetMetadataRequest request;
        request.target.stream = stream;
        request.metadata.max_count = 1;
        ASSERT_TRUE(store_->set_stream_metadata(in(name_space), request));
    }
    std::size_t records() {
        api::ReadRequest request;
        request.stream = "$scavenges";
        const auto page = store_->read(in("$system"), request);
        return page ? page->events.size() : 0;
    }
};

TEST_F(ScavengeOfNamespaces, GoesOverAllNamespacesAndIsRecorded) {
    ASSERT_TRUE(store_->create_namespace({}, "shop"));
    hide_all_but_one("default", "a", 5);
    hide_all_but_one("shop", "b", 3);
    ASSERT_TRUE(store_->start_scavenge({}, {}));
    store_->wait_for_scavenge();
    const auto status = store_->get_scavenge({});
    ASSERT_TRUE(status);
    EXPECT_EQ(status->state, api::ScavengeState::kDone) << status->error;
    EXPECT_EQ(status->removed_events, 6u);
    EXPECT_EQ(records(), 2u);
    reopen();
    store_->wait_for_scavenge();
    EXPECT_EQ(store_->get_scavenge({})->state, api::ScavengeState::kNever) << "it had ended";
    EXPECT_EQ(store_->get_stream(in("shop"), "b")->events, 1u);
}

TEST_F(ScavengeOfNamespaces, OfOneNamespaceLeavesTheOthers) {
    ASSERT_TRUE(store_->create_namespace({}, "shop"));
    hide_all_but_one("default", "a", 5);
    hide_all_but_one("shop", "b", 3);
    api::StartScavengeRequest request;
    request.name_space = "nowhere";
    EXPECT_EQ(store_->start_scavenge({}, request).error().code(), ErrorCode::kNamespaceNotFound);
    request.name_space = "shop";
    ASSERT_TRUE(store_->start_scavenge({}, request));
    store_->wait_for_scavenge();
    EXPECT_EQ(store_->get_scavenge({})->removed_events, 2u);
}

TEST_F(ScavengeOfNamespaces, OneThatTheServersEndInterruptedGoesOnOnceAtTheNextStart) {
    hide_all_but_one("default", "a", 5);
    api::StartScavengeRequest slow;
    slow.throttle_bytes_per_s = 1;
    ASSERT_TRUE(store_->start_scavenge({}, slow));
    reopen();
    EXPECT_EQ(store_->get_scavenge({})->state, api::ScavengeState::kRunning);
    ASSERT_TRUE(store_->control_scavenge({}, api::ScavengeCommand::kStop));
    store_->wait_for_scavenge();
    reopen();
    EXPECT_EQ(store_->get_scavenge({})->state, api::ScavengeState::kNever) << "somebody stopped it";
    ASSERT_TRUE(store_->start_scavenge({}, slow));
    reopen();
    EXPECT_EQ(store_->get_scavenge({})->state, api::ScavengeState::kRunning);
    reopen();
    EXPECT_EQ(store_->get_scavenge({})->state, api::ScavengeState::kNever)
        << "a scavenge that ends the server must not do so for ever";
}

TEST_F(ScavengeOfNamespaces, OneThatIsPausedStaysPausedOverStartsUntilSomebodyResumesIt) {
    hide_all_but_one("default", "a", 5);
    api::StartScavengeRequest slow;
    slow.name_space = "default";
    slow.throttle_bytes_per_s = 1;
    ASSERT_TRUE(store_->start_scavenge({}, slow));
    ASSERT_TRUE(store_->control_scavenge({}, api::ScavengeCommand::kPause));
    for (int i = 0; i < 3; ++i) {
        reopen();
        EXPECT_EQ(store_->get_scavenge({})->state, api::ScavengeState::kPaused);
        EXPECT_EQ(store_->get_stream(in("default"), "a")->events, 1u);
    }
    ASSERT_TRUE(store_->control_scavenge({}, api::ScavengeCommand::kResume));
    reopen();
    EXPECT_EQ(store_->get_scavenge({})->state, api::ScavengeState::kRunning)
        << "what somebody resumed goes on after a start";
    ASSERT_TRUE(store_->control_scavenge({}, api::ScavengeCommand::kPause));
    ASSERT_TRUE(store_->control_scavenge({}, api::ScavengeCommand::kStop));
    store_->wait_for_scavenge();
    reopen();
    EXPECT_EQ(store_->get_scavenge({})->state, api::ScavengeState::kNever) << "it was stopped";
}

TEST_F(ScavengeOfNamespaces, FreesReplacedSnapshots) {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(append("default", "a"));
    api::Snapshot snapshot;
    snapshot.key = {"a", "sum", 1, 1};
    snapshot.revision = Revision(1);
    for (int i = 0; i < 4; ++i) {
        snapshot.data = std::to_string(i);
        ASSERT_TRUE(store_->store_snapshot({}, snapshot));
    }
    ASSERT_TRUE(store_->start_scavenge({}, {}));
    store_->wait_for_scavenge();
    EXPECT_EQ(store_->get_scavenge({})->removed_events, 3u);
    EXPECT_EQ((*store_->load_snapshot({}, {snapshot.key, {}}))->data, "3");
}

}  // namespace
}  // namespace annals::namespaces
