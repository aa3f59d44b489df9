// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// Part of the contract of api::EventStore: namespaces.

#include <algorithm>

#include "event_store_fixture.hpp"

namespace annals::conformance {

TEST_P(EventStoreContract, NamespacesAreLogsOfTheirOwn) {
    must(store().create_namespace({}, "tenant-a"));
    const std::string own = accept("a-1", {event_of()}).position;
    accept("a-1", {event_of()});
    const auto context = in_namespace("tenant-a");
    const api::AppendResponse other = must(append("a-1", {event_of()}, {}, context));
    EXPECT_EQ(other.last_position, Position(1));
    EXPECT_EQ(must(store().get_stream(context, "a-1")).events, 1u);
    expect_error(
        store().read(context, read_of("", api::AfterToken{own})), ErrorCode::kTokenUnknown
    );
    EXPECT_EQ(must(store().get_stream(in_namespace(""), "a-1")).events, 2u) << "no name is default";
}

TEST_P(EventStoreContract, NamespacesAreCreatedListedAndDeleted) {
    const auto names = [&] {
        std::vector<std::string> names;
        for (const api::NamespaceInfo& info : must(store().list_namespaces({}))) {
            names.push_back(info.name);
        }
        std::sort(names.begin(), names.end());
        return names;
    };
    EXPECT_EQ(must(store().create_namespace({}, "tenant-a")).name, "tenant-a");
    EXPECT_EQ(names(), (std::vector<std::string>{"default", "tenant-a"}));
    expect_error(
        store().create_namespace({}, "tenant-a"),
        ErrorCode::kNamespaceExists,
        "namespace",
        "tenant-a"
    );
    expect_error(
        store().create_namespace({}, "Tenant"), ErrorCode::kInvalidArgument, "field", "namespace"
    );
    must(append("a-1", {event_of()}, {}, in_namespace("tenant-a")));
    EXPECT_TRUE(store().delete_namespace({}, "tenant-a").has_value());
    EXPECT_EQ(names(), std::vector<std::string>{"default"});
    expect_error(
        append("a-1", {event_of()}, {}, in_namespace("tenant-a")),
        ErrorCode::kNamespaceNotFound,
        "namespace",
        "tenant-a"
    );
    must(store().create_namespace({}, "tenant-a"));
    expect_error(
        store().read(in_namespace("tenant-a"), read_of("a-1")), ErrorCode::kStreamNotFound
    );
}

TEST_P(EventStoreContract, UsersReadTheServersOwnNamespaceAndDoNotWriteThere) {
    const api::CallContext own = in_namespace("$system");
    const auto code = ErrorCode::kNotPermitted;
    expect_error(append("a-1", {event_of()}, {}, own), code, "namespace", "$system");
    expect_error(store().delete_stream(own, {"a-1", {}, ""}), code, "namespace", "$system");
    expect_error(store().tombstone_stream(own, {"a-1", {}, ""}), code, "namespace", "$system");
    expect_error(store().delete_namespace({}, "$system"), code, "namespace", "$system");
    const Position before = must(store().info(own)).last_position;
    must(store().create_namespace({}, "tenant-a"));
    // The creation, and the first opening where something opens it at once.
    EXPECT_GT(must(store().info(own)).last_position, before) << "the server goes on";
}

TEST_P(EventStoreContract, TheListOfNamespacesTellsTheirLastPositions) {
    must(store().create_namespace({}, "tenant-a"));
    must(append("a-1", {event_of(), event_of()}, {}, in_namespace("tenant-a")));
    for (const api::NamespaceInfo& info : must(store().list_namespaces({}))) {
        EXPECT_EQ(info.last_position, Position(info.name == "tenant-a" ? 2 : 0)) << info.name;
    }
}

TEST_P(EventStoreContract, EveryCallNamesANamespaceThatIsNotThere) {
    const api::CallContext nowhere = in_namespace("nowhere");
    const auto code = ErrorCode::kNamespaceNotFound;
    expect_error(append("a-1", {event_of()}, {}, nowhere), code, "namespace", "nowhere");
    expect_error(store().read(nowhere, read_of("a-1")), code, "namespace", "nowhere");
    expect_error(store().get_event(nowhere, make_uuid_v4()), code, "namespace", "nowhere");
    expect_error(store().list_streams(nowhere, list_of("")), code, "namespace", "nowhere");
    expect_error(store().list_categories(nowhere, list_of("")), code, "namespace", "nowhere");
    expect_error(store().list_types(nowhere, list_of("")), code, "namespace", "nowhere");
    expect_error(store().get_stream(nowhere, "a-1"), code, "namespace", "nowhere");
    expect_error(store().info(nowhere), code, "namespace", "nowhere");
    expect_error(store().delete_namespace({}, "nowhere"), code, "namespace", "nowhere");
}

}  // namespace annals::conformance
