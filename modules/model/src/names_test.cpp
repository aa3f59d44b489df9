// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/names.hpp"

#include <string>

#include <gtest/gtest.h>

#include "annals/model/append.hpp"
#include "annals/model/query.hpp"
#include "annals/model/token.hpp"

namespace annals::model {
namespace {

TEST(Names, CategoryIsThePartBeforeTheFirstDash) {
    EXPECT_EQ(category_of("order-7"), "order");
    EXPECT_EQ(category_of("order-7-b"), "order");
    EXPECT_EQ(category_of("order"), "");
    EXPECT_EQ(category_of("-7"), "");
}

TEST(Names, AStreamNameIsUtf8WithoutControlCharactersOfOneTo1024Bytes) {
    EXPECT_TRUE(check_stream_name("größe-漢"));
    EXPECT_TRUE(check_stream_name(std::string(1'024, 'x')));
    for (const std::string& bad :
         {std::string(), std::string(1'025, 'x'), std::string("a\nb"), std::string("\xFF")}) {
        const Status status = check_stream_name(bad);
        ASSERT_FALSE(status);
        EXPECT_EQ(status.error().code(), ErrorCode::kInvalidArgument);
        EXPECT_EQ(status.error().field("field"), "stream");
    }
}

TEST(Names, DollarBelongsToTheServer) {
    const Status status = check_user_stream_name("$settings");
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code(), ErrorCode::kNotPermitted);
    EXPECT_TRUE(check_user_stream_name("a$b"));
}

TEST(Names, ATagIsKeyColonValue) {
    EXPECT_TRUE(check_tag("customer:7"));
    EXPECT_TRUE(check_tag("a:b:c"));
    for (const char* bad : {"", "customer", ":7", "customer:", "a:\t"})
        EXPECT_FALSE(check_tag(bad)) << bad;
}

TEST(Names, ANamespaceMatchesItsPattern) {
    for (const char* good : {"default", "a", "0-9", "$system"})
        EXPECT_TRUE(check_namespace_name(good)) << good;
    const std::string long_name(64, 'a');
    for (const char* bad : {"", "-a", "A", "a_b", "a.b", "../x", "$other", long_name.c_str()}) {
        EXPECT_FALSE(check_namespace_name(bad)) << bad;
    }
}

TEST(Names, ShownTextIsShortAndClean) {
    EXPECT_EQ(
        shown("a\x01"
              "b"),
        "a?b"
    );
    EXPECT_LE(shown(std::string(1'000, 'x')).size(), 68u);
    EXPECT_EQ(shown(std::string(63, 'x') + "ü" + "more"), std::string(63, 'x') + "…");
}

TEST(Token, ComesBack) {
    const PositionToken token = make_token({make_uuid_v4(), 3}, Position(1'234'567), 0xDEADBEEFu);
    const std::string text = format_token(token);
    EXPECT_EQ(text.size(), 36u);
    EXPECT_EQ(parse_token(text).value(), token);
}

TEST(Token, AnythingElseIsRefused) {
    const std::string text = format_token(make_token({make_uuid_v4(), 3}, Position(1), 2));
    for (const std::string& bad :
         {std::string(), std::string("7"), text.substr(1), text + "A", "_" + text.substr(1)}) {
        const Result<PositionToken> parsed = parse_token(bad, "after");
        ASSERT_FALSE(parsed);
        EXPECT_EQ(parsed.error().field("field"), "after");
    }
}

TEST(Query, AnItemNeedsAnyTypeAndAllTags) {
    NewEvent event;
    event.type = "seated";
    event.tags = {"course:1", "student:2"};
    EXPECT_TRUE(matches(Query{{{{"seated", "left"}, {}}}}, event));
    EXPECT_TRUE(matches(Query{{{{}, {"student:2", "course:1"}}}}, event));
    EXPECT_FALSE(matches(Query{{{{}, {"student:2", "course:9"}}}}, event));
    EXPECT_FALSE(matches(Query{{{{"left"}, {"student:2"}}}}, event));
    EXPECT_TRUE(matches(Query{{{{"left"}, {}}, {{}, {"course:1"}}}}, event));
}

TEST(Query, EmptyQueriesAndItemsAreRefusedByName) {
    EXPECT_EQ(check_query(Query{}).error().field("field"), "query");
    EXPECT_EQ(check_query(Query{{{{"a"}, {}}, {{}, {}}}}).error().field("field"), "query.items[1]");
    EXPECT_FALSE(check_query(Query{{{{}, {"no-colon"}}}}));
}

TEST(Filter, PartsAreMetTogetherAndSystemStreamsStayHidden) {
    NewEvent event;
    event.stream = "order-7";
    event.type = "placed";
    event.tags = {"vip:yes"};
    EXPECT_TRUE(matches(Filter{}, event));
    EXPECT_TRUE(matches(Filter{{"order"}, {"placed"}, {"ord"}, {"vip:yes"}, false}, event));
    EXPECT_FALSE(matches(Filter{{"cart"}, {}, {}, {}, false}, event));
    EXPECT_FALSE(matches(Filter{{}, {}, {"x"}, {}, false}, event));
    event.stream = "$hidden";
    EXPECT_FALSE(matches(Filter{}, event));
    EXPECT_TRUE(matches(Filter{{}, {}, {}, {}, true}, event));
}

TEST(Conflict, ListsAllFailingChecks) {
    FailedCheck stale;
    stale.stream = "order-7";
    stale.expected = ExpectedRevision::exactly(Revision(2));
    stale.current_revision = Revision(3);
    FailedCheck absent;
    absent.check_index = 1;
    absent.stream = "cart-1";
    absent.expected = ExpectedRevision::exists();
    const Error error = make_conflict({stale, absent});
    ASSERT_NE(error.details<ConflictDetails>(), nullptr);
    EXPECT_EQ(error.details<ConflictDetails>()->failed_checks.size(), 2u);
    EXPECT_NE(
        error.message().find("is at revision 3, expected revision 2"), std::string_view::npos
    );
    EXPECT_NE(error.message().find("\"cart-1\" does not exist"), std::string_view::npos);
}

}  // namespace
}  // namespace annals::model
