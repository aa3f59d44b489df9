// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"
#include "annals/json_events/event_json.hpp"

namespace annals::http_door::detail {

/// Frames of subscriptions as server-sent events. Live, many feeds get the same frame: its text is
/// made once and copied to the others, which costs a hundredth of making it. A frame is the same
/// when its token and every byte of its events are, so that filters need not be compared.
///
/// Keeps the newest frames, a few MiB at most. Any thread.
class FrameTexts {
  public:
    static constexpr std::size_t kFramesKept = 16;
    /// Events of a frame in their wire form; larger frames are not kept.
    static constexpr std::size_t kFrameBytesMax = 128u << 10u;

    /// Appends the frame: each event, and what is told of removed ones, with the id to go on from,
    /// then the mark, if it has one. Only frames in which nothing was removed are kept.
    /// Errors are those of damaged bytes.
    Status append(
        const api::SubscriptionFrame& frame,
        json_events::EventFormat format,
        std::string_view name_space,
        std::string& text
    );

    /// How many frames were copied so far; for tests.
    [[nodiscard]] std::size_t copied() const { return copied_.load(std::memory_order_relaxed); }

  private:
    struct Kept {
        json_events::EventFormat format{};
        std::string name_space;
        std::string position;
        std::string events;
        std::string text;
    };

    /// One that is perhaps the same: all but the events' bytes is.
    [[nodiscard]] std::shared_ptr<const Kept> find(
        const api::SubscriptionFrame& frame,
        json_events::EventFormat format,
        std::string_view name_space
    ) const;

    mutable std::mutex mutex_;
    std::array<std::shared_ptr<const Kept>, kFramesKept> kept_;
    std::size_t oldest_ = 0;
    std::atomic<std::size_t> copied_ = 0;
};

}  // namespace annals::http_door::detail
