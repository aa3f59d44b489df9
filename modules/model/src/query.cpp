// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/query.hpp"

#include <algorithm>

#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"

namespace annals::model {
namespace {

bool has_all_tags(const std::vector<std::string>& tags, const NewEvent& event) {
    return std::all_of(tags.begin(), tags.end(), [&](const std::string& tag) {
        return std::find(event.tags.begin(), event.tags.end(), tag) != event.tags.end();
    });
}

bool is_any_of(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Error too_many(std::string_view field, std::string_view what, std::size_t count, std::size_t max) {
    return Error(
               ErrorCode::kLimitExceeded,
               std::string(field) + " names " + std::to_string(count) + " " + std::string(what) +
                   ", at most " + std::to_string(max) + " are taken"
    )
        .with("field", field)
        .with("value", std::to_string(count))
        .with("limit", std::to_string(max));
}

}  // namespace

bool matches(const Query& query, const NewEvent& event) {
    return std::any_of(query.items.begin(), query.items.end(), [&](const QueryItem& item) {
        return (item.types.empty() || is_any_of(item.types, event.type)) &&
               has_all_tags(item.tags, event);
    });
}

Status check_query(const Query& query, std::string_view field) {
    if (query.items.empty()) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   std::string(field) + " has no item: name a type or a tag"
        )
            .with("field", field);
    }
    if (query.items.size() > Limits::kQueryItemsMax) {
        return too_many(field, "items", query.items.size(), Limits::kQueryItemsMax);
    }
    for (std::size_t i = 0; i < query.items.size(); ++i) {
        const QueryItem& item = query.items[i];
        const std::string place = std::string(field) + ".items[" + std::to_string(i) + "]";
        if (item.types.empty() && item.tags.empty()) {
            return Error(ErrorCode::kInvalidArgument, place + " names neither a type nor a tag")
                .with("field", place);
        }
        if (item.types.size() > Limits::kQueryTypesMax) {
            return too_many(place, "types", item.types.size(), Limits::kQueryTypesMax);
        }
        if (item.tags.size() > Limits::kQueryTagsMax) {
            return too_many(place, "tags", item.tags.size(), Limits::kQueryTagsMax);
        }
        for (const std::string& type : item.types)
            ANNALS_CHECK(check_type_name(type, place + ".types"));
        for (const std::string& tag : item.tags) ANNALS_CHECK(check_tag(tag, place + ".tags"));
    }
    return ok();
}

bool matches(const Filter& filter, const NewEvent& event) {
    if (!filter.include_system && is_system_name(event.stream)) return false;
    if (!filter.categories.empty() && !is_any_of(filter.categories, category_of(event.stream)))
        return false;
    if (!filter.types.empty() && !is_any_of(filter.types, event.type)) return false;
    if (!filter.stream_prefixes.empty() &&
        std::none_of(
            filter.stream_prefixes.begin(),
            filter.stream_prefixes.end(),
            [&](const std::string& prefix) { return event.stream.starts_with(prefix); }
        )) {
        return false;
    }
    return has_all_tags(filter.tags, event);
}

Status check_filter(const Filter& filter, std::string_view field) {
    const std::string place(field);
    if (filter.types.size() > Limits::kQueryTypesMax) {
        return too_many(place + ".types", "types", filter.types.size(), Limits::kQueryTypesMax);
    }
    if (filter.categories.size() > Limits::kQueryTypesMax) {
        return too_many(
            place + ".categories", "categories", filter.categories.size(), Limits::kQueryTypesMax
        );
    }
    if (filter.stream_prefixes.size() > Limits::kQueryTypesMax) {
        return too_many(
            place + ".stream_prefixes",
            "stream prefixes",
            filter.stream_prefixes.size(),
            Limits::kQueryTypesMax
        );
    }
    if (filter.tags.size() > Limits::kQueryTagsMax) {
        return too_many(place + ".tags", "tags", filter.tags.size(), Limits::kQueryTagsMax);
    }
    const bool is_bounded = filter.recorded_since.value != 0 && filter.recorded_until.value != 0;
    if (is_bounded && filter.recorded_since >= filter.recorded_until) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   place + ".recorded_until is not later than " + place +
                       ".recorded_since: no event can be recorded between them"
        )
            .with("field", place + ".recorded_until")
            .with("value", std::to_string(filter.recorded_until.value));
    }
    for (const std::string& type : filter.types)
        ANNALS_CHECK(check_type_name(type, place + ".types"));
    for (const std::string& tag : filter.tags) ANNALS_CHECK(check_tag(tag, place + ".tags"));
    for (const std::string& prefix : filter.stream_prefixes) {
        ANNALS_CHECK(check_stream_name(prefix, place + ".stream_prefixes"));
    }
    for (const std::string& category : filter.categories) {
        ANNALS_CHECK(check_stream_name(category, place + ".categories"));
    }
    return ok();
}

}  // namespace annals::model
