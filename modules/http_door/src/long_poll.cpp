// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "long_poll.hpp"

#include <utility>

#include "compression.hpp"
#include "page_answer.hpp"

namespace annals::http_door::detail {

LongPoll::LongPoll(const StoreCall& call, Selection selection)
    : call_(call), selection_(std::move(selection)), timer_(call.desk.io) {
    timer_.expires_after(std::chrono::milliseconds(selection_.wait_ms));
}

LongPoll::~LongPoll() = default;

void LongPoll::start(const StoreCall& call, StoreLease lease, Selection selection) {
    std::make_shared<LongPoll>(call, std::move(selection))->read(std::move(lease), true);
}

void LongPoll::read(StoreLease lease, bool may_wait) {
    auto shared = std::make_shared<StoreLease>(std::move(lease));
    Desk& desk = call_.desk;
    const bool is_taken = desk.readers.post([self = shared_from_this(), shared, may_wait] {
        const StoreCall& call = self->call_;
        const Result<api::ReadPage> page = read_page(
            shared->store(), context_of(call), self->selection_
        );
        *shared = StoreLease();
        const bool is_empty = page && page->events.empty() && page->removed.empty();
        if (may_wait && is_empty && page->is_end) {
            call.desk.mailbox.call([self, start = api::AfterToken{page->position}] {
                self->wait(start);
            });
            return;
        }
        if (may_wait && !page && page.error().code() == ErrorCode::kStreamNotFound) {
            call.desk.mailbox.call([self] {
                std::visit(
                    [&](const auto& start) { self->wait(start); }, self->selection_.read.start
                );
            });
            return;
        }
        Response response = page ? page_response(call, *page)
                                 : problem(page.error(), call.exchange.request());
        compress(call.exchange.request(), response);
        call.exchange.answer(std::move(response));
    });
    if (!is_taken) call_.exchange.fail(Desk::workers_busy());
}

void LongPoll::wait(api::SubscribeStart after) {
    Result<StoreLease> lease = call_.desk.gate.enter();
    if (!lease) {
        call_.exchange.fail(lease.error());
        return;
    }
    is_waiting_ = true;
    call_.desk.waiting.insert(this);
    SubscriptionPump::Start start{std::string(call_.name_space), {}, {}};
    start.request.stream = selection_.read.stream;
    start.request.filter = selection_.read.filter;
    start.request.start = std::move(after);
    start.request.batch_events_max = 1;
    pump_ = std::make_shared<SubscriptionPump>(
        call_.desk,
        std::move(*lease),
        // Marks are nothing to show.
        [](const api::SubscriptionFrame& frame, std::string& text) {
            if (!frame.events.empty()) text = "events";
            return ok();
        },
        [self = shared_from_this()](const Fetched& fetched) {
            self->on_something(fetched.error.has_value());
        }
    );
    pump_->start(std::move(start));
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->on_something(true);
    });
}

void LongPoll::drain() { on_something(true); }

void LongPoll::on_something(bool is_over) {
    if (!std::exchange(is_waiting_, false)) return;
    const auto self = shared_from_this();
    call_.desk.waiting.erase(this);
    timer_.cancel();
    std::exchange(pump_, nullptr)->close();
    Result<StoreLease> lease = call_.desk.gate.enter();
    if (!lease) {
        call_.exchange.fail(lease.error());
        return;
    }
    // What came may lie before what was asked for.
    read(std::move(*lease), !is_over);
}

}  // namespace annals::http_door::detail
