// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "annals/api/requests.hpp"

namespace annals::http_door::detail {

/// What the frames of a feed can be: all that is ever sent, and what asyncapi.json describes; a
/// test holds one against the other.
enum class FeedKind : std::uint8_t {
    kEvent,
    kCaughtUp,
    kFellBehind,
    kCheckpoint,
    kRemoved,
    kResync,
    kError,
};
inline constexpr std::array<FeedKind, 7> kFeedKinds{
    FeedKind::kEvent,
    FeedKind::kCaughtUp,
    FeedKind::kFellBehind,
    FeedKind::kCheckpoint,
    FeedKind::kRemoved,
    FeedKind::kResync,
    FeedKind::kError,
};
/// "caught-up". That of an event is its name in the description only: it is sent without one.
std::string_view name_of(FeedKind kind);

/// What the server says on a websocket, the member `op`: all of it, as above.
enum class SocketOp : std::uint8_t {
    kSubscribed,
    kUnsubscribed,
    kPong,
    kEvents,
    kMark,
    kError,
};
inline constexpr std::array<SocketOp, 6> kSocketOps{
    SocketOp::kSubscribed,
    SocketOp::kUnsubscribed,
    SocketOp::kPong,
    SocketOp::kEvents,
    SocketOp::kMark,
    SocketOp::kError,
};
std::string_view name_of(SocketOp op);

/// The frame of a feed that says it; the mark of a websocket's message has the same name. Not for
/// kNone.
FeedKind kind_of(api::SubscriptionMark mark);

}  // namespace annals::http_door::detail
