// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "store_routes.hpp"

#include <exception>
#include <memory>
#include <utility>

#include "annals/json_events/event_json.hpp"

#include "compression.hpp"

namespace annals::http_door::detail {
namespace {

constexpr std::string_view kDefaultNamespace = "default";

}  // namespace

void add_store_route(
    Router& router,
    Desk& desk,
    std::string_view method,
    std::string_view path,
    const std::function<void(const StoreCall&)>& route,
    std::optional<Offers> offers
) {
    const Offers usual = method == "GET" ? Offers(kJsonOffers) : Offers();
    const Offers all = offers.value_or(usual);
    const std::string plain = "/v1/" + std::string(path);
    const auto in_default = [&desk, route](Exchange& exchange) {
        route({desk, exchange, kDefaultNamespace, exchange.request().parameters.data()});
    };
    router.add(method, plain, in_default, all);
    const std::string named = "/v1/ns/{namespace}/" + std::string(path);
    const auto in_named = [&desk, route](Exchange& exchange) {
        const std::vector<std::string>& parameters = exchange.request().parameters;
        route({desk, exchange, parameters.front(), parameters.data() + 1});
    };
    router.add(method, named, in_named, all);
}

api::CallContext context_of(const StoreCall& call) {
    const Request& request = call.exchange.request();
    api::CallContext context;
    context.name_space = call.name_space;
    context.traceparent = request.header("traceparent");
    if (!context.traceparent.empty()) context.tracestate = request.header("tracestate");
    return context;
}

std::string base_path(const StoreCall& call) {
    const Request& request = call.exchange.request();
    std::string base = "/v1";
    if (request.segments.size() > 1 && request.segments[1] == "ns") {
        base += "/ns/";
        json_events::append_percent_encoded(base, call.name_space);
    }
    return base;
}

void answer_blocking(
    runtime::WorkerPool& pool, StoreLease lease, const StoreCall& call, BlockingAnswer make
) {
    // std::function wants to copy what it holds.
    auto shared = std::make_shared<StoreLease>(std::move(lease));
    const bool is_taken = pool.post([call, shared, make = std::move(make)]() mutable {
        Response response;
        try {
            response = make(shared->store(), call);
            compress(call.exchange.request(), response);
        } catch (const std::exception& error) {
            response = thrown(call.exchange.request(), error.what());
        }
        shared.reset();
        call.exchange.answer(std::move(response));
    });
    if (!is_taken) call.exchange.fail(Desk::workers_busy());
}

void answer_blocking(runtime::WorkerPool& pool, const StoreCall& call, BlockingAnswer make) {
    Result<StoreLease> lease = call.desk.gate.enter();
    if (!lease) {
        call.exchange.fail(lease.error());
        return;
    }
    answer_blocking(pool, std::move(*lease), call, std::move(make));
}

}  // namespace annals::http_door::detail
