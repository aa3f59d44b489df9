// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "description.hpp"

#include <set>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "append_routes.hpp"
#include "consumer_routes.hpp"
#include "entity_routes.hpp"
#include "entity_type_routes.hpp"
#include "group_member_routes.hpp"
#include "group_routes.hpp"
#include "life_routes.hpp"
#include "list_routes.hpp"
#include "namespace_routes.hpp"
#include "operations.hpp"
#include "read_routes.hpp"
#include "snapshot_routes.hpp"
#include "socket_route.hpp"

namespace annals::http_door::detail {
namespace {

using Operations = std::set<std::pair<std::string, std::string>>;

TEST(Description, HasExactlyTheRoutesThatThereAre) {
    boost::asio::io_context io;
    const HttpDoorOptions options;
    const HttpHandlers handlers;
    Desk desk(io, options);
    Router router;
    add_operations_routes(router, handlers);
    add_append_routes(router, desk);
    add_read_routes(router, desk);
    add_list_routes(router, desk);
    add_life_routes(router, desk);
    add_snapshot_routes(router, desk);
    add_namespace_routes(router, desk);
    add_entity_routes(router, desk);
    add_entity_type_routes(router, desk);
    add_consumer_routes(router, desk);
    add_group_routes(router, desk);
    add_group_member_routes(router, desk);
    add_socket_route(router, desk);
    add_description_routes(router, "1.2.3");
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
    const auto document = nlohmann::json::parse(openapi_json("1"));
    check_references(document, document);
}

}  // namespace
}  // namespace annals::http_door::detail
