// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "annals/http_door/http_door.hpp"
#include "annals/runtime/give_way.hpp"
#include "annals/runtime/thread.hpp"

#include "desk.hpp"
#include "door_metrics.hpp"
#include "router.hpp"
#include "session.hpp"

namespace annals::http_door::detail {

/// One thread that polls some of the door's connections, and all that belongs to that thread: its
/// loop, its routes, its connections. A connection stays on its lane; what lanes share is in the
/// Backroom. Options, handlers, backroom and metrics must outlive the lane.
class Lane {
  public:
    Lane(
        const HttpDoorOptions& options,
        const HttpHandlers& handlers,
        const DoorMetrics& metrics,
        Backroom& backroom
    );
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;
    ~Lane();

    /// What its connections are bound to.
    [[nodiscard]] boost::asio::io_context& io() { return io_; }
    /// Starts the thread, which has the name in the system's lists.
    void run(const std::string& name);

    // ---- any thread ----

    /// Takes a connection that is bound to io(); `is_refused`: only to tell it that there are
    /// enough.
    void serve(Socket socket, bool is_refused);
    /// Connections that it has, and those on their way to it.
    [[nodiscard]] std::size_t connections() const { return connections_; }
    /// Ends what comes from the store: feeds, conversations, and who waits.
    void end_feeds();
    /// No further requests: idle connections are closed, and each of the others after its answer.
    void drain();
    /// After drain(): false when there are connections still.
    bool wait_until_empty(std::chrono::steady_clock::time_point until);
    /// Closes all at once: whether none was cut before its answer.
    bool close_all();
    /// Ends the thread. After the workers: nobody leaves anything for the lane any more.
    void stop();

  private:
    /// Turn by turn: appends that came together reach the writer together (runtime::WakeScope).
    void poll();
    bool look(runtime::GiveWay& give_way);
    void take(Socket socket, bool is_refused);
    void remove(Session& session);
    void tell_if_empty();
    [[nodiscard]] std::vector<std::shared_ptr<Session>> snapshot() const;
    void tick();
    [[nodiscard]] std::chrono::milliseconds tick_interval() const;

    const HttpDoorOptions& options_;
    const DoorMetrics& metrics_;
    Router router_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    Desk desk_;
    SessionContext context_;
    boost::asio::steady_timer ticker_;
    std::thread::id thread_id_;
    std::atomic<std::size_t> connections_{0};
    bool is_draining_ = false;  ///< the lane's thread only, as the next
    /// Shared with the operations that are under way.
    std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
    runtime::Thread thread_;

    std::mutex mutex_;
    std::condition_variable emptied_;
    bool is_empty_ = false;
};

}  // namespace annals::http_door::detail
