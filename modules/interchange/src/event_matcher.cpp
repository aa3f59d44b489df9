// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_matcher.hpp"

namespace annals::interchange {

Result<EventMatcher> EventMatcher::make(const Selection& selection) {
    EventMatcher matcher;
    matcher.selection_ = selection;
    if (!selection.stream.empty()) matcher.selection_.filter.include_system = true;
    matcher.of_streams_ = selection.filter;
    matcher.of_streams_.types.clear();
    matcher.of_streams_.tags.clear();
    if (!selection.filter.stream_pattern.empty()) {
        ANNALS_TRY(
            matcher.stream_pattern_,
            patterns::Pattern::compile(selection.filter.stream_pattern, "match")
        );
    }
    if (!selection.filter.type_pattern.empty()) {
        ANNALS_TRY(
            matcher.type_pattern_,
            patterns::Pattern::compile(selection.filter.type_pattern, "match-type")
        );
    }
    return matcher;
}

Result<bool> EventMatcher::matches_stream(std::string_view stream) const {
    if (!selection_.stream.empty()) return stream == selection_.stream;
    model::NewEvent probe;
    probe.stream = stream;
    if (!model::matches(of_streams_, probe)) return false;
    return stream_pattern_ ? stream_pattern_->matches(stream) : Result<bool>(true);
}

Result<bool> EventMatcher::matches(const model::RecordedEvent& event) const {
    if (!selection_.filter.is_within_time(event.recorded_time)) return false;
    ANNALS_TRY(const bool is_stream, matches_stream(event.stream));
    if (!is_stream) return false;
    if (!model::matches(selection_.filter, event)) return false;
    return type_pattern_ ? type_pattern_->matches(event.type) : Result<bool>(true);
}

}  // namespace annals::interchange
