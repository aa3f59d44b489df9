// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "description.hpp"

#include <set>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "annals/base/error_code.hpp"

#include "frame_kinds.hpp"
#include "routes.hpp"

namespace annals::http_door::detail {
namespace {

using ::testing::HasSubstr;
using Operations = std::set<std::pair<std::string, std::string>>;

TEST(Description, HasExactlyTheRoutesThatThereAre) {
    boost::asio::io_context io;
    const HttpDoorOptions options;
    HttpHandlers handlers;
    handlers.version.version = "1.2.3";
    Backroom backroom(options);
    Desk desk(io, options, backroom);
    Router router;
    add_routes(router, desk, handlers);
    Operations served;
    for (const auto& [method, path] : router.list()) served.emplace(method, path);

    const auto document = nlohmann::json::parse(openapi_json("1.2.3"));
    EXPECT_EQ(document["openapi"], "3.1.0");
    EXPECT_EQ(document["info"]["version"], "1.2.3");
    Operations described;
    std::set<std::string> names;
    for (const auto& [path, place] : document["paths"].items()) {
        for (const auto& [method, operation] : place.items()) {
            std::string upper = method;
            for (char& c : upper) c = static_cast<char>(c - 32);
            described.emplace(upper, path);
            EXPECT_TRUE(names.insert(operation["operationId"]).second) << "a name of its own";
            EXPECT_TRUE(operation.contains("summary")) << path;
        }
    }
    EXPECT_EQ(described, served);
}

/// Each reference leads somewhere.
void check_references(const nlohmann::json& document, const nlohmann::json& part) {
    if (part.is_object() && part.contains("$ref")) {
        const std::string reference = part["$ref"];
        ASSERT_TRUE(document.contains(nlohmann::json::json_pointer(reference.substr(1))))
            << reference;
    }
    if (!part.is_structured()) return;
    for (const auto& inner : part) check_references(document, inner);
}

TEST(Description, ReferencesLeadSomewhere) {
    const auto openapi = nlohmann::json::parse(openapi_json("1"));
    check_references(openapi, openapi);
    const auto asyncapi = nlohmann::json::parse(asyncapi_json("1"));
    check_references(asyncapi, asyncapi);
}

/// Each error that an operation may answer stands under the status that the catalogue gives it.
TEST(Description, OperationsNameTheProblemsThatTheyMayAnswer) {
    const auto document = nlohmann::json::parse(openapi_json("1"));
    const auto description_of = [&](const nlohmann::json& response) {
        const std::string reference = response.value("$ref", "");
        if (reference.empty()) return response["description"].get<std::string>();
        return document[nlohmann::json::json_pointer(reference.substr(1))]["description"]
            .get<std::string>();
    };
    for (const auto& [path, place] : document["paths"].items()) {
        for (const auto& [method, operation] : place.items()) {
            const std::string where = std::string(method).append(" ").append(path);
            const auto& responses = operation["responses"];
            EXPECT_FALSE(responses.contains("default")) << where << ": it would allow anything";
            for (const char* status : {"400", "408", "431", "500"})
                EXPECT_TRUE(responses.contains(status)) << where << " " << status;
            ASSERT_TRUE(operation.contains("x-errors")) << where;
            for (const std::string name : operation["x-errors"]) {
                const auto code = error_code_from_name(name);
                ASSERT_TRUE(code) << where << " " << name;
                const std::string status = std::to_string(error_info(*code).http_status);
                if (path == "/v1/healtz") continue;  // its words are eskit's
                ASSERT_TRUE(responses.contains(status)) << where << " " << status;
                EXPECT_THAT(description_of(responses[status]), HasSubstr("`" + name + "`"))
                    << where;
            }
        }
    }
    const auto& append = document["paths"]["/v1/ns/{namespace}/streams/{stream}"]["post"];
    for (const char* status : {"409", "410", "412", "413", "415", "422", "429", "503", "507"})
        EXPECT_TRUE(append["responses"].contains(status)) << status;
}

/// All frames that the code can send, and no others.
TEST(Description, HasExactlyTheFramesThatThereAre) {
    const auto document = nlohmann::json::parse(asyncapi_json("1.2.3"));
    EXPECT_EQ(document["asyncapi"], "3.0.0");
    EXPECT_EQ(document["info"]["version"], "1.2.3");
    std::set<std::string> described;
    for (const auto& [name, message] : document["components"]["messages"].items()) {
        EXPECT_TRUE(message.contains("summary")) << name;
        described.insert(name);
    }
    std::set<std::string> sent{
        "client.subscribe", "client.credit", "client.unsubscribe", "client.ping"
    };
    for (const FeedKind kind : kFeedKinds) sent.insert("feed." + std::string(name_of(kind)));
    for (const SocketOp op : kSocketOps) sent.insert("server." + std::string(name_of(op)));
    EXPECT_EQ(described, sent);
    for (const char* channel : {"events", "stream", "socket", "eventsIn", "streamIn", "socketIn"})
        EXPECT_TRUE(document["channels"].contains(channel)) << channel;
    EXPECT_EQ(document["channels"]["streamIn"]["address"], "/v1/ns/{namespace}/streams/{stream}");
    EXPECT_EQ(document["operations"]["feedStreamIn"]["channel"]["$ref"], "#/channels/streamIn");
    // Feeds and websockets are paths of the other description, too.
    const auto openapi = nlohmann::json::parse(openapi_json("1"));
    for (const auto& [name, channel] : document["channels"].items())
        EXPECT_TRUE(openapi["paths"].contains(channel["address"].get<std::string>())) << name;
}

}  // namespace
}  // namespace annals::http_door::detail
