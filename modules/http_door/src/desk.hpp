// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <set>

#include <boost/asio/io_context.hpp>

#include "annals/http_door/http_door.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "byte_budget.hpp"
#include "frame_texts.hpp"
#include "group_members.hpp"
#include "mailbox.hpp"
#include "store_gate.hpp"

namespace annals::http_door::detail {

/// Something that waits for the store and ends when the store closes. On its lane's thread.
class Drainable {
  public:
    Drainable() = default;
    Drainable(const Drainable&) = delete;
    Drainable& operator=(const Drainable&) = delete;
    virtual ~Drainable() = default;
    virtual void drain() = 0;
};

/// What all lanes of a door work with. Any thread.
struct Backroom {
    explicit Backroom(const HttpDoorOptions& options)
        : bodies(options.bodies_bytes_max),
          readers("http-read", 2 * options.worker_threads, kTasksMax),
          waiters("http-wait", kWaiterThreads, kTasksMax),
          streamers("http-stream", options.worker_threads, kTasksMax) {}

    /// As many tasks as connections wait at most, and some for those that end.
    static constexpr std::size_t kTasksMax = 65'536;
    static constexpr std::size_t kWaiterThreads = 8;

    StoreGate gate;
    FrameTexts frame_texts;
    GroupMembers members;
    /// Of large requests that are under way.
    ByteBudget bodies;

    /// Reads that need the disk.
    runtime::WorkerPool readers;
    /// Reads that wait for a position, seconds perhaps: apart, so that they do not stop the others.
    runtime::WorkerPool waiters;
    /// Subscriptions that fetch what comes next.
    runtime::WorkerPool streamers;
};

/// What the routes of one lane work with.
struct Desk {
    Desk(boost::asio::io_context& io_context, const HttpDoorOptions& door_options, Backroom& all)
        : io(io_context),
          options(door_options),
          mailbox(io_context),
          gate(all.gate),
          frame_texts(all.frame_texts),
          members(all.members),
          readers(all.readers),
          waiters(all.waiters),
          streamers(all.streamers) {}

    boost::asio::io_context& io;
    const HttpDoorOptions& options;
    Mailbox mailbox;
    /// The lane's thread only.
    std::set<Drainable*> waiting;

    // Shared with the other lanes: see Backroom.
    StoreGate& gate;
    FrameTexts& frame_texts;
    GroupMembers& members;
    runtime::WorkerPool& readers;
    runtime::WorkerPool& waiters;
    runtime::WorkerPool& streamers;

    static Error workers_busy() {
        return Error(ErrorCode::kOverloaded, "too many reads wait for the disk: try again later");
    }
};

}  // namespace annals::http_door::detail
