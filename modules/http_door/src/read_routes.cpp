// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "read_routes.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "compression.hpp"
#include "event_feed.hpp"
#include "long_poll.hpp"
#include "media_types.hpp"
#include "page_answer.hpp"
#include "parameters.hpp"
#include "selection.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

/// More events than this are written as JSON by a worker: a lane's thread must not be held.
constexpr std::uint32_t kAtOnceEvents = 128;
constexpr std::size_t kAtOnceBytes = 128u << 10u;

/// The answer of a read that needs neither the disk nor much work.
std::optional<Response> try_at_once(
    api::EventStore& store, const StoreCall& call, const Selection& selection
) {
    if (selection.read.limit > kAtOnceEvents || selection.as_of.index() != 0) return std::nullopt;
    std::optional<Result<api::ReadPage>> page = store.try_read(context_of(call), selection.read);
    if (!page) return std::nullopt;
    if (!*page) return problem(page->error(), call.exchange.request());
    if ((*page)->events.bytes().size() > kAtOnceBytes) return std::nullopt;
    Response response = page_response(call, **page);
    compress(call.exchange.request(), response);
    return response;
}

void read_events(const StoreCall& call, Selection selection) {
    if (const Status is_page = check_page(selection); !is_page) {
        call.exchange.fail(is_page.error());
        return;
    }
    Result<StoreLease> lease = call.desk.gate.enter();
    if (!lease) {
        call.exchange.fail(lease.error());
        return;
    }
    if (selection.wait_ms > 0 && selection.read.min_position.empty()) {
        if (selection.read.direction == api::Direction::kBackwards ||
            selection.as_of.index() != 0) {
            call.exchange.fail(bad_as_sent(
                call.exchange.request(),
                "wait",
                "left out: only a read forwards can wait for what comes"
            ));
            return;
        }
        LongPoll::start(call, std::move(*lease), std::move(selection));
        return;
    }
    if (auto response = try_at_once(lease->store(), call, selection)) {
        call.exchange.answer(std::move(*response));
        return;
    }
    const bool may_wait = selection.read.max_wait_ms > 0;
    answer_blocking(
        may_wait ? call.desk.waiters : call.desk.readers,
        std::move(*lease),
        call,
        [selection = std::move(selection)](api::EventStore& store, const StoreCall& where) {
            const Result<api::ReadPage> page = read_page(store, context_of(where), selection);
            if (!page) return problem(page.error(), where.exchange.request());
            return page_response(where, *page);
        }
    );
}

void events_route(const StoreCall& call, std::string stream) {
    const Request& request = call.exchange.request();
    Result<Selection> selection = parse_selection(request, std::move(stream));
    if (!selection) {
        call.exchange.fail(selection.error());
        return;
    }
    if (request.media_type != kFeedType) {
        read_events(call, std::move(*selection));
        return;
    }
    Result<api::SubscribeRequest> subscribe = subscribe_request(request, std::move(*selection));
    if (!subscribe) {
        call.exchange.fail(subscribe.error());
        return;
    }
    EventFeed::start(call, std::move(*subscribe));
}

Result<Response> event_by_id(api::EventStore& store, const StoreCall& call) {
    ANNALS_TRY(const Selection selection, parse_id_selection(call.exchange.request()));
    ANNALS_CHECK(check_page(selection));
    const std::optional<Uuid> id = Uuid::parse(*call.parameters);
    if (!id) return bad_parameter("id", *call.parameters, "a UUID (8-4-4-4-12 hex digits)");
    ANNALS_TRY(const api::ReadPage page, read_id_page(store, context_of(call), *id, selection));
    return page_response(call, page);
}

}  // namespace

void add_read_routes(Router& router, Desk& desk) {
    const auto of_stream = [](const StoreCall& call) { events_route(call, *call.parameters); };
    const auto of_all = [](const StoreCall& call) { events_route(call, ""); };
    const auto by_id = [](const StoreCall& call) {
        answer_blocking(call.desk.readers, call, or_problem(event_by_id));
    };
    add_store_route(router, desk, "GET", "streams/{stream}", of_stream, kReadOffers);
    add_store_route(router, desk, "GET", "events", of_all, kReadOffers);
    add_store_route(router, desk, "GET", "events/{id}", by_id, kEventOffers);
}

}  // namespace annals::http_door::detail
