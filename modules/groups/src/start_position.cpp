// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "start_position.hpp"

#include <string>

#include "annals/streams/tokens.hpp"

namespace annals::groups {

Result<Position> start_position(
    namespaces::Namespaces& namespaces,
    commit::Orderer& events,
    std::string_view name_space,
    const api::SubscribeStart& start,
    std::string_view field
) {
    const Position end = events.visible_end().get();
    if (std::holds_alternative<api::FromEnd>(start)) return end;
    if (const auto* token = std::get_if<api::AfterToken>(&start)) {
        return streams::Tokens(events).check(token->token, field);
    }
    if (const auto* position = std::get_if<api::FromPosition>(&start)) {
        const std::uint64_t before = position->position.value == 0 ? 0
                                                                   : position->position.value - 1;
        if (before <= end.value) return Position(before);
        return Error(
                   ErrorCode::kTokenBeyondEnd,
                   std::string(field) + ": position " + std::to_string(position->position.value) +
                       " lies beyond the end of the log, which is " + std::to_string(end.value) +
                       ": name a position up to it"
        )
            .with("field", field)
            .with("position", std::to_string(position->position.value))
            .with("end", std::to_string(end.value));
    }
    if (const auto* time = std::get_if<api::FromTime>(&start)) {
        api::CallContext context;
        context.name_space = name_space;
        context.is_server = true;
        api::ReadRequest request;
        request.filter.include_system = true;
        request.start = *time;
        request.limit = 1;
        ANNALS_TRY(const api::ReadPage page, namespaces.read(context, request));
        if (page.events.empty()) return end;
        ANNALS_TRY(const auto found, page.events.decode());
        return Position(found.front().position.value - 1);
    }
    return Position(0);
}

}  // namespace annals::groups
