// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/admission.hpp"

#include <string>

#include <gtest/gtest.h>

#include "annals/model/limits.hpp"

namespace annals::streams {
namespace {

using model::Limits;

/// A good append, to be spoilt.
struct Spoilt {
    Spoilt() {
        request.stream = "order-1";
        for (const char* type : {"placed", "paid", "sent", "received"}) {
            model::NewEvent& event = request.events.emplace_back();
            event.type = type;
            event.data = "{}";
            event.tags = {"order:1", "customer:7"};
        }
    }
    [[nodiscard]] Status admitted() const { return admit(context, request); }

    api::CallContext context;
    model::AppendRequest request;
};

void expect_refused(const Status& status, ErrorCode code, std::string_view field) {
    ASSERT_FALSE(status.has_value()) << "expected a complaint about " << field;
    EXPECT_EQ(status.error().code(), code) << status.error().to_string();
    EXPECT_EQ(status.error().field("field"), field) << status.error().to_string();
}

TEST(Admission, TakesAPlainAppend) { EXPECT_TRUE(Spoilt().admitted().has_value()); }

TEST(Admission, TakesNamesOfAnyScript) {
    Spoilt append;
    append.request.stream = "büro-漢字";
    append.request.events[0].type = "geöffnet";
    append.request.events[0].tags = {"größe:groß"};
    append.request.events[0].actor = "Zoë";
    EXPECT_TRUE(append.admitted().has_value());
}

TEST(Admission, RefusesAnAppendWithoutEventsAlsoWithTracking) {
    Spoilt append;
    append.request.events.clear();
    append.request.checks.emplace_back(
        model::StreamCheck{"order-1", model::ExpectedRevision::exists()}
    );
    expect_refused(append.admitted(), ErrorCode::kInvalidArgument, "events");
    append.request.tracking = model::Tracking{"source", "consumer", "", 3};
    expect_refused(append.admitted(), ErrorCode::kInvalidArgument, "events");
}

TEST(Admission, KeepsStreamsOfTheServerFromUsers) {
    Spoilt append;
    append.request.stream = "$settings";
    expect_refused(append.admitted(), ErrorCode::kNotPermitted, "stream");
    append.request.stream = "order-1";
    append.request.events[2].stream = "$settings";
    expect_refused(append.admitted(), ErrorCode::kNotPermitted, "events[2].stream");
    append.context.is_server = true;
    EXPECT_TRUE(append.admitted().has_value());
}

TEST(Admission, AsksForAStream) {
    Spoilt append;
    append.request.stream = "";
    append.request.events[0].stream = "order-9";
    expect_refused(append.admitted(), ErrorCode::kInvalidArgument, "events[1].stream");
}

TEST(Admission, NamesTheFieldThatIsWrong) {
    const std::string long_name(Limits::kStreamNameBytesMax + 1, 'x');
    const std::string long_field(Limits::kReservedFieldBytesMax + 1, 'x');
    const std::string long_content_type(Limits::kContentTypeBytesMax + 1, 'x');
    struct Case {
        std::string field;
        ErrorCode code;
        std::function<void(model::AppendRequest&)> spoil;
    };
    const auto invalid = ErrorCode::kInvalidArgument;
    const auto limit = ErrorCode::kLimitExceeded;
    const std::vector<Case> cases = {
        {"stream", invalid, [](auto& r) { r.stream = "a\nb"; }},
        {"stream", invalid, [&](auto& r) { r.stream = long_name; }},
        {"events[1].stream", invalid, [](auto& r) { r.events[1].stream = "\xFF"; }},
        {"events[3].type", invalid, [](auto& r) { r.events[3].type = ""; }},
        {"events[3].type", invalid, [](auto& r) { r.events[3].type = "a\x7F"; }},
        {"events[3].tags[1]", invalid, [](auto& r) { r.events[3].tags[1] = "no-colon"; }},
        {"events[3].tags[1]", invalid, [](auto& r) { r.events[3].tags[1] = r.events[3].tags[0]; }},
        {"events[0].content_type", invalid, [](auto& r) { r.events[0].content_type = "a\tb"; }},
        {"events[0].content_type",
         limit,
         [&](auto& r) { r.events[0].content_type = long_content_type; }},
        {"events[0].actor", limit, [&](auto& r) { r.events[0].actor = long_field; }},
        {"events[0].correlation_id", invalid, [](auto& r) { r.events[0].correlation_id = "\xC3"; }},
        {"events[0].causation_id", limit, [&](auto& r) { r.events[0].causation_id = long_field; }},
        {"events[0].traceparent", invalid, [](auto& r) { r.events[0].traceparent = "\r"; }},
        {"events[0].tracestate", limit, [&](auto& r) { r.events[0].tracestate = long_field; }},
        {"events[0].valid_time_offset_minutes",
         invalid,
         [](auto& r) { r.events[0].valid_time = model::ValidTime{TimeNs(1), 1440}; }},
        {"events[0].dialect[0].name",
         invalid,
         [](auto& r) { r.events[0].dialect.push_back({"", "x"}); }},
        {"events[0].dialect[0].value",
         limit,
         [&](auto& r) { r.events[0].dialect.push_back({"eskit.version", long_field}); }},
        {"checks[0].stream",
         invalid,
         [](auto& r) {
             r.checks.emplace_back(model::StreamCheck{"", model::ExpectedRevision::any()});
         }},
        {"checks[0].query", invalid, [](auto& r) { r.checks.emplace_back(model::QueryCheck{}); }},
        {"checks[0].query.items[0].tags",
         invalid,
         [](auto& r) { r.checks.emplace_back(model::QueryCheck{{{{{}, {"no-colon"}}}}, ""}); }},
        {"checks[0].after",
         invalid,
         [](auto& r) { r.checks.emplace_back(model::QueryCheck{{{{{"placed"}, {}}}}, "no-token"}); }
        },
        {"tracking.source", invalid, [](auto& r) { r.tracking = model::Tracking{"", "c", "k", 1}; }
        },
        {"tracking.consumer",
         invalid,
         [](auto& r) { r.tracking = model::Tracking{"s", "", "k", 1}; }},
        {"tracking.key", invalid, [](auto& r) { r.tracking = model::Tracking{"s", "c", "\n", 1}; }},
        {"idempotency_key", limit, [&](auto& r) { r.idempotency_key = long_content_type; }},
        {"idempotency_key", invalid, [](auto& r) { r.idempotency_key = std::string_view("\0", 1); }
        },
    };
    for (const Case& one : cases) {
        Spoilt append;
        one.spoil(append.request);
        expect_refused(append.admitted(), one.code, one.field);
    }
}

TEST(Admission, RefusesTheSecondOfTwoEqualTagsAlsoAmongMany) {
    Spoilt append;
    std::vector<std::string> texts;
    texts.reserve(64);
    for (int i = 0; i < 64; ++i) texts.push_back("tag:" + std::to_string(i));
    append.request.events[0].tags.assign(texts.begin(), texts.end());
    EXPECT_TRUE(append.admitted().has_value());
    append.request.events[0].tags[63] = texts[5];
    expect_refused(append.admitted(), ErrorCode::kInvalidArgument, "events[0].tags[63]");
    append.request.events[0].tags.push_back("one:more");
    expect_refused(append.admitted(), ErrorCode::kLimitExceeded, "events[0].tags");
}

TEST(Admission, BoundsEventsAppendsAndCounts) {
    const std::string event_bytes(Limits::kEventBytesMax, 'x');
    Spoilt append;
    append.request.events[1].data = event_bytes;
    expect_refused(append.admitted(), ErrorCode::kLimitExceeded, "events[1]");
    const std::string_view most = std::string_view(event_bytes).substr(200);
    append.request.events[1].data = most;
    EXPECT_TRUE(append.admitted().has_value()) << "a single event of nearly 16 MiB";
    for (model::NewEvent& event : append.request.events) event.data = most;
    append.request.events.push_back(append.request.events.front());
    expect_refused(append.admitted(), ErrorCode::kLimitExceeded, "events");

    Spoilt metadata;
    metadata.request.events[0].metadata = std::string_view(event_bytes)
                                              .substr(0, Limits::kMetadataBytesMax + 1);
    expect_refused(metadata.admitted(), ErrorCode::kLimitExceeded, "events[0].metadata");

    Spoilt many;
    many.request.events.resize(Limits::kAppendEventsMax, many.request.events.front());
    EXPECT_TRUE(many.admitted().has_value());
    many.request.events.push_back(many.request.events.front());
    expect_refused(many.admitted(), ErrorCode::kLimitExceeded, "events");

    Spoilt checks;
    checks.request.checks.resize(
        Limits::kAppendChecksMax + 1, model::StreamCheck{"order-1", model::ExpectedRevision::any()}
    );
    expect_refused(checks.admitted(), ErrorCode::kLimitExceeded, "checks");
}

TEST(Admission, TellsTheLimit) {
    const std::string key(256, 'k');
    Spoilt append;
    append.request.idempotency_key = key;
    const Status status = append.admitted();
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().field("limit"), "255");
    EXPECT_EQ(status.error().field("value"), "256");
}

}  // namespace
}  // namespace annals::streams
