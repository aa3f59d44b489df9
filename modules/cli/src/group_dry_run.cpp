// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_dry_run.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "annals/model/token.hpp"

#include "connect.hpp"
#include "program.hpp"

namespace annals::cli {
namespace {

constexpr std::uint64_t kCountedMax = 10'000;
/// Whose queues are looked at, one call each.
constexpr std::uint64_t kParkedKeysMax = 1'000;
constexpr std::uint32_t kPage = 1'000;

struct Counted {
    std::uint64_t events = 0;
    bool is_exact = true;
};

/// Events of the group in (after, last].
Result<Counted> count_events(
    Session& session,
    api::EventStore& events,
    const api::GroupSettings& settings,
    Position after,
    Position last
) {
    Counted counted;
    if (last <= after) return counted;
    api::ReadRequest request;
    request.stream = settings.stream;
    request.filter = settings.filter;
    request.start = api::FromPosition{after.next()};
    request.limit = kPage;
    while (counted.events <= kCountedMax) {
        ANNALS_TRY(const api::ReadPage page, events.read(session.context(), request));
        bool is_over = page.is_end || page.next.empty();
        ANNALS_CHECK(page.events.for_each([&](const model::RecordedEvent& event) {
            if (event.position <= last) {
                ++counted.events;
            } else {
                is_over = true;
            }
            return ok();
        }));
        if (is_over) return counted;
        request.start = api::AfterToken{page.next};
    }
    counted.is_exact = false;
    return counted;
}

/// Takes off what is parked, or queued behind that, in (after, last]: a rewind leaves it there.
Status take_off_parked(
    Session& session,
    api::ConsumerGroups& groups,
    const std::string& group,
    Position after,
    Position last,
    Counted& counted
) {
    const auto take_off = [&](Position at) {
        if (at > after && at <= last && counted.events > 0) --counted.events;
    };
    api::ListParkedRequest listing;
    listing.group = group;
    std::uint64_t keys = 0;
    for (bool has_more = true; has_more;) {
        ANNALS_TRY(const api::ParkedList page, groups.list_parked(session.context(), listing));
        for (const api::ParkedEvent& parked : page.parked) {
            listing.after = parked.at;
            take_off(parked.at);
            if (parked.queued == 0) continue;
            if (++keys > kParkedKeysMax) {
                counted.is_exact = false;
                return ok();
            }
            ANNALS_TRY(
                const api::ParkedDetails details,
                groups.get_parked(session.context(), group, parked.at)
            );
            for (const Position at : details.queued) take_off(at);
        }
        has_more = page.has_more;
    }
    return ok();
}

Error beyond_end(std::string_view field, Position position, Position end) {
    return Error(
               ErrorCode::kTokenBeyondEnd,
               std::string(field) + ": position " + std::to_string(position.value) +
                   " lies beyond the end of the log, which is " + std::to_string(end.value) +
                   ": name a position up to it"
    )
        .with("field", field)
        .with("position", std::to_string(position.value))
        .with("end", std::to_string(end.value));
}

}  // namespace

Result<Position> position_before(
    Session& session,
    api::EventStore& events,
    const api::SubscribeStart& place,
    std::string_view field
) {
    if (std::holds_alternative<std::monostate>(place)) return Position(0);
    if (const auto* token = std::get_if<api::AfterToken>(&place)) {
        api::ReadRequest request;
        request.filter.include_system = true;
        request.start = *token;
        request.limit = 1;
        ANNALS_CHECK(events.read(session.context(), request));
        ANNALS_TRY(const model::PositionToken parsed, model::parse_token(token->token));
        return parsed.position;
    }
    ANNALS_TRY(const auto info, events.info(session.context()));
    if (const auto* position = std::get_if<api::FromPosition>(&place)) {
        const Position before(position->position.value == 0 ? 0 : position->position.value - 1);
        if (before > info.last_position) {
            return beyond_end(field, position->position, info.last_position);
        }
        return before;
    }
    if (const auto* time = std::get_if<api::FromTime>(&place)) {
        api::ReadRequest request;
        request.filter.include_system = true;
        request.start = *time;
        request.limit = 1;
        ANNALS_TRY(const api::ReadPage page, events.read(session.context(), request));
        ANNALS_TRY(const auto found, page.events.decode());
        if (!found.empty()) return Position(found.front().position.value - 1);
    }
    return info.last_position;
}

Result<Position> position_reached(
    Session& session, api::EventStore& events, Position at, std::string_view field
) {
    ANNALS_TRY(const auto info, events.info(session.context()));
    if (at > info.last_position) return beyond_end(field, at, info.last_position);
    return at;
}

Result<ExitCode> preview_control(
    Session& session, api::ConsumerGroups& groups, const api::ControlGroupRequest& request
) {
    ANNALS_TRY(const api::GroupStatus now, groups.get(session.context(), request.group));
    Json json;
    json["dry_run"] = true;
    json["group"] = now.group;
    json["checkpoint"] = now.checkpoint.value;
    json["members_ended"] = now.members.size();
    const bool is_reset = request.command == api::GroupCommand::kReset;
    if (is_reset || request.command == api::GroupCommand::kRewind) {
        ANNALS_TRY(const auto events, connect_to_server(session.options));
        ANNALS_TRY(
            const Position to,
            position_before(
                session,
                *events,
                is_reset ? now.settings.start : request.to,
                is_reset ? "start" : "--to"
            )
        );
        json["goes_on_after"] = to.value;
        ANNALS_TRY(Counted again, count_events(session, *events, now.settings, to, now.checkpoint));
        if (!is_reset && now.parked_events > 0) {
            ANNALS_CHECK(take_off_parked(session, groups, request.group, to, now.checkpoint, again)
            );
        }
        ANNALS_TRY(
            const Counted skipped, count_events(session, *events, now.settings, now.checkpoint, to)
        );
        json["events_given_again"] = again.events;
        json["events_passed_over"] = skipped.events;
        json["is_count_exact"] = again.is_exact && skipped.is_exact;
    }
    const bool forgets_parked = request.command != api::GroupCommand::kRewind;
    json["parked_keys_forgotten"] = forgets_parked ? now.parked_keys : 0;
    json["parked_events_forgotten"] = forgets_parked ? now.parked_events : 0;
    session.printer().object(json);
    session.remark("nothing was changed");
    return ExitCode::kOk;
}

Result<ExitCode> preview_purge(
    Session& session, api::ConsumerGroups& groups, const api::ChangeParkedRequest& request
) {
    for (const Position at : request.positions) {
        ANNALS_CHECK(groups.get_parked(session.context(), request.group, at));
    }
    std::uint64_t keys = 0;
    std::uint64_t gone = 0;
    api::ListParkedRequest listing;
    listing.group = request.group;
    bool has_more = true;
    while (has_more) {
        ANNALS_TRY(const api::ParkedList page, groups.list_parked(session.context(), listing));
        for (const api::ParkedEvent& parked : page.parked) {
            listing.after = parked.at;
            const bool is_named = std::ranges::find(request.positions, parked.at) !=
                                  request.positions.end();
            const bool is_of_all = request.all && (request.limit == 0 || keys < request.limit);
            if (!is_named && !is_of_all) continue;
            ++keys;
            gone += 1 + parked.queued;
        }
        has_more = page.has_more;
    }
    Json json;
    json["dry_run"] = true;
    json["group"] = request.group;
    json["parked_keys_left_out"] = keys;
    json["events_left_out"] = gone;
    session.printer().object(json);
    session.remark("nothing was changed");
    return ExitCode::kOk;
}

}  // namespace annals::cli
