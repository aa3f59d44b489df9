// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <string>

namespace annals::http_door::detail {

/// Where the pieces of a feed go.
class FeedSink {
  public:
    FeedSink() = default;
    FeedSink(const FeedSink&) = delete;
    FeedSink& operator=(const FeedSink&) = delete;
    virtual ~FeedSink() = default;

    /// One piece; the feed gives the next only after want_more().
    virtual void write(std::string piece, bool is_last) = 0;
};

/// The content of an answer, piece by piece. Everything on its lane's thread.
class Feed {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    Feed() = default;
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;
    virtual ~Feed() = default;

    /// The head of the answer is written. The sink stays until close().
    virtual void start(FeedSink& sink) = 0;
    /// The last piece is with the operating system.
    virtual void want_more() = 0;
    /// A few times a second: for heartbeats.
    virtual void tick(TimePoint now) = 0;
    /// The door closes: one last piece, soon.
    virtual void drain() = 0;
    /// The connection is gone, or has the last piece.
    virtual void close() = 0;
};

}  // namespace annals::http_door::detail
