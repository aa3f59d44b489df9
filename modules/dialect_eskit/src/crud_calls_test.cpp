// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Which events of eskit's crud store say the hash of the document, and that the entity store comes
// to the same one; what happens to an id that other doors gave to several entities.
#include "crud_calls.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "annals/dialect_eskit/testing/harness.hpp"
#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_store.hpp"

namespace annals::dialect_eskit::testing {
namespace {

namespace crudstore = contracts::crudstore;

class EskitCrudHash : public ::testing::Test {
  protected:
    void create(const std::string& id, const std::string& payload, const char* version = "") {
        crudstore::CreateRequest request;
        request.set_entity_type("doc");
        request.mutable_originator()->set_id(id);
        request.mutable_originator()->set_version(version);
        request.set_payload(payload);
        const auto created = calls_.create({}, request);
        ASSERT_TRUE(created) << created.error().text;
    }
    void update(const std::string& id, const char* version, const std::string& payload) {
        crudstore::UpdateRequest request;
        request.set_entity_type("doc");
        request.mutable_originator()->set_id(id);
        request.mutable_originator()->set_version(version);
        request.set_payload(payload);
        const auto updated = calls_.update({}, request);
        ASSERT_TRUE(updated) << updated.error().text;
    }
    void remove(const std::string& id) {
        crudstore::DeleteRequest request;
        request.set_entity_type("doc");
        request.mutable_originator()->set_id(id);
        const auto removed = calls_.remove({}, request);
        ASSERT_TRUE(removed) << removed.error().text;
    }
    /// Of each event of the stream; "" where it says none.
    std::vector<std::string> hashes(const std::string& id) {
        api::ReadRequest request;
        const std::string stream = "doc-" + id;
        request.stream = stream;
        const auto page = eskit_.store().read({}, request);
        EXPECT_TRUE(page);
        std::vector<std::string> found;
        if (!page) return found;
        EXPECT_TRUE(page->events.for_each([&](const model::RecordedEvent& event) {
            found.emplace_back();
            for (const auto& field : event.dialect) {
                if (field.name == entities::kHashField) found.back() = field.value;
            }
            return ok();
        }));
        return found;
    }
    static std::string hash(std::string_view document) {
        return documents::hash_of(documents::parse_document(document).value());
    }
    /// As the entity store says it that has nothing in memory: document, or what is wrong.
    std::string native(const std::string& id) {
        entities::EntityStore store(eskit_.store());
        const auto entity = store.get({}, {"doc", id}, {});
        return entity ? documents::to_text(entity->document)
                      : std::string(entity.error().info().name);
    }

    Harness eskit_;
    CrudCalls calls_{eskit_.store()};
    using Hashes = std::vector<std::string>;
};

using EskitCrudCalls = EskitCrudHash;

TEST_F(EskitCrudHash, IsOfTheDocumentAfterwardsAndNotOfDeletions) {
    create("1", R"({ "b": 1.50, "a": null, "n": {"x":[1]} })");
    update("1", "1", R"({"b":2,"a":null,"n":{"x":[1],"y":"<"}})");
    update("1", "2", R"({"b":2})");
    update("1", "3", R"({"b":2})");  // changes nothing
    remove("1");
    create("1", R"({"again":true})", "6");
    EXPECT_EQ(
        hashes("1"),
        (Hashes{
            hash(R"({"a":null,"b":1.50,"n":{"x":[1]}})"),
            hash(R"({"a":null,"b":2,"n":{"x":[1],"y":"<"}})"),
            hash(R"({"b":2})"),
            hash(R"({"b":2})"),
            "",
            hash(R"({"again":true})")
        })
    );
    EXPECT_EQ(native("1"), R"({"again":true})");
}

TEST_F(EskitCrudHash, OfWhatBothDoorsChangedIsThatOfTheEntityStore) {
    create("1", R"({"a":1})");
    entities::EntityStore store(eskit_.store());
    const auto patch = documents::parse_document(R"({"b":null,"c":{"d":null}})").value();
    ASSERT_TRUE(store.replace({}, {"doc", "1"}, patch, {}, false));  // a JSON patch
    update("1", "2", R"({"b":null,"c":{"d":null},"e":3})");
    EXPECT_EQ(hashes("1")[2], hash(R"({"b":null,"c":{"d":null},"e":3})"));
    EXPECT_EQ(native("1"), R"({"b":null,"c":{"d":null},"e":3})");
}

TEST_F(EskitCrudHash, IsNotSaidWhereTheEntityStoreFoldsAnotherDocument) {
    // Not in this case, for the entity store; the first event, whatever its name; a back-fill.
    eskit_.append("case", "1", "doc.Created", R"({"a":1})");
    eskit_.append("case", "2", "doc.updated", R"({"a":2})");
    update("case", "2", R"({"a":2,"b":1})");
    EXPECT_EQ(hashes("case"), (Hashes{"", "", ""}));
    EXPECT_EQ(native("case"), R"({"a":1,"b":1})");

    eskit_.append("first", "1", "doc.Painted", R"({"a":1})");
    update("first", "1", R"({"b":1})");
    EXPECT_EQ(hashes("first"), (Hashes{"", ""}));
    EXPECT_EQ(native("first"), R"({"b":1})");

    eskit_.append("gap", "1", "doc.Created", R"({"a":1})");
    eskit_.append("gap", "3", "doc.Updated", R"({"a":3})");
    eskit_.append("gap", "2", "doc.Updated", R"({"a":2,"b":2})");
    update("gap", "3", R"({"a":3,"b":2,"c":4})");
    EXPECT_EQ(hashes("gap"), (Hashes{"", "", "", ""}));
    EXPECT_EQ(native("gap"), R"({"a":2,"b":2,"c":4})");

    create("text", "no JSON");
    EXPECT_EQ(hashes("text"), (Hashes{""}));
    EXPECT_EQ(native("text"), "entity_unreadable");
}

TEST_F(EskitCrudHash, IsSaidAgainOnceItIsCreatedAnew) {
    eskit_.append("1", "1", "doc.created", R"({"a":1})");
    remove("1");
    create("1", R"({"b":1})", "3");
    update("1", "3", R"({"b":2})");
    EXPECT_EQ(hashes("1"), (Hashes{"", "", hash(R"({"b":1})"), hash(R"({"b":2})")}));
    EXPECT_EQ(native("1"), R"({"b":2})");
}

TEST_F(EskitCrudHash, LetsTheEntityStoreLeaveSnapshots) {
    create("1", R"({"n":0})");
    for (std::uint64_t i = 1; i <= 70; ++i) {
        update("1", std::to_string(i).c_str(), R"({"n":)" + std::to_string(i) + "}");
    }
    entities::EntityStore first(eskit_.store());
    ASSERT_TRUE(first.get({}, {"doc", "1"}, {}));
    EXPECT_EQ(first.snapshot_counts().stored, 1u);
    entities::EntityStore second(eskit_.store());
    ASSERT_TRUE(second.get({}, {"doc", "1"}, {}));
    EXPECT_EQ(second.snapshot_counts().hits, 1u);
}

TEST_F(EskitCrudCalls, AVersionThatTheIdHasInAnotherStreamIsTaken) {
    eskit_.append_native("doc-1", "doc.Created", R"({"of":"doc"})");
    eskit_.append_native("other-1", "other.Created", R"({"of":"other"})");
    update("1", "1", R"({"of":"doc","n":2})");
    crudstore::UpdateRequest updating;
    updating.set_entity_type("other");
    updating.mutable_originator()->set_id("1");
    updating.mutable_originator()->set_version("1");
    updating.set_payload(R"({"of":"other","n":2})");
    const auto updated = calls_.update({}, updating);
    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().code, code::kAlreadyExists);
    EXPECT_EQ(updated.error().text, "update failed old version : duplicate");
    crudstore::DeleteRequest deleting;
    deleting.set_entity_type("other");
    *deleting.mutable_originator() = updating.originator();
    const auto deleted = calls_.remove({}, deleting);
    ASSERT_FALSE(deleted);
    EXPECT_EQ(deleted.error().code, code::kAlreadyExists);
    EXPECT_EQ(deleted.error().text, "append : duplicate error : stored_event");
    deleting.mutable_originator()->clear_version();
    EXPECT_EQ(calls_.remove({}, deleting).error().code, code::kAlreadyExists);
    EXPECT_EQ(native("1"), R"({"n":2,"of":"doc"})");
}

}  // namespace
}  // namespace annals::dialect_eskit::testing
