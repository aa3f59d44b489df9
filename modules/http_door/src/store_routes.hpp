// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "annals/api/call_context.hpp"

#include "desk.hpp"
#include "exchange.hpp"
#include "media_types.hpp"
#include "message.hpp"
#include "router.hpp"

namespace annals::http_door::detail {

/// A request to the store: where it goes.
struct StoreCall {
    Desk& desk;
    Exchange& exchange;
    std::string_view name_space;  ///< of the path; "default" where it names none
    /// What stands for the path's other {…}, in order.
    const std::string* parameters = nullptr;
};

/// Adds `/v1/<path>` and `/v1/ns/{namespace}/<path>`. Reads offer JSON where nothing else is said.
void add_store_route(
    Router& router,
    Desk& desk,
    std::string_view method,
    std::string_view path,
    const std::function<void(const StoreCall&)>& route,
    std::optional<Offers> offers = {}
);

/// Namespace and trace context of the call: views into the request.
api::CallContext context_of(const StoreCall& call);

/// `/v1` or `/v1/ns/tenant`: what links begin with.
std::string base_path(const StoreCall& call);

/// Makes the answer on a thread that may wait; with the store open, overloaded when too many wait.
/// The request lives until then.
using BlockingAnswer = std::function<Response(api::EventStore& store, const StoreCall& call)>;
void answer_blocking(runtime::WorkerPool& pool, const StoreCall& call, BlockingAnswer make);

/// The same with a lease that is there already.
void answer_blocking(
    runtime::WorkerPool& pool, StoreLease lease, const StoreCall& call, BlockingAnswer make
);

/// A route that may fail: its error becomes a problem.
template <typename Route>
BlockingAnswer or_problem(Route route) {
    return [route = std::move(route)](api::EventStore& store, const StoreCall& call) {
        Result<Response> response = route(store, call);
        return response ? std::move(*response) : problem(response.error(), call.exchange.request());
    };
}

}  // namespace annals::http_door::detail
