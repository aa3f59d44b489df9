// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "member_poll.hpp"

#include <algorithm>
#include <utility>

#include "compression.hpp"
#include "group_json.hpp"
#include "page_answer.hpp"

namespace annals::http_door::detail {
namespace {

using Clock = std::chrono::steady_clock;

/// How often a member that waits is heard of at least; more often where its group expects it.
constexpr std::chrono::milliseconds kSignMax{5'000};

}  // namespace

MemberPoll::MemberPoll(
    const StoreCall& call, MemberName name, std::shared_ptr<HeldMember> member, Wish wish
)
    : call_(call),
      name_(std::move(name)),
      member_(std::move(member)),
      wish_(wish),
      until_(Clock::now() + std::chrono::milliseconds(wish.wait_ms)),
      timer_(call.desk.io) {}

void MemberPoll::start(
    const StoreCall& call, MemberName name, std::shared_ptr<HeldMember> member, Wish wish
) {
    const auto poll = std::make_shared<MemberPoll>(call, std::move(name), std::move(member), wish);
    poll->turn_ = poll->member_->turns().begin(poll);
    poll->read(false);
}

void MemberPoll::read(bool is_last) {
    Result<StoreLease> lease = call_.desk.gate.enter();
    if (!lease) {
        call_.exchange.fail(lease.error());
        return;
    }
    auto shared = std::make_shared<StoreLease>(std::move(*lease));
    const bool is_taken = call_.desk.readers.post([self = shared_from_this(), shared, is_last] {
        self->take(is_last);
        *shared = StoreLease();
    });
    if (!is_taken) call_.exchange.fail(Desk::workers_busy());
}

void MemberPoll::take(bool is_last) {
    api::GroupDeliveries deliveries;
    const Result<bool> has_some = member_->take(deliveries, is_last ? 0 : wish_.events_max, turn_);
    if (!has_some) {
        if (has_some.error().code() == ErrorCode::kMemberGone) call_.desk.members.remove(name_);
        answer(has_some.error());
        return;
    }
    if (*has_some || is_last) {
        answer(std::move(deliveries));
        return;
    }
    call_.desk.mailbox.call([self = shared_from_this()] { self->wait(); });
}

void MemberPoll::answer(const Result<api::GroupDeliveries>& taken) {
    const Request& request = call_.exchange.request();
    Result<std::string> body = std::string();
    if (taken) {
        body = deliveries_json(*taken, event_format(request), call_.name_space);
    } else {
        body = taken.error();
    }
    Response response = body ? json_response(200, std::move(*body))
                             : problem(body.error(), request);
    compress(request, response);
    call_.exchange.answer(std::move(response));
}

void MemberPoll::wait() {
    if (!member_->turns().is_newest(turn_)) {
        answer(api::GroupDeliveries());
        return;
    }
    const auto now = Clock::now();
    if (now >= until_ || call_.desk.gate.is_closed()) {
        read(true);
        return;
    }
    if (member_->turns().take_woken()) {
        read(false);
        return;
    }
    is_waiting_ = true;
    call_.desk.waiting.insert(this);
    const auto sign = std::min<Clock::duration>(
        kSignMax, std::chrono::milliseconds(member_->silence_ms() / 3)
    );
    timer_.expires_at(std::min(until_, now + sign));
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->on_something();
    });
}

void MemberPoll::drain() { on_something(); }

void MemberPoll::tell(std::shared_ptr<MemberPoll> poll) {
    // What is told may be the last to know of the poll: it goes on its lane, not here.
    Mailbox& mailbox = poll->call_.desk.mailbox;
    mailbox.call([poll = std::move(poll)] { poll->on_something(); });
}

void MemberPoll::on_something() {
    if (!std::exchange(is_waiting_, false)) return;
    const auto self = shared_from_this();
    call_.desk.waiting.erase(this);
    timer_.cancel();
    if (!member_->turns().is_newest(turn_)) {
        answer(api::GroupDeliveries());
        return;
    }
    // What it was woken for it sees now.
    member_->turns().take_woken();
    read(Clock::now() >= until_);
}

}  // namespace annals::http_door::detail
