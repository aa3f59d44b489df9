// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "lane.hpp"

#include <algorithm>
#include <future>
#include <set>
#include <utility>

#include "annals/runtime/give_way.hpp"
#include "annals/runtime/wake_scope.hpp"

#include "routes.hpp"

namespace annals::http_door::detail {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kTickMin{5};
constexpr std::chrono::milliseconds kTickMax{500};
/// A turn of the loop ends after so many although there are more: what they left for other threads
/// waits until then.
constexpr int kTurnHandlersMax = 64;
/// Of a turn, when connections are so many that it is worth giving way to who was answered.
constexpr int kManyHandlers = 4;
/// After such a turn the next is near: to look so often, 2 us each, costs less than to fall asleep
/// and be woken.
constexpr int kLooks = 16;

}  // namespace

Lane::Lane(
    const HttpDoorOptions& options,
    const HttpHandlers& handlers,
    const DoorMetrics& metrics,
    Backroom& backroom
)
    : options_(options),
      metrics_(metrics),
      work_(asio::make_work_guard(io_)),
      desk_(io_, options, backroom),
      context_{
          options,
          router_,
          desk_.mailbox,
          backroom.bodies,
          "annals/" + handlers.version.version,
          [this](int status, double seconds) { metrics_.count_answer(status, seconds); },
          [this](Session& session) { remove(session); },
          [this] { return std::this_thread::get_id() == thread_id_; },
      },
      ticker_(io_) {
    add_routes(router_, desk_, handlers);
}

Lane::~Lane() { stop(); }

void Lane::run(const std::string& name) {
    tick();
    std::promise<void> is_running;
    thread_ = runtime::Thread(name, [this, &is_running] {
        thread_id_ = std::this_thread::get_id();
        is_running.set_value();
        poll();
    });
    is_running.get_future().wait();
}

void Lane::poll() {
    runtime::WakeScope turn;
    runtime::GiveWay give_way;
    bool is_busy = false;
    while (true) {
        const bool came_soon = is_busy && look(give_way);
        if (!came_soon && io_.run_one() == 0) return;
        int handlers = 1;
        while (handlers < kTurnHandlersMax && io_.poll_one() != 0) ++handlers;
        turn.flush();
        is_busy = handlers >= kManyHandlers || came_soon;
        if (is_busy) give_way();
    }
}

/// Whether something came, and was done, while it looked.
bool Lane::look(runtime::GiveWay& give_way) {
    for (int looks = 0; looks < kLooks; ++looks) {
        if (io_.poll_one() != 0) return true;
        if (!give_way()) return false;
    }
    return false;
}

void Lane::serve(Socket socket, bool is_refused) {
    ++connections_;
    metrics_.add_connections(1);
    if (context_.is_own_thread()) {
        take(std::move(socket), is_refused);
        return;
    }
    desk_.mailbox.call([this, moved = std::move(socket), is_refused]() mutable {
        take(std::move(moved), is_refused);
    });
}

void Lane::take(Socket socket, bool is_refused) {
    const auto session = std::make_shared<Session>(std::move(socket), context_);
    sessions_.emplace(session.get(), session);
    if (is_draining_) {
        session->close();
    } else if (is_refused) {
        metrics_.count_refused();
        session->refuse();
    } else {
        session->start();
    }
}

void Lane::remove(Session& session) {
    sessions_.erase(&session);
    --connections_;
    metrics_.add_connections(-1);
    tell_if_empty();
}

void Lane::end_feeds() {
    desk_.mailbox.call([this] {
        for (const auto& session : snapshot()) session->end_feed();
        const std::set<Drainable*> waiting = desk_.waiting;
        for (Drainable* one : waiting) one->drain();
    });
}

void Lane::drain() {
    desk_.mailbox.call([this] {
        is_draining_ = true;
        for (const auto& session : snapshot()) session->drain();
        tell_if_empty();
    });
}

void Lane::tell_if_empty() {
    if (!is_draining_ || !sessions_.empty()) return;
    const std::lock_guard lock(mutex_);
    is_empty_ = true;
    emptied_.notify_all();
}

bool Lane::wait_until_empty(std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    return emptied_.wait_until(lock, until, [this] { return is_empty_; });
}

bool Lane::close_all() {
    std::promise<bool> is_none_cut;
    desk_.mailbox.call([this, &is_none_cut] {
        const auto sessions = snapshot();
        const bool is_none_busy = std::none_of(
            sessions.begin(), sessions.end(), [](const auto& session) { return session->is_busy(); }
        );
        for (const auto& session : sessions) session->close();
        is_none_cut.set_value(is_none_busy);
    });
    return is_none_cut.get_future().get();
}

void Lane::stop() {
    if (!thread_.is_running()) return;
    desk_.mailbox.call([this] {
        work_.reset();
        io_.stop();
    });
    thread_.join();
}

std::vector<std::shared_ptr<Session>> Lane::snapshot() const {
    std::vector<std::shared_ptr<Session>> all;
    all.reserve(sessions_.size());
    for (const auto& [key, session] : sessions_) all.push_back(session);
    return all;
}

/// Looks after time-outs: one timer for all connections instead of one for each operation.
void Lane::tick() {
    ticker_.expires_after(tick_interval());
    ticker_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        const auto now = std::chrono::steady_clock::now();
        for (const auto& session : snapshot()) session->tick(now);
        tick();
    });
}

std::chrono::milliseconds Lane::tick_interval() const {
    const auto shortest = std::min(
        {options_.idle_timeout, options_.request_timeout, options_.write_timeout, options_.heartbeat
        }
    );
    return std::clamp(shortest / 4, kTickMin, kTickMax);
}

}  // namespace annals::http_door::detail
