// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "option_checks.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace annals::client {
namespace {

// more would not fit beside the clock, in nanoseconds
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);

Error refused(std::string_view field, const std::string& value, const std::string& range) {
    return Error(
               ErrorCode::kInvalidArgument, std::string(field) + " is " + value + ": give " + range
    )
        .with("field", field)
        .with("value", value);
}

Status check_time(
    std::string_view field, std::chrono::milliseconds time, std::chrono::milliseconds least
) {
    if (time >= least && time <= kLongest) return ok();
    return refused(
        field,
        std::to_string(time.count()),
        std::to_string(least.count()) + " to " + std::to_string(kLongest.count()) + " ms, a year"
    );
}

}  // namespace

Status check_options(const ClientOptions& options) {
    constexpr std::chrono::milliseconds kNone(0);
    constexpr std::chrono::milliseconds kSome(1);
    ANNALS_CHECK(check_time("connect_timeout", options.connect_timeout, kNone));
    ANNALS_CHECK(check_time("keep_alive_interval", options.keep_alive_interval, kSome));
    ANNALS_CHECK(check_time("keep_alive_timeout", options.keep_alive_timeout, kSome));
    ANNALS_CHECK(check_time("reconnect_first", options.reconnect_first, kNone));
    ANNALS_CHECK(check_time("reconnect_max", options.reconnect_max, options.reconnect_first));
    // without room for a frame a subscription would wait for ever
    if (options.subscription_frames_max == 0) {
        return refused("subscription_frames_max", "0", "1 or more");
    }
    return ok();
}

}  // namespace annals::client
