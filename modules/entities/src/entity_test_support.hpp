// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/namespaces/testing/memory_store.hpp"

namespace annals::entities {

using documents::Patch;
using documents::PatchFormat;
using documents::to_text;
using documents::Value;

inline Value json(std::string_view text) {
    auto value = documents::parse_document(text);
    EXPECT_TRUE(value) << text;
    return value ? *value : Value();
}

inline Patch merge(std::string_view text) { return {PatchFormat::kMerge, json(text)}; }
inline Patch operations(std::string_view text) { return {PatchFormat::kJson, json(text)}; }

inline WriteOptions expecting(std::uint64_t revision) {
    WriteOptions options;
    options.expected = Revision(revision);
    return options;
}

inline WriteOptions with_key(std::string key) {
    WriteOptions options;
    options.idempotency_key = std::move(key);
    return options;
}

inline GetOptions as_of(AsOf when, bool with_deleted = false) {
    GetOptions options;
    options.as_of = when;
    options.with_deleted = with_deleted;
    return options;
}

class EntityStoreTest : public testing::Test {
  protected:
    Written created(std::string id, std::string_view document) {
        auto written = entities_.create({}, "product", {std::move(id), json(document)});
        EXPECT_TRUE(written) << written.error().to_string();
        return written ? *written : Written();
    }
    std::string document(const std::string& id, const GetOptions& options = {}) {
        const auto entity = entities_.get({}, {"product", id}, options);
        return entity ? to_text(entity->document) : std::string(entity.error().info().name);
    }
    struct Cold {
        std::string document;
        SnapshotCounts counts;
    };
    /// As a store says it that has nothing in memory.
    Cold cold(const std::string& id) {
        EntityStore entities(store());
        const auto entity = entities.get({}, {"product", id}, {});
        return {
            entity ? to_text(entity->document) : std::string(entity.error().info().name),
            entities.snapshot_counts()
        };
    }
    /// Type, content type and data of each event of the stream.
    std::vector<std::string> events(std::string_view stream) {
        api::ReadRequest request;
        request.stream = stream;
        const auto page = store().read({}, request);
        EXPECT_TRUE(page) << page.error().to_string();
        std::vector<std::string> found;
        if (!page) return found;
        EXPECT_TRUE(page->events.for_each([&](const model::RecordedEvent& event) {
            found.push_back(
                std::string(event.type) + " " + std::string(event.content_type) + " " +
                std::string(event.data)
            );
            return ok();
        }));
        return found;
    }
    /// Of the stream's first event.
    std::string hash_field(std::string_view stream) {
        api::ReadRequest request;
        request.stream = stream;
        request.limit = 1;
        const auto page = store().read({}, request);
        std::string found;
        if (!page) return found;
        EXPECT_TRUE(page->events.for_each([&](const model::RecordedEvent& event) {
            for (const auto& field : event.dialect) {
                if (field.name == "entity.hash") found = field.value;
            }
            return ok();
        }));
        return found;
    }
    void append_raw(
        std::string_view stream,
        std::string_view type,
        std::string_view data,
        std::string_view hash = ""
    ) {
        model::NewEvent event;
        event.type = type;
        event.data = data;
        if (!hash.empty()) event.dialect.push_back({"entity.hash", hash});
        model::AppendRequest request;
        request.stream = stream;
        request.events.push_back(event);
        const auto appended = store().append_and_wait({}, request);
        ASSERT_TRUE(appended) << appended.error().to_string();
    }

    api::EventStore& store() { return memory_.store(); }

    namespaces::testing::MemoryStore memory_;
    EntityStore direct_{memory_.store()};
    api::EntityStore& entities_ = direct_;  // as everybody calls it
    const EntityKey key_{"product", "7"};
};

}  // namespace annals::entities
