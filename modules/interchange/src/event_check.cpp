// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_check.hpp"

#include <string>

#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"

#include "event_copy.hpp"

namespace annals::interchange {

Status check_event(const model::NewEvent& event) {
    ANNALS_CHECK(model::check_stream_name(event.stream));
    ANNALS_CHECK(model::check_type_name(event.type));
    for (const std::string_view tag : event.tags) ANNALS_CHECK(model::check_tag(tag));
    if (event.tags.size() > model::Limits::kTagsPerEventMax) {
        return Error(
            ErrorCode::kLimitExceeded,
            "tags: " + std::to_string(event.tags.size()) + " are more than " +
                std::to_string(model::Limits::kTagsPerEventMax)
        );
    }
    if (event.actor.size() > model::Limits::kReservedFieldBytesMax) {
        return Error(ErrorCode::kInvalidArgument, "the actor is longer than a name may be");
    }
    if (size_of(event) > model::Limits::kEventBytesMax) {
        return Error(
            ErrorCode::kLimitExceeded,
            "the event is too large: " + std::to_string(size_of(event)) + " bytes, at most " +
                std::to_string(model::Limits::kEventBytesMax)
        );
    }
    return ok();
}

}  // namespace annals::interchange
