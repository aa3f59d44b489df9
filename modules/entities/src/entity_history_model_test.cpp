// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/documents/testing/arbitrary_value.hpp"

#include "entity_test_support.hpp"

namespace annals::entities {
namespace {

/// Random changes against a plain list of documents, one for each revision.
RC_GTEST_PROP(EntityStoreModel, EveryRevisionIsWhatAPlainModelSays, ()) {
    namespaces::testing::MemoryStore memory;
    EntityStore direct(memory.store());
    api::EntityStore& entities = direct;
    const EntityKey key{"thing", "1"};
    struct Version {
        bool is_live;
        Value document;
    };
    std::vector<Version> model;
    const auto is_live = [&] { return !model.empty() && model.back().is_live; };
    for (int i = documents::testing::below(25) + 5; i > 0; --i) {
        const Value document = documents::testing::arbitrary_object(3);
        switch (documents::testing::below(5)) {
            case 0: {
                const auto made = entities.create({}, key.type, {key.id, document});
                RC_ASSERT(made.has_value() == !is_live());
                if (made) model.push_back({true, document});
                break;
            }
            case 1: {
                const bool was_live = is_live();
                RC_ASSERT(entities.remove({}, key).has_value() == was_live);
                if (was_live) model.push_back({false, model.back().document});
                break;
            }
            case 2: {
                if (model.empty()) break;
                const auto to = static_cast<std::size_t>(
                    documents::testing::below(static_cast<int>(model.size()))
                );
                const auto undone = entities.undo({}, key, Revision(to));
                RC_ASSERT(undone);
                const Version then = model[to];
                if (!undone->is_unchanged) {
                    model.push_back(
                        {then.is_live, then.is_live ? then.document : model.back().document}
                    );
                }
                RC_ASSERT(model.back().is_live == then.is_live);
                break;
            }
            default: {
                const auto replaced = entities.replace({}, key, document);
                RC_ASSERT(replaced.has_value() == is_live());
                if (replaced && !replaced->is_unchanged) model.push_back({true, document});
                break;
            }
        }
        if (!model.empty()) {
            GetOptions options;
            options.with_deleted = true;
            const auto now = entities.get({}, key, options);
            RC_ASSERT(now);
            RC_ASSERT(now->revision == Revision(model.size() - 1));
            RC_ASSERT(now->document == model.back().document);
        }
    }
    for (std::size_t i = 0; i < model.size(); ++i) {
        const auto then = entities.get({}, key, as_of(Revision(i), true));
        RC_ASSERT(then);
        RC_ASSERT(then->is_deleted != model[i].is_live);
        RC_ASSERT(to_text(then->document) == to_text(model[i].document));
    }
}

}  // namespace
}  // namespace annals::entities
