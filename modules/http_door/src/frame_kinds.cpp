// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "frame_kinds.hpp"

#include "annals/base/assert.hpp"

namespace annals::http_door::detail {

std::string_view name_of(FeedKind kind) {
    switch (kind) {
        case FeedKind::kEvent:
            return "event";
        case FeedKind::kCaughtUp:
            return "caught-up";
        case FeedKind::kFellBehind:
            return "fell-behind";
        case FeedKind::kCheckpoint:
            return "checkpoint";
        case FeedKind::kRemoved:
            return "removed";
        case FeedKind::kResync:
            return "resync";
        case FeedKind::kError:
            break;
    }
    return "error";
}

std::string_view name_of(SocketOp op) {
    switch (op) {
        case SocketOp::kSubscribed:
            return "subscribed";
        case SocketOp::kUnsubscribed:
            return "unsubscribed";
        case SocketOp::kPong:
            return "pong";
        case SocketOp::kEvents:
            return "events";
        case SocketOp::kMark:
            return "mark";
        case SocketOp::kError:
            break;
    }
    return "error";
}

FeedKind kind_of(api::SubscriptionMark mark) {
    ANNALS_ASSERT(mark != api::SubscriptionMark::kNone, "a frame without a mark says nothing");
    switch (mark) {
        case api::SubscriptionMark::kFellBehind:
            return FeedKind::kFellBehind;
        case api::SubscriptionMark::kCheckpoint:
            return FeedKind::kCheckpoint;
        case api::SubscriptionMark::kCaughtUp:
        case api::SubscriptionMark::kNone:
            break;
    }
    return FeedKind::kCaughtUp;
}

}  // namespace annals::http_door::detail
