// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/requests.hpp"

#include <string>
#include <utility>

#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/patterns/pattern.hpp"

namespace annals::streams {

Status check_selection(std::string_view stream, const model::Filter& filter) {
    if (!stream.empty()) ANNALS_CHECK(model::check_stream_name(stream));
    if (filter.is_everything()) return ok();
    if (!stream.empty() && filter.selects_streams()) {
        const std::string_view field = !filter.categories.empty()        ? "filter.categories"
                                       : !filter.stream_prefixes.empty() ? "filter.stream_prefixes"
                                                                         : "filter.stream_pattern";
        return Error(
                   ErrorCode::kInvalidArgument,
                   "a read of the stream \"" + model::shown(stream) + "\" takes no " +
                       std::string(field) +
                       ", which says which streams: leave it out, or the stream"
        )
            .with("field", field)
            .with("stream", model::shown(stream));
    }
    ANNALS_CHECK(patterns::Pattern::compile(filter.stream_pattern, "filter.stream_pattern"));
    ANNALS_CHECK(patterns::Pattern::compile(filter.type_pattern, "filter.type_pattern"));
    return model::check_filter(filter);
}

Result<std::uint32_t> events_limit(
    std::uint32_t limit, std::uint32_t usual, std::string_view field
) {
    if (limit == 0) return usual;
    if (limit <= model::Limits::kReadEventsMax) return limit;
    return Error(
               ErrorCode::kLimitExceeded,
               std::string(field) + " is " + std::to_string(limit) + ", at most " +
                   std::to_string(model::Limits::kReadEventsMax) + " are given at once"
    )
        .with("field", field)
        .with("value", std::to_string(limit))
        .with("limit", std::to_string(model::Limits::kReadEventsMax));
}

Error stream_not_found(std::string_view stream) {
    // What begins with $ nobody appends to.
    const std::string_view cure = model::is_system_name(stream)
                                      ? "check the name"
                                      : "check the name, or append its first event";
    std::string message = "there is no stream \"" + model::shown(stream) + "\": ";
    message += cure;
    return Error(ErrorCode::kStreamNotFound, std::move(message))
        .with("stream", model::shown(stream));
}

Error stream_is_deleted(std::string_view stream) {
    return Error(
               ErrorCode::kStreamNotFound,
               "the stream \"" + model::shown(stream) +
                   "\" was deleted: append an event to use its name again"
    )
        .with("stream", model::shown(stream))
        .with("is_deleted", "true");
}

Error stream_is_tombstoned(std::string_view stream) {
    return Error(
               ErrorCode::kStreamDeleted,
               "the stream \"" + model::shown(stream) + "\" was tombstoned: use another name"
    )
        .with("stream", model::shown(stream));
}

}  // namespace annals::streams
