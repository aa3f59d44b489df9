// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/result.hpp"

#include "store_routes.hpp"

namespace annals::http_door::detail {

/// The groups of the server; not_supported where it keeps none.
Result<api::ConsumerGroups*> groups_of(const StoreCall& call);

/// Digits of a path that say which one; invalid_argument with the field `name`.
Result<std::uint64_t> number_in_path(std::string_view name, std::string_view text);

/// Adds a route on groups: `route(groups, call)` answers on a thread that may wait.
template <typename Route>
void add_group_route(
    Router& router,
    Desk& desk,
    std::string_view method,
    std::string_view path,
    Route route,
    std::optional<Offers> offers = {}
) {
    const auto over = [route](api::EventStore&, const StoreCall& call) -> Result<Response> {
        ANNALS_TRY(api::ConsumerGroups* const groups, groups_of(call));
        return route(*groups, call);
    };
    const auto answer = [make = or_problem(over)](const StoreCall& call) {
        answer_blocking(call.desk.waiters, call, make);
    };
    add_store_route(router, desk, method, path, answer, offers);
}

}  // namespace annals::http_door::detail
