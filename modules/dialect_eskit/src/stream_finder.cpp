// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "stream_finder.hpp"

#include <utility>

#include "annals/model/names.hpp"

#include "naming.hpp"

namespace annals::dialect_eskit {
namespace {

/// The oldest stream `<category>-<key>` of any category; empty when there is none.
Result<std::string> oldest_native_stream(
    api::EventStore& store, const api::CallContext& context, std::string_view key
) {
    api::ListRequest request;
    request.limit = kCategoriesMax;
    ANNALS_TRY(const api::CategoryList list, store.list_categories(context, request));
    if (list.categories.size() >= kCategoriesMax) return std::string();
    std::string oldest;
    Position oldest_position;
    for (const api::CategorySummary& category : list.categories) {
        if (model::is_system_name(category.name)) continue;
        const std::string stream = category.name + "-" + std::string(key);
        api::ReadRequest read;
        read.stream = stream;
        read.limit = 1;
        const auto page = store.read(context, read);
        if (!page && page.error().code() == ErrorCode::kStreamNotFound) continue;
        if (!page) return page.error();
        Position first;
        ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) {
            first = event.position;
            return ok();
        }));
        const bool is_older = first.value != 0 && (oldest.empty() || first < oldest_position);
        if (!is_older) continue;
        oldest = stream;
        oldest_position = first;
    }
    return oldest;
}

}  // namespace

Result<std::optional<Revision>> last_revision(
    api::EventStore& store, const api::CallContext& context, std::string_view stream
) {
    api::ReadRequest request;
    request.stream = stream;
    request.limit = 1;
    auto page = store.read(context, request);
    if (page) return page->last_revision;
    if (page.error().code() == ErrorCode::kStreamNotFound) return std::optional<Revision>();
    return page.error();
}

Result<FoundStream> find_stream(
    api::EventStore& store,
    const api::CallContext& context,
    std::string_view key,
    std::string_view entity_type
) {
    api::ReadRequest request;
    request.filter.tags.push_back(originator_tag(key));
    request.limit = 1;
    ANNALS_TRY(const api::ReadPage tagged, store.read(context, request));
    FoundStream found;
    found.tag_read_upto = tagged.position;
    ANNALS_CHECK(tagged.events.for_each([&](const model::RecordedEvent& event) {
        found.stream = event.stream;
        found.has_tagged_events = true;
        return ok();
    }));

    const std::string own = stream_name(entity_type, key);
    if (found.stream == own) return found;
    ANNALS_TRY(const std::optional<Revision> own_last, last_revision(store, context, own));
    if (own_last) {
        found.stream = own;
    } else if (found.stream.empty()) {
        ANNALS_TRY(found.stream, oldest_native_stream(store, context, key));
    }
    return found;
}

}  // namespace annals::dialect_eskit
