// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "append_note_reader.hpp"

#include <charconv>
#include <limits>

#include "annals/json_events/time_text.hpp"

namespace annals::json_events {
namespace {

constexpr std::string_view kTrackingMembers = "source, consumer, key, position";
constexpr std::string_view kNoteMembers =
    "events, principal, tracking, tracking_fingerprint, rules_version";

Result<std::uint32_t> read_small_number(ondemand::value& value, const Where& where) {
    ANNALS_TRY(const std::uint64_t number, read_number(value, where));
    if (number == 0 || number > std::numeric_limits<std::uint32_t>::max())
        return not_acceptable(where, std::to_string(number), "1 to 4294967295");
    return static_cast<std::uint32_t>(number);
}

/// As a text: many readers of JSON keep no more than 53 bits of a number.
Result<std::uint64_t> read_fingerprint(ondemand::value& value, const Where& where) {
    ANNALS_TRY(const std::string_view text, read_text(value, where));
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || text.empty())
        return not_acceptable(where, text, "a number of 64 bits, as a text");
    return number;
}

}  // namespace

Result<model::Tracking> read_tracking(ondemand::value& value, const Where& where) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    model::Tracking tracking;
    bool has_position = false;
    ANNALS_CHECK(for_each_member(
        object,
        where,
        [&](std::string_view name, ondemand::value& member) -> Status {
            const Where here = where.at(name);
            if (name == "position") {
                ANNALS_TRY(tracking.position, read_number(member, here));
                has_position = true;
                return ok();
            }
            if (name == "source") {
                ANNALS_TRY(tracking.source, read_text(member, here));
            } else if (name == "consumer") {
                ANNALS_TRY(tracking.consumer, read_text(member, here));
            } else if (name == "key") {
                ANNALS_TRY(tracking.key, read_text(member, here));
            } else {
                return unknown_member(where, name, member, kTrackingMembers);
            }
            return ok();
        }
    ));
    if (!has_position) return left_out(where.at("position"), "the position that was handled");
    return tracking;
}

Status read_append_note(ondemand::value& value, const Where& where, model::AppendNote& note) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    return for_each_member(
        object,
        where,
        [&](std::string_view name, ondemand::value& member) -> Status {
            const Where here = where.at(name);
            if (name == "events") {
                ANNALS_TRY(note.events, read_small_number(member, here));
            } else if (name == "principal") {
                ANNALS_TRY(note.principal, read_text(member, here));
            } else if (name == "tracking") {
                ANNALS_TRY(note.tracking, read_tracking(member, here));
            } else if (name == "tracking_fingerprint") {
                ANNALS_TRY(note.tracking_fingerprint, read_fingerprint(member, here));
            } else if (name == "rules_version") {
                ANNALS_TRY(note.rules_version, read_small_number(member, here));
            } else {
                return unknown_member(where, name, member, kNoteMembers);
            }
            return ok();
        }
    );
}

Status read_removal_note(ondemand::value& value, const Where& where, model::RemovalNote& note) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    bool has_time = false;
    bool has_fingerprint = false;
    ANNALS_CHECK(for_each_member(
        object,
        where,
        [&](std::string_view name, ondemand::value& member) -> Status {
            const Where here = where.at(name);
            if (name == "time") {
                ANNALS_TRY(const std::string_view text, read_text(member, here));
                ANNALS_TRY(const model::ValidTime time, parse_time(text, name));
                note.removed_time = time.at;
                has_time = true;
            } else if (name == "fingerprint") {
                ANNALS_TRY(note.fingerprint, read_fingerprint(member, here));
                has_fingerprint = true;
            } else if (name == "forgotten") {
                ANNALS_TRY(note.is_folded, read_boolean(member, here));
            } else {
                return unknown_member(where, name, member, "time, fingerprint, forgotten");
            }
            return ok();
        }
    ));
    if (note.is_folded || (has_time && has_fingerprint)) return ok();
    return not_acceptable(where, "time and fingerprint, or forgotten");
}

}  // namespace annals::json_events
