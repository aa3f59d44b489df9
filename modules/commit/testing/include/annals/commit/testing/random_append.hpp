// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "annals/codec/checksum.hpp"
#include "annals/commit/testing/ids.hpp"
#include "annals/commit/testing/rules_model.hpp"

namespace annals::commit::testing {

// Random appends over few streams, ids, tags and revisions, so that they meet each other often.
// `pick(n)` chooses a number below n: rapidcheck's, or a generator's.

template <typename Pick>
ModelEvent random_event(Pick& pick) {
    ModelEvent event;
    event.stream = "s" + std::to_string(pick(4));
    event.is_id_given = pick(4) != 0;
    event.id = event.is_id_given ? id_of(pick(12)) : make_uuid_v4();
    event.type = "t" + std::to_string(pick(2));
    std::string content = event.type + (pick(10) == 0 ? "a" : "b");
    for (int tag = 0; tag < 3; ++tag) {
        if (pick(4) != 0) continue;
        event.tags.push_back("g" + std::to_string(tag));
        content += event.tags.back();
    }
    event.content = codec::hash64(content);
    return event;
}

/// An event of a stream's metadata stream.
template <typename Pick>
ModelEvent random_change(Pick& pick) {
    ModelEvent event = random_event(pick);
    const std::string subject = std::exchange(event.stream, "$$" + event.stream);
    const std::uint64_t kind = pick(24);
    event.type = kind < 12 ? model::kMetadataType
                           : (kind < 23 ? model::kDeletedType : model::kTombstonedType);
    event.content = codec::hash64(event.type + std::to_string(kind % 2));
    event.tags.clear();
    if (event.type == model::kDeletedType) event.tags.push_back(model::deletion_tag_of(subject));
    return event;
}

template <typename Pick>
model::ExpectedRevision random_expected(
    const RulesModel& model, const std::string& stream, Pick& pick
) {
    using model::ExpectedRevision;
    switch (pick(8)) {
        case 0:
            return ExpectedRevision::any();
        case 1:
            return ExpectedRevision::no_stream();
        case 2:
            return ExpectedRevision::exists();
        case 3:
            return ExpectedRevision::deleted();
        case 4:
            return ExpectedRevision::exactly(Revision(pick(6)));
        default:
            break;
    }
    const std::uint64_t count = model.count(stream);
    return count == 0 ? ExpectedRevision::no_stream()
                      : ExpectedRevision::exactly(Revision(count - 1));
}

/// Sometimes an earlier append once more, to the letter.
template <typename Pick>
ModelAppend random_append(const RulesModel& model, Pick& pick) {
    if (!model.appends.empty() && pick(4) == 0) return model.appends[pick(model.appends.size())];
    ModelAppend append;
    do {
        append.events.clear();
        const bool is_change = pick(8) == 0;
        for (std::uint64_t i = is_change ? 0 : 1 + pick(3); i != 0; --i)
            append.events.push_back(random_event(pick));
        if (is_change) append.events.push_back(random_change(pick));
    } while (find_repeated_id(proposal_of(append)));
    for (std::uint64_t i = pick(3); i != 0; --i) {
        std::string stream = "s" + std::to_string(pick(5));
        if (pick(8) == 0) stream.insert(0, "$$");
        append.stream_checks.emplace_back(stream, random_expected(model, stream, pick));
    }
    if (pick(4) == 0) {
        ModelQuery query;
        const std::uint64_t kind = pick(3);
        if (kind != 1) query.type = "t" + std::to_string(pick(3));
        if (kind != 0) query.tag = "g" + std::to_string(pick(4));
        query.after = pick(model.log.size() + 1);
        append.queries.push_back(query);
    }
    if (pick(4) == 0) append.tracking = ModelTracking{"k" + std::to_string(pick(2)), 1 + pick(8)};
    return append;
}

}  // namespace annals::commit::testing
