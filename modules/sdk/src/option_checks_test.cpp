// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "annals/typed.hpp"

#include "sdk_test_support.hpp"

namespace annals {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::Counter;
using testing::failure_of;
using testing::memory_store;

constexpr milliseconds kOverAYear = hours(24 * 365) + milliseconds(1);
constexpr const char* kPauses = " ms: give 0 or more and at most a year, 31536000000 ms";

/// The option that a call refuses, its value and the message.
struct Refused {
    std::string field;
    std::string value;
    std::string message;

    bool operator==(const Refused&) const = default;
};

void PrintTo(const Refused& refused, std::ostream* to) {
    *to << refused.field << " " << refused.value << ": " << refused.message;
}

Refused refused_by(const std::function<void()>& call) {
    const Failure failure = failure_of(call);
    EXPECT_EQ(failure.code(), ErrorCode::kInvalidArgument) << failure.what();
    EXPECT_FALSE(failure.is_transient());
    return {
        std::string(failure.field("field")),
        std::string(failure.field("value")),
        std::string(failure.message())
    };
}

TEST(OptionsOfAClient, HaveABackoffThatFitsBesideTheClock) {
    const auto backoff_refused = [](const Backoff& backoff) {
        return refused_by([&] { (void)memory_store({.backoff = backoff}); });
    };
    const std::string remedy =
        " ms cannot be: give a positive first and a max that is not below it, at most a year, "
        "31536000000 ms";
    EXPECT_EQ(
        backoff_refused({milliseconds(0), milliseconds(5)}),
        (Refused{"backoff", "0..5", "a backoff from 0 ms to 5" + remedy})
    );
    EXPECT_EQ(backoff_refused({milliseconds(-1), milliseconds(5)}).value, "-1..5");
    EXPECT_EQ(
        backoff_refused({milliseconds(1), milliseconds::max()}),
        (Refused{
            "backoff",
            "1..9223372036854775807",
            "a backoff from 1 ms to 9223372036854775807" + remedy
        })
    );
}

TEST(OptionsOfAClient, HaveTextsOfPemFilesAndDoNotShowThem) {
    const auto tls_refused = [](const Tls& tls) {
        return refused_by([&] { (void)connect("127.0.0.1:1", {.tls = tls}); });
    };
    const std::string pem = "-----BEGIN CERTIFICATE-----\n";
    EXPECT_EQ(
        tls_refused({.root_certificates = "/etc/ca.pem"}),
        (Refused{
            "tls.root_certificates",
            "",
            "tls.root_certificates has no -----BEGIN CERTIFICATE-----: give the text of a PEM "
            "file, not its name"
        })
    );
    EXPECT_EQ(tls_refused({.certificate = "a", .private_key = "b"}).field, "tls.certificate");
    EXPECT_EQ(tls_refused({.certificate = pem, .private_key = pem}).field, "tls.private_key");
}

TEST(OptionsOfAClient, HaveAnAddressWithAPort) {
    const auto address_refused = [](const char* address) {
        return refused_by([&] { (void)connect(address); });
    };
    EXPECT_EQ(
        address_refused("http://127.0.0.1:7401"),
        (Refused{
            "address",
            "http://127.0.0.1:7401",
            "\"http://127.0.0.1:7401\" is a URL: give HOST:PORT of the server's gRPC (--grpc), "
            "without http://; tls encrypts"
        })
    );
    for (const char* address : {"nonsense", "localhost:", ":7400", "localhost:grpc"}) {
        EXPECT_EQ(
            address_refused(address),
            (Refused{
                "address",
                address,
                "\"" + std::string(address) +
                    "\" has no port: give HOST:PORT, for example 127.0.0.1:7400"
            })
        );
    }
    for (const char* address : {"unix:/tmp/a", "dns:///a:7400", "[::1]:7400", "ipv4:127.0.0.1:1"}) {
        (void)connect(address);
    }
}

TEST(OptionsOfAnEmbeddedStore, HaveMemoryForTheIndex) {
    const auto memory_refused = [](std::uint64_t bytes) {
        return refused_by([&] {
            (void)embedded::open("", {.is_memory = true, .index_memory_bytes = bytes});
        });
    };
    EXPECT_EQ(
        memory_refused(0),
        (Refused{
            "index_memory_bytes",
            "0",
            "index_memory_bytes is 0: give 67108864 (64 MiB) to 1099511627776 (1 TiB)"
        })
    );
    EXPECT_EQ(memory_refused((1ULL << 40U) + 1).value, "1099511627777");
    (void)embedded::open("", {.is_memory = true, .index_memory_bytes = 64U << 20U});
}

TEST(OptionsOfAConsumer, HavePausesThatCanBe) {
    const Client client = memory_store();
    const auto consumer_refused = [&](const ConsumerOptions& options) {
        return refused_by([&] { (void)client.consumer("c", {}, options); });
    };
    EXPECT_EQ(
        consumer_refused({.save_interval = milliseconds(-1)}),
        (Refused{"save_interval", "-1", std::string("save_interval is -1") + kPauses})
    );
    EXPECT_EQ(
        consumer_refused({.save_interval = kOverAYear}),
        (Refused{
            "save_interval", "31536000001", std::string("save_interval is 31536000001") + kPauses
        })
    );
    EXPECT_EQ(
        consumer_refused({.save_within = milliseconds(-7)}),
        (Refused{"save_within", "-7", std::string("save_within is -7") + kPauses})
    );
    EXPECT_EQ(consumer_refused({.save_within = milliseconds::max()}).value, "9223372036854775807");
    (void)client.consumer("c", {}, {.save_interval = milliseconds(0), .save_within = hours(8'760)});
}

TEST(OptionsOfASubscription, TakeNothingForTheUsualAndNameABatchThatIsTooLarge) {
    const Client client = memory_store();
    client.append("a-1", {{.type = "A"}});
    Subscription usual = client.subscribe({}, {.batch_events_max = 0, .checkpoint_interval = 0});
    EXPECT_EQ(usual.next().value().events.size(), 1U);
    Subscription subscription = client.subscribe({}, {.batch_events_max = 4'097});
    const Failure failure = failure_of([&] { (void)subscription.next(); });
    EXPECT_EQ(failure.code(), ErrorCode::kLimitExceeded);
    EXPECT_EQ(failure.field("field"), "batch_events_max");
}

TEST(OptionsOfAMember, HaveHandlersAtOnce) {
    const Client client = memory_store();
    client.group("work").create();
    const auto work_refused = [&](unsigned concurrency) {
        return refused_by([&] {
            client.group("work").run({.concurrency = concurrency}, [](const Delivery&) {});
        });
    };
    EXPECT_EQ(work_refused(0), (Refused{"concurrency", "0", "concurrency is 0: give 1 to 5000"}));
    EXPECT_EQ(
        work_refused(5'001), (Refused{"concurrency", "5001", "concurrency is 5001: give 1 to 5000"})
    );
}

TEST(OptionsOfAMember, HaveADelayThatTheWireCarries) {
    const Client client = memory_store();
    client.append("a-1", {{.type = "A"}});
    const Group group = client.group("work");
    group.create();
    Member member = group.join("m");
    const std::optional<Delivery> delivery = member.next();
    ASSERT_TRUE(delivery);
    const auto delay_refused = [&](milliseconds delay) {
        return refused_by([&] { delivery->retry("not now", delay); });
    };
    const std::string remedy = " ms: give 0 to 4294967295 ms, or none for the group's backoff";
    EXPECT_EQ(delay_refused(milliseconds(-1)), (Refused{"delay", "-1", "delay is -1" + remedy}));
    EXPECT_EQ(
        delay_refused(milliseconds(4'294'967'296)),
        (Refused{"delay", "4294967296", "delay is 4294967296" + remedy})
    );
    delivery->ack();  // it is this member's still
    member.stop();
}

TEST(OptionsOfADecision, HaveAnAttempt) {
    const Client client = memory_store();
    const auto attempts_refused = [&](int attempts) {
        return refused_by([&] {
            (void)handle<Counter>(client, "counter-1", 1, {.attempts_max = attempts});
        });
    };
    const std::string remedy = ": give 1 or more, the first attempt counts";
    EXPECT_EQ(attempts_refused(0), (Refused{"attempts_max", "0", "attempts_max is 0" + remedy}));
    EXPECT_EQ(attempts_refused(-3).value, "-3");
    int tries = 0;
    EXPECT_EQ(
        refused_by([&] { client.retry_on_conflict([&] { ++tries; }, 0); }).field, "attempts_max"
    );
    EXPECT_EQ(tries, 0);
    EXPECT_EQ(handle<Counter>(client, "counter-1", 1, {.attempts_max = 1}).state, 1);
}

}  // namespace
}  // namespace annals
