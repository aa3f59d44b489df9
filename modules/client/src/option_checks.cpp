// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "option_checks.hpp"

#include <algorithm>
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

bool is_in(char sign, char first, char last) { return sign >= first && sign <= last; }

bool is_header_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char sign) {
        return is_in(sign, 'a', 'z') || is_in(sign, 'A', 'Z') || is_in(sign, '0', '9') ||
               sign == '-' || sign == '_' || sign == '.';
    });
}

/// gRPC ends the process for what cannot be.
Status check_header(const std::string& name, std::string_view value) {
    if (!is_header_name(name)) {
        return refused("headers", name, "names of letters, digits, '-', '_' and '.'");
    }
    if (lower_header(name).ends_with("-bin")) return ok();
    if (std::ranges::all_of(value, [](char sign) { return is_in(sign, ' ', '~'); })) return ok();
    // it may be a secret: it is not shown
    return Error(
               ErrorCode::kInvalidArgument,
               "headers: the value of " + name +
                   " cannot be: give printable ASCII, or a name that ends in -bin"
    )
        .with("field", "headers");
}

}  // namespace

std::string lower_header(std::string name) {
    for (char& sign : name) {
        if (is_in(sign, 'A', 'Z')) sign = static_cast<char>(sign - 'A' + 'a');
    }
    return name;
}

Status check_token(const std::string& token) {
    if (!token.empty() &&
        std::ranges::all_of(token, [](char sign) { return is_in(sign, '!', '~'); })) {
        return ok();
    }
    return Error(
               ErrorCode::kInvalidArgument,
               "token is empty, or has a space, a line's end or another character that a header "
               "cannot have: give the bare token"
    )
        .with("field", "token");
}

Status check_options(const ClientOptions& options) {
    constexpr std::chrono::milliseconds kNone(0);
    constexpr std::chrono::milliseconds kSome(1);
    ANNALS_CHECK(check_time("connect_timeout", options.connect_timeout, kNone));
    ANNALS_CHECK(check_time("keep_alive_interval", options.keep_alive_interval, kSome));
    ANNALS_CHECK(check_time("keep_alive_timeout", options.keep_alive_timeout, kSome));
    ANNALS_CHECK(check_time("reconnect_first", options.reconnect_first, kNone));
    ANNALS_CHECK(check_time("reconnect_max", options.reconnect_max, options.reconnect_first));
    if (options.token && !options.tls && !options.is_token_plain) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "a token would travel in plain text: set tls, too, or is_token_plain where "
                   "something else encrypts"
        )
            .with("field", "token");
    }
    for (const auto& [name, value] : options.headers) ANNALS_CHECK(check_header(name, value));
    // without room for a frame a subscription would wait for ever
    if (options.subscription_frames_max == 0) {
        return refused("subscription_frames_max", "0", "1 or more");
    }
    return ok();
}

}  // namespace annals::client
