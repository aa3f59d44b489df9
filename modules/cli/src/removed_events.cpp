// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "removed_events.hpp"

#include <cstdint>

#include "time_text.hpp"

namespace annals::cli {
namespace {

std::string range_text(std::string_view noun, std::uint64_t first, std::uint64_t last) {
    if (first == last) return std::string(noun) + " " + std::to_string(first);
    return std::string(noun) + "s " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace

std::string removed_text(const api::RemovedEvents& removed) {
    const std::string positions = range_text(
        "position", removed.first_position.value, removed.last_position.value
    );
    if (removed.is_uncertain)
        return "events were removed at " + positions + ": nobody knows whether some were asked for";
    std::string text = removed.events == 1 ? "1 event is gone ("
                                           : std::to_string(removed.events) + " events are gone (";
    // Of a stream the positions are bounds.
    const bool has_revisions = removed.first_revision && removed.last_revision;
    text += has_revisions
                ? range_text(
                      "revision", removed.first_revision->value, removed.last_revision->value
                  )
                : positions;
    if (removed.removed_time.value != 0) text += ", removed " + time_text(removed.removed_time);
    return text + ")";
}

Json removed_to_json(const api::RemovedEvents& removed) {
    Json json;
    json["first_position"] = removed.first_position.value;
    json["last_position"] = removed.last_position.value;
    json["events"] = removed.events;
    if (removed.first_revision) json["first_revision"] = removed.first_revision->value;
    if (removed.last_revision) json["last_revision"] = removed.last_revision->value;
    if (removed.removed_time.value != 0) json["removed_time"] = time_text(removed.removed_time);
    if (removed.is_uncertain) json["is_uncertain"] = true;
    return json;
}

}  // namespace annals::cli
