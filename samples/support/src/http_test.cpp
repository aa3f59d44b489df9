// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/http.hpp"

#include <gtest/gtest.h>

namespace samples {
namespace {

HttpRequest saying(const std::string& content_type) {
    HttpRequest request;
    request.method = "POST";
    request.body = "{}";
    request.fields.emplace("content-type", content_type);
    return request;
}

TEST(RefusalUnlessJson, TakesJsonAndWhatIsNotSaid) {
    EXPECT_FALSE(refusal_unless_json(HttpRequest()));
    for (const char* type :
         {"application/json",
          "application/json; charset=utf-8",
          "Application/JSON ;charset=utf-8",
          "application/merge-patch+json"}) {
        EXPECT_FALSE(refusal_unless_json(saying(type))) << type;
    }
}

TEST(RefusalUnlessJson, NamesWhatWasSaidAndWhatToSay) {
    for (const char* type :
         {"application/x-www-form-urlencoded",
          "text/plain",
          "application/jsonx",
          "text/x+json",
          "application/xml; a=application/json",
          ";"}) {
        const auto refused = refusal_unless_json(saying(type));
        ASSERT_TRUE(refused) << type;
        EXPECT_EQ(refused->status, 415u);
        EXPECT_EQ(refused->content_type, "application/problem+json");
        const auto said = nlohmann::json::parse(refused->body);
        EXPECT_EQ(said.at("code"), "unsupported_media_type");
        const std::string detail = said.at("detail");
        EXPECT_NE(detail.find(type), std::string::npos) << detail;
        EXPECT_NE(detail.find("Content-Type: application/json"), std::string::npos) << detail;
    }
}

}  // namespace
}  // namespace samples
