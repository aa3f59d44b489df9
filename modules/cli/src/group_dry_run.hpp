// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/api/consumer_groups.hpp"
#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"

#include "exit_code.hpp"
#include "session.hpp"

namespace annals::cli {

// What a command would do, printed; nothing is changed. They refuse what the command refuses.

/// The position after which somebody goes on who begins at the place. token_beyond_end,
/// token_unknown. `field` is how errors name the place. Asks the server, at most twice.
Result<Position> position_before(
    Session& session,
    api::EventStore& events,
    const api::SubscribeStart& place,
    std::string_view field
);

/// The position itself, if the log has come so far; token_beyond_end.
Result<Position> position_reached(
    Session& session, api::EventStore& events, Position at, std::string_view field
);

/// Of a reset, a rewind or a deletion: where the group would go on, how many events up to its
/// checkpoint would be given again, or passed over, how many parked ones forgotten. Reads up to
/// 10,000 events to count them; more are said to be more.
Result<ExitCode> preview_control(
    Session& session, api::ConsumerGroups& groups, const api::ControlGroupRequest& request
);

/// Of a purge: how many keys and events would be left out.
Result<ExitCode> preview_purge(
    Session& session, api::ConsumerGroups& groups, const api::ChangeParkedRequest& request
);

}  // namespace annals::cli
