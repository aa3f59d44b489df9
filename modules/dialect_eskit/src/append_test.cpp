// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Each row of eskit's contract 2.1, Append and GetEvents, on a real store in memory.
#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "annals/dialect_eskit/testing/harness.hpp"

namespace annals::dialect_eskit::testing {
namespace {

using contracts::eventstore::AppendEventRequest;
using contracts::eventstore::Event;
using contracts::eventstore::GetEventsRequest;

class EskitAppend : public ::testing::Test {
  protected:
    void expect_refused(
        int code,
        std::string_view text,
        std::string_view id,
        std::string_view version,
        std::string_view type
    ) {
        const auto answer = eskit_.append(id, version, type);
        EXPECT_EQ(answer.code, code) << answer.text;
        if (!text.empty()) {
            EXPECT_EQ(answer.text, text);
        }
    }

    /// Versions, in the order of the answer.
    std::vector<std::string> versions(
        std::string_view id, std::string_view version = "", std::string_view entity_type = ""
    ) {
        const auto answer = eskit_.get_events(id, version, entity_type);
        EXPECT_EQ(answer.code, kOk) << answer.text;
        std::vector<std::string> out;
        for (const Event& event : answer.message.events()) {
            EXPECT_EQ(event.originator().id(), id);
            out.push_back(event.originator().version());
        }
        return out;
    }

    using Versions = std::vector<std::string>;
    Harness eskit_;
};

using EskitGetEvents = EskitAppend;

TEST_F(EskitAppend, RefusesWhatIsMissing) {
    auto answer = eskit_.append(AppendEventRequest());
    EXPECT_EQ(answer.code, kInvalidArgument);
    EXPECT_EQ(answer.text, "missing event");
    AppendEventRequest request;
    request.mutable_event()->set_event_type("A.B");
    answer = eskit_.append(request);
    EXPECT_EQ(answer.code, kInvalidArgument);
    EXPECT_EQ(answer.text, "missing originator");
    expect_refused(kInvalidArgument, "missing event type", "1", "1", "");
    const auto no_id = eskit_.append("", "1", "A.B");
    EXPECT_EQ(no_id.code, kInternal);
    EXPECT_TRUE(no_id.text.starts_with("append : inserting stored event : ")) << no_id.text;
}

TEST_F(EskitAppend, RefusesVersionsThatAreNoNumbersInTheWordsOfGo) {
    const std::string prefix = "append : strconv.ParseUint: parsing ";
    expect_refused(kInternal, prefix + "\"\": invalid syntax", "1", "", "A.B");
    expect_refused(kInternal, prefix + "\"abc\": invalid syntax", "1", "abc", "A.B");
    expect_refused(kInternal, prefix + "\"-1\": invalid syntax", "1", "-1", "A.B");
    expect_refused(kInternal, prefix + "\"+1\": invalid syntax", "1", "+1", "A.B");
    expect_refused(kInternal, prefix + "\"1 \\\"\\n\": invalid syntax", "1", "1 \"\n", "A.B");
    expect_refused(
        kInternal,
        prefix + "\"18446744073709551616\": value out of range",
        "1",
        "18446744073709551616",
        "A.B"
    );
    expect_refused(kInternal, "", "1", "18446744073709551615", "A.B");
    expect_refused(kInternal, "", "1", "2147483648", "A.B");
    expect_refused(kInvalidArgument, "", "1", "0", "A.B");
    expect_refused(kInvalidArgument, "", "1", "000", "A.B");
    EXPECT_EQ(versions("1"), Versions());
    EXPECT_EQ(eskit_.append("1", "2147483647", "A.B").code, kOk);
}

TEST_F(EskitAppend, KeepsTheTextOfAVersionInTheLogAndItsNumberInGetEvents) {
    EXPECT_EQ(eskit_.append("1", "001", "A.B").code, kOk);
    EXPECT_EQ(versions("1"), Versions{"1"});
    EXPECT_EQ(eskit_.logs().message.results(0).event().originator().version(), "001");
    EXPECT_EQ(eskit_.append("1", "1", "A.B").code, kAlreadyExists);
    EXPECT_EQ(eskit_.append("1", "0001", "A.B").code, kAlreadyExists);
}

TEST_F(EskitAppend, RefusesAVersionThatIsThereAlsoWhenTheSameIsSentAgain) {
    EXPECT_EQ(eskit_.append("1", "1", "A.B", "x", 5).code, kOk);
    const auto again = eskit_.append("1", "1", "A.B", "x", 5);
    EXPECT_EQ(again.code, kAlreadyExists);
    EXPECT_EQ(again.text, "append : stored_event: duplicate");
    EXPECT_EQ(eskit_.append("1", "1", "Other.C", "y").code, kAlreadyExists);
    EXPECT_EQ(eskit_.logs().message.results_size(), 1);
}

TEST_F(EskitAppend, TakesGapsBackFillsAndAnyFirstVersion) {
    for (const char* version : {"7", "1", "5", "3", "12"}) {
        EXPECT_EQ(eskit_.append("1", version, "A.B").code, kOk);
    }
    EXPECT_EQ(versions("1"), (Versions{"1", "3", "5", "7", "12"}));
    EXPECT_EQ(eskit_.append("1", "3", "A.B").code, kAlreadyExists);
}

TEST_F(EskitAppend, KnowsAnEntityByItsIdAlone) {
    EXPECT_EQ(eskit_.append("1", "1", "A.Created").code, kOk);
    EXPECT_EQ(eskit_.append("1", "2", "B.Created").code, kOk);
    EXPECT_EQ(versions("1"), (Versions{"1", "2"}));
    api::ReadRequest read;
    read.stream = "A-1";
    EXPECT_EQ(eskit_.store().read({}, read).value().events.size(), 2u);
    EXPECT_EQ(eskit_.logs("", 0, "", "B").message.results_size(), 1);
}

TEST_F(EskitAppend, KeepsEventTypesAsTheyAre) {
    for (const char* type :
         {"Created", "com.x.Y.Created", ".Created", "Created.", "a-b%c.$D", "$x.Y", "T\x01.N\n"}) {
        const std::string id = std::string("of ") + type;
        if (std::string_view(type).find('\n') == std::string_view::npos) {
            EXPECT_EQ(eskit_.append(id, "1", type).code, kOk) << type;
        }
        EXPECT_EQ(eskit_.append(std::string("x") + type, "1", type).code, kOk) << type;
    }
    const auto log = eskit_.logs("", 100);
    EXPECT_EQ(log.message.results_size(), 13);
    EXPECT_EQ(log.message.results(12).event().event_type(), "T\x01.N\n");
    EXPECT_EQ(log.message.results(12).event().originator().id(), "xT\x01.N\n");
    EXPECT_EQ(eskit_.logs("", 0, "", "com.x.Y").message.results_size(), 2);
    EXPECT_EQ(eskit_.logs("", 0, "", "T\x01").message.results_size(), 1);
    EXPECT_EQ(eskit_.logs("", 0, "com.x.Y.*").message.results_size(), 2);
    api::ReadRequest read;
    read.stream = "a%2db%25c-of a-b%c.$D";
    EXPECT_EQ(eskit_.store().read({}, read).value().events.size(), 1u);
    read.stream = "%24x-of $x.Y";
    EXPECT_EQ(eskit_.store().read({}, read).value().events.size(), 1u);
}

TEST_F(EskitAppend, RefusesTypesOfMoreThan255Characters) {
    std::string longest;
    for (int i = 0; i < 255; ++i) longest += "\xF0\x9F\x98\x80";
    EXPECT_EQ(eskit_.append("1", "1", longest).code, kOk);
    EXPECT_EQ(eskit_.append("2", "1", std::string(254, '-') + ".").code, kOk);
    EXPECT_EQ(eskit_.append("3", "1", std::string(256, 'a')).code, kInternal);
    EXPECT_EQ(eskit_.logs().message.results(0).event().event_type(), longest);
    EXPECT_EQ(versions("2"), Versions{"1"});
}

TEST_F(EskitAppend, KeepsEveryPayloadByteForByte) {
    const std::vector<std::string> payloads{
        "",
        "{}",
        "{ \"a\" :1.0 }",
        "plain",
        "\"\\u0041\"",
        "\t\r\n\x01",
        "ünï",
        std::string(3'900'000, 'x')
    };
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        EXPECT_EQ(eskit_.append("1", std::to_string(i + 1), "A.B", payloads[i]).code, kOk);
    }
    const auto events = eskit_.get_events("1").message;
    ASSERT_EQ(events.events_size(), static_cast<int>(payloads.size()));
    for (std::size_t i = 0; i < payloads.size(); ++i) {
        EXPECT_TRUE(events.events(static_cast<int>(i)).payload() == payloads[i]) << i;
    }
    EXPECT_EQ(eskit_.append("1", "99", "A.B", std::string("a\0b", 3)).code, kInternal);
}

TEST_F(EskitAppend, RefusesMessagesOfMoreThan4MiBAsGrpcGoDoes) {
    const auto answer = eskit_.append("1", "1", "A.B", std::string(4'194'304, 'x'));
    EXPECT_EQ(answer.code, kResourceExhausted);
    EXPECT_TRUE(answer.text.starts_with("grpc: received message larger than max (")) << answer.text;
    EXPECT_TRUE(answer.text.ends_with(" vs. 4194304)"));
    EXPECT_EQ(eskit_.raw("Append", "\xff\xff\xff").code, kInternal);
}

TEST_F(EskitAppend, KeepsOccuredOnAndNeverFillsItIn) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
    const std::vector<std::int64_t> times{
        0, 1'795'248'560, -1, -86'400, 9'223'372'036, -9'223'372'036, 9'223'372'037, kMax, kMin
    };
    for (std::size_t i = 0; i < times.size(); ++i) {
        EXPECT_EQ(eskit_.append("1", std::to_string(i + 1), "A.B", "{}", times[i]).code, kOk);
    }
    const auto log = eskit_.logs().message;
    for (std::size_t i = 0; i < times.size(); ++i) {
        EXPECT_EQ(log.results(static_cast<int>(i)).event().occured_on(), times[i]);
    }
}

TEST_F(EskitAppend, AnswersWithExactlyTheEventThatWasSent) {
    AppendEventRequest request;
    Event* event = request.mutable_event();
    event->mutable_originator()->set_id("a-1");
    event->mutable_originator()->set_version("1");
    event->set_event_type("User.Created");
    event->set_payload(R"({"b":1,"a":2})");
    event->set_occured_on(7);
    EXPECT_EQ(eskit_.append(request).code, kOk);
    const auto events = eskit_.get_events("a-1");
    const auto log = eskit_.logs();
    EXPECT_EQ(events.message.events(0).SerializeAsString(), event->SerializeAsString());
    EXPECT_EQ(log.message.results(0).event().SerializeAsString(), event->SerializeAsString());
    EXPECT_EQ(log.message.results(0).id(), "1");
}

TEST_F(EskitAppend, TakesIdsThatAreLongOrOdd) {
    const std::vector<std::string> ids{
        std::string(256, 'a'),
        std::string(257, 'a'),
        std::string(2'500, 'b'),
        "a\nb",
        "-",
        "$x",
        "sha256.abc",
        "a@1",
        "ü"
    };
    for (const std::string& id : ids) {
        EXPECT_EQ(eskit_.append(id, "1", "A.B").code, kOk) << id;
        EXPECT_EQ(eskit_.append(id, "1", "A.B").code, kAlreadyExists) << id;
        EXPECT_EQ(versions(id), Versions{"1"});
    }
    EXPECT_EQ(eskit_.append(std::string(10'000, 'c'), "1", "A.B").code, kInternal);
    // ("a", 1) and ("a@1", …) must not meet in one tag
    EXPECT_EQ(eskit_.append("a", "1", "A.B").code, kOk);
    const auto log = eskit_.logs("", 100).message;
    for (int i = 0; i < static_cast<int>(ids.size()); ++i) {
        EXPECT_EQ(log.results(i).event().originator().id(), ids[static_cast<std::size_t>(i)]);
    }
}

TEST_F(EskitAppend, LetsExactlyOneOfManyWritersHaveAVersion) {
    std::atomic<int> accepted = 0;
    std::atomic<int> duplicates = 0;
    std::vector<std::thread> writers;
    writers.reserve(8);
    for (int t = 0; t < 8; ++t) {
        writers.emplace_back([&, t] {
            for (int i = 1; i <= 20; ++i) {
                const std::string type = "Type" + std::to_string(t) + ".Happened";
                const int code = eskit_.append("1", std::to_string(i), type).code;
                if (code == kOk) ++accepted;
                if (code == kAlreadyExists) ++duplicates;
            }
        });
    }
    for (std::thread& writer : writers) writer.join();
    EXPECT_EQ(accepted, 20);
    EXPECT_EQ(duplicates, 140);
    EXPECT_EQ(versions("1").size(), 20u);
    // racing writers of a new id agree on one stream
    api::ListRequest list;
    list.prefix = "Type";
    EXPECT_EQ(eskit_.store().list_streams({}, list).value().streams.size(), 1u);
}

TEST_F(EskitGetEvents, RefusesOnlyAMissingOriginatorAndVersionsThatAreNone) {
    const auto missing = eskit_.get_events(GetEventsRequest());
    EXPECT_EQ(missing.code, kInvalidArgument);
    EXPECT_EQ(missing.text, "missing originator");
    EXPECT_EQ(eskit_.append("1", "1", "A.B").code, kOk);
    for (const char* version : {"abc", "2147483648", "-2147483649", "1.0", " ", "+"}) {
        const auto answer = eskit_.get_events("1", version);
        EXPECT_EQ(answer.code, kInternal) << version;
        EXPECT_TRUE(answer.text.starts_with("fetch : fetch : ")) << answer.text;
    }
}

TEST_F(EskitGetEvents, IsEmptyForWhatIsUnknown) {
    EXPECT_EQ(eskit_.append("1", "1", "A.B").code, kOk);
    EXPECT_EQ(versions("nobody"), Versions());
    EXPECT_EQ(versions(""), Versions());
    EXPECT_EQ(versions("1", "0"), Versions());
    EXPECT_EQ(versions("1", "-5"), Versions());
    EXPECT_EQ(versions("1", " +1 "), Versions{"1"});
}

TEST_F(EskitGetEvents, GoesUpToAndIncludingAVersion) {
    for (const char* version : {"1", "2", "3", "10"}) {
        EXPECT_EQ(eskit_.append("1", version, "A.B").code, kOk);
    }
    EXPECT_EQ(versions("1", "2"), (Versions{"1", "2"}));
    EXPECT_EQ(versions("1", "9"), (Versions{"1", "2", "3"}));
    EXPECT_EQ(versions("1", "10"), (Versions{"1", "2", "3", "10"}));
    EXPECT_EQ(versions("1", "", "Whatever"), (Versions{"1", "2", "3", "10"}));
}

TEST_F(EskitGetEvents, ShowsMoreEventsThanOnePageHolds) {
    for (int i = 1; i <= 1'050; ++i) {
        ASSERT_EQ(eskit_.append("1", std::to_string(i), "A.B").code, kOk);
    }
    EXPECT_EQ(versions("1").size(), 1'050u);
    EXPECT_EQ(versions("1").back(), "1050");
}

TEST_F(EskitGetEvents, ShowsEventsOfOtherDoorsWithRevisionPlusOne) {
    eskit_.append_native("order-7", "order-placed", "\xff\xfe");
    eskit_.append_native("order-7", "order-paid");
    EXPECT_EQ(versions("7"), (Versions{"1", "2"}));
    EXPECT_EQ(versions("7", "1"), Versions{"1"});
    EXPECT_EQ(eskit_.get_events("7").message.events(1).event_type(), "order-paid");
    EXPECT_EQ(eskit_.get_events("7").message.events(0).payload(), "__4");
    EXPECT_EQ(eskit_.logs().message.results(0).event().originator().id(), "7");
    // the dialect goes on in the stream that is there, after what is there
    EXPECT_EQ(eskit_.append("7", "2", "Order.Paid").code, kAlreadyExists);
    EXPECT_EQ(eskit_.append("7", "3", "Order.Sent").code, kOk);
    eskit_.append_native("order-7", "order-closed");
    EXPECT_EQ(versions("7"), (Versions{"1", "2", "3", "4"}));
    api::ReadRequest read;
    read.stream = "order-7";
    EXPECT_EQ(eskit_.store().read({}, read).value().events.size(), 4u);
}

TEST_F(EskitGetEvents, TakesTheStreamOfTheEntityTypeElseTheOldest) {
    eskit_.append_native("b-7", "first");
    eskit_.append_native("a-7", "second");
    eskit_.append_native("a-7", "third");
    EXPECT_EQ(versions("7"), Versions{"1"});
    EXPECT_EQ(versions("7", "", "a"), (Versions{"1", "2"}));
    EXPECT_EQ(eskit_.append("7", "3", "a.Next").code, kOk);
    api::ReadRequest read;
    read.stream = "a-7";
    EXPECT_EQ(eskit_.store().read({}, read).value().events.size(), 3u);
}

}  // namespace
}  // namespace annals::dialect_eskit::testing
