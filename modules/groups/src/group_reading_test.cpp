// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A group reads without its lock: what happens meanwhile loses nothing and reads nothing twice.
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/base/clock.hpp"
#include "annals/groups/consumer_groups.hpp"
#include "annals/groups/testing/server.hpp"

namespace annals::groups {
namespace {

constexpr std::int64_t kReadingPatienceNs = 60'000'000'000;
constexpr int kKeys = 7;

class GroupReading : public ::testing::Test {
  protected:
    void append(int number) {
        const std::string stream = "s-" + std::to_string(number % kKeys);
        const std::string data = std::to_string(number);
        model::AppendRequest request;
        model::NewEvent& event = request.events.emplace_back();
        event.stream = stream;
        event.type = "happened";
        event.data = data;
        event.content_type = "text/plain";
        ASSERT_TRUE(server_.events().append_and_wait({}, request));
    }
    void create() { ASSERT_TRUE(server_.groups().create({}, {"orders", {}, "ann"})); }

    /// Takes and acknowledges once; the numbers that came, by stream. False: the membership is
    /// over.
    bool work(api::GroupMembership& member, std::int64_t until_ns, std::vector<int>& numbers) {
        api::GroupDeliveries deliveries;
        const auto has_some = member.next(deliveries, until_ns);
        if (!has_some) return has_some.error().code() == ErrorCode::kDeadlineExceeded;
        std::vector<api::Settlement> settled;
        settled.reserve(deliveries.deliveries.size());
        for (const auto delivery : deliveries.deliveries) settled.push_back({delivery});
        const Status read = deliveries.events.for_each([&](const model::RecordedEvent& event) {
            numbers.push_back(std::stoi(std::string(event.data)));
            return ok();
        });
        EXPECT_TRUE(read);
        return member.settle(settled).has_value();
    }
    std::unique_ptr<api::GroupMembership> join() {
        auto joined = server_.groups().join({}, {"orders", "m", 0, false});
        return joined ? std::move(*joined) : nullptr;
    }
    /// Each number once, those of a key in order.
    static void expect_all(const std::vector<int>& numbers, int count) {
        ASSERT_EQ(numbers.size(), static_cast<std::size_t>(count));
        std::map<int, int> last;
        for (const int number : numbers) {
            const auto [at, is_first] = last.try_emplace(number % kKeys, number);
            EXPECT_TRUE(is_first ? number < kKeys : number == at->second + kKeys) << number;
            at->second = number;
        }
    }

    std::unique_ptr<log::FileSystem> files_ = log::make_memory_file_system();
    testing::Server server_{*files_};
};

TEST_F(GroupReading, NoEventIsMissedThatComesAsItArms) {
    constexpr int kEvents = 2'000;
    create();
    std::vector<int> numbers;
    std::thread worker([&] {
        const auto member = join();
        ASSERT_NE(member, nullptr);
        // Caught up most of the time: it arms again and again.
        const std::int64_t until_ns = system_clock().monotonic_ns() + kReadingPatienceNs;
        while (numbers.size() < kEvents && system_clock().monotonic_ns() < until_ns) {
            ASSERT_TRUE(work(*member, until_ns, numbers));
        }
    });
    for (int number = 0; number < kEvents; ++number) append(number);
    worker.join();
    expect_all(numbers, kEvents);
}

TEST_F(GroupReading, ResetsWhileItReadsLoseNothing) {
    constexpr int kEvents = 1'000;
    constexpr int kResets = 25;
    create();
    std::atomic<bool> is_over{false};
    std::vector<std::thread> workers;
    workers.reserve(2);
    for (int i = 0; i < 2; ++i) {
        workers.emplace_back([&] {
            while (!is_over) {
                const auto member = join();
                std::vector<int> numbers;
                while (member != nullptr && !is_over) {
                    const std::int64_t soon_ns = system_clock().monotonic_ns() + 5'000'000;
                    if (!work(*member, soon_ns, numbers)) break;
                }
            }
        });
    }
    std::thread writer([&] {
        for (int number = 0; number < kEvents; ++number) append(number);
    });
    for (int i = 0; i < kResets; ++i) {
        const auto done = server_.groups().control(
            {}, {"orders", api::GroupCommand::kReset, {}, "again", "ann"}
        );
        EXPECT_TRUE(done) << done.error().to_string();
    }
    writer.join();
    is_over = true;
    for (std::thread& worker : workers) worker.join();
    ASSERT_TRUE(server_.groups().control(
        {}, {"orders", api::GroupCommand::kReset, {}, "from the start", "ann"}
    ));
    const auto member = join();
    ASSERT_NE(member, nullptr);
    std::vector<int> numbers;
    const std::int64_t until_ns = system_clock().monotonic_ns() + kReadingPatienceNs;
    while (numbers.size() < kEvents && system_clock().monotonic_ns() < until_ns) {
        ASSERT_TRUE(work(*member, until_ns, numbers));
    }
    expect_all(numbers, kEvents);
}

}  // namespace
}  // namespace annals::groups
