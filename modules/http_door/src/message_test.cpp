// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "message.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace annals::http_door::detail {
namespace {

TEST(HttpTarget, IsAPathAndAQuery) {
    EXPECT_EQ(parse_target("/")->path, "/");
    EXPECT_EQ(parse_target("/a%2Fb%20c?x=%20&y")->path, "/a/b c");
    EXPECT_EQ(parse_target("/a%2Fb%20c?x=%20&y")->query, "x=%20&y");
    EXPECT_EQ(parse_target("http://host:1/p?q")->path, "/p");
    EXPECT_EQ(parse_target("http://host?q")->path, "/");
    EXPECT_EQ(parse_target("http://host?q")->query, "q");
    EXPECT_EQ(parse_target("https://host")->path, "/");
}

TEST(HttpTarget, RefusesWhatIsNeither) {
    for (const char* target :
         {"", "*", "host:443", "a/b", "/%", "/%1", "/%g0", "/%00", "ftp://x/"}) {
        EXPECT_FALSE(parse_target(target)) << target;
    }
}

TEST(HttpTarget, RefusesANulAlsoWhenItIsNotEncoded) {
    EXPECT_FALSE(parse_target(std::string_view("/\0", 2)));
}

TEST(Problem, CarriesCodeFieldsAndAdvice) {
    Request request;
    request.sent_path = "/v1/y";
    const Response response = problem(
        Error(ErrorCode::kDiskFull, "no \xff room").with("folder", "/x"), request
    );
    EXPECT_EQ(response.status, 507);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto json = nlohmann::json::parse(response.body);
    EXPECT_EQ(json["type"], "urn:annals:error:disk_full");
    EXPECT_EQ(json["code"], "disk_full");
    EXPECT_EQ(json["instance"], "/v1/y");
    EXPECT_EQ(json["fields"]["folder"], "/x");
    EXPECT_EQ(json["retryable"], true);
    EXPECT_EQ(json["status"], 507);
}

}  // namespace
}  // namespace annals::http_door::detail
