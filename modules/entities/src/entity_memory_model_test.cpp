// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/documents/testing/arbitrary_value.hpp"

#include "entity_test_support.hpp"
#include "fold.hpp"

namespace annals::entities {
namespace {

using documents::testing::below;
using documents::testing::one_of;

Revision arbitrary_revision(std::uint64_t end) {
    return Revision(static_cast<std::uint64_t>(below(static_cast<int>(end))));
}

std::string said_of(const Stamp& stamp) {
    return " " + stamp.actor + "@" + std::to_string(stamp.time.value);
}

std::string said_of(const State& state) {
    if (state.problem) return std::string(state.problem->message());
    if (!state.has_document) return "entity_not_found";
    return std::to_string(state.revision.value) + (state.is_deleted ? " deleted " : " ") +
           to_text(state.document) + " " + documents::hash_of(state.document) +
           said_of(state.created) + said_of(state.changed);
}

std::string said_of(const Result<Entity>& entity) {
    if (entity) {
        return std::to_string(entity->revision.value) + (entity->is_deleted ? " deleted " : " ") +
               to_text(entity->document) + " " + entity->hash + said_of(entity->created) +
               said_of(entity->changed);
    }
    const Error& error = entity.error();
    return std::string(
        error.code() == ErrorCode::kEntityUnreadable ? error.message() : error.info().name
    );
}

/// One entity of a store, which all doors change, and whose beginning is hidden and shown again.
class History {
  public:
    /// Of every way to know the entity, that it says what a fold of what is shown now does.
    void compare() {
        GetOptions options;
        options.with_deleted = true;
        const std::string expected = folded();
        if (const auto quick = direct_.try_get({}, key_, options)) {
            RC_ASSERT(said_of(*quick) == expected);
        }
        EntityStore cold(memory_.store());
        RC_ASSERT(said_of(cold.get({}, key_, options)) == expected);
        // Else what is in memory grows old, or an update made it.
        if (below(3) == 0) RC_ASSERT(said_of(direct_.get({}, key_, options)) == expected);
    }
    void change() {
        switch (below(12)) {
            case 0:
                (void)direct_.create({}, key_.type, {key_.id, document()}, options());
                return;
            case 1:
                (void)direct_.remove({}, key_, options());
                return;
            case 2:
                (void)direct_.replace({}, key_, document(), options(), below(2) == 0);
                return;
            case 3:
                (void)direct_.undo({}, key_, arbitrary_revision(10), options());
                return;
            case 4:
                append(one_of({"thing.Updated", "thing.Created", "thing.Deleted", "thing.Noted"}));
                return;
            case 5:
                for (int i = below(90); i > 0; --i) patch();
                return;
            case 6:
                for (int i = below(12); i > 0; --i) append("thing.Noted");
                return;
            case 7:
                (void)memory_.store().truncate_stream(
                    {}, {stream_of(key_), arbitrary_revision(next() + 2), {}}
                );
                return;
            case 8:
                retain(below(2) == 0 ? below(4) + 1 : below(120) + 1);
                return;
            case 9:
                retain(std::nullopt);
                return;
            default:
                for (int i = below(5); i >= 0; --i) patch();
        }
    }

  private:
    WriteOptions options() {
        WriteOptions options;
        options.actor = "actor" + std::to_string(++count_);
        return options;
    }
    Value document() { return json(R"({"kept":)" + std::to_string(++count_) + "}"); }
    void patch() {
        const Patch patch = merge(
            "{\"" + one_of({"a", "b"}) + "\":" + std::to_string(++count_) + "}"
        );
        const WriteOptions by = options();
        std::promise<void> answered;
        const bool is_taken = below(4) != 0 &&
                              direct_.try_patch({}, key_, patch, by, [&](const Result<Written>&) {
                                  answered.set_value();
                              });
        if (is_taken) {
            answered.get_future().wait();
        } else {
            (void)direct_.patch({}, key_, patch, by);
        }
    }
    void append(std::string_view type) {
        model::NewEvent event;
        const std::string data = below(8) == 0 ? "no JSON"
                                               : R"({"c":)" + std::to_string(++count_) + "}";
        event.type = type;
        event.data = data;
        const std::string wrong(64, '0');
        if (below(8) == 0) event.dialect.push_back({kHashField, wrong});
        model::AppendRequest request;
        const std::string stream = stream_of(key_);
        request.stream = stream;
        request.events.push_back(event);
        RC_ASSERT(memory_.store().append_and_wait({}, request));
    }
    /// All that was hidden is shown again, but for what the count hides.
    void retain(std::optional<std::uint64_t> max_count) {
        if (next() == 0) return;
        api::SetMetadataRequest request;
        request.target.stream = stream_of(key_);
        request.metadata.max_count = max_count;
        RC_ASSERT(memory_.store().set_stream_metadata({}, request));
    }
    std::uint64_t next() {
        api::ReadRequest request;
        request.stream = stream_of(key_);
        const auto page = memory_.store().read({}, request);
        return page ? page->last_revision->value + 1 : 0;
    }
    std::string folded() {
        api::ReadRequest request;
        request.stream = stream_of(key_);
        Fold fold;
        while (true) {
            const auto page = memory_.store().read({}, request);
            if (!page) return "entity_not_found";
            RC_ASSERT(page->events.for_each([&](const model::RecordedEvent& event) {
                fold.add(event);
                return ok();
            }));
            if (page->is_end) break;
            request.start = api::AfterToken{page->next};
        }
        const auto state = fold.finish();
        return state ? said_of(*state) : "entity_not_found";
    }

    namespaces::testing::MemoryStore memory_;
    EntityStore direct_{memory_.store()};
    const EntityKey key_{"thing", "1"};
    int count_ = 0;
};

/// Dropping states in memory and snapshots changes no answer (docs/adr/0020).
RC_GTEST_PROP(EntityMemoryModel, WhatIsBelievedIsWhatAFoldOfWhatIsShownNowGives, ()) {
    History history;
    for (int i = below(16) + 8; i > 0; --i) {
        history.change();
        history.compare();
    }
}

}  // namespace
}  // namespace annals::entities
