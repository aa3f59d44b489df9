// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "annals/client/stores.hpp"

namespace annals::client {
namespace {

using std::chrono::milliseconds;

/// What connecting with these options is refused with: nobody is asked for it.
std::string refusal_of(ClientOptions options) {
    options.address = "127.0.0.1:1";
    const auto connected = connect(options);
    if (connected) return "nothing is refused";
    const Error& error = connected.error();
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << error.to_string();
    EXPECT_FALSE(connect_stores(options));
    return std::string(error.field("field")) + " " + std::string(error.field("value")) + ": " +
           std::string(error.message());
}

TEST(ClientOptions, NameTheTimeThatCannotBe) {
    const milliseconds negative(-1);
    EXPECT_EQ(
        refusal_of({.connect_timeout = negative}),
        "connect_timeout -1: connect_timeout is -1: give 0 to 31536000000 ms, a year"
    );
    EXPECT_EQ(
        refusal_of({.keep_alive_interval = milliseconds(0)}),
        "keep_alive_interval 0: keep_alive_interval is 0: give 1 to 31536000000 ms, a year"
    );
    EXPECT_EQ(
        refusal_of({.keep_alive_timeout = milliseconds::max()}),
        "keep_alive_timeout 9223372036854775807: keep_alive_timeout is 9223372036854775807: give 1 "
        "to 31536000000 ms, a year"
    );
    EXPECT_EQ(
        refusal_of({.reconnect_first = negative}),
        "reconnect_first -1: reconnect_first is -1: give 0 to 31536000000 ms, a year"
    );
    EXPECT_EQ(
        refusal_of({.reconnect_first = milliseconds(50), .reconnect_max = milliseconds(10)}),
        "reconnect_max 10: reconnect_max is 10: give 50 to 31536000000 ms, a year"
    );
}

TEST(ClientOptions, HaveRoomForAFrameOfASubscription) {
    EXPECT_EQ(
        refusal_of({.subscription_frames_max = 0}),
        "subscription_frames_max 0: subscription_frames_max is 0: give 1 or more"
    );
}

TEST(ClientOptions, KeepATokenFromPlainTextUnlessItMayTravelSo) {
    const auto token = [] { return std::string("secret"); };
    EXPECT_EQ(
        refusal_of({.token = token}),
        "token : a token would travel in plain text: set tls, too, or is_token_plain where "
        "something else encrypts"
    );
    const milliseconds none(0);
    EXPECT_EQ(
        refusal_of({.connect_timeout = none, .token = token, .is_token_plain = true}),
        "nothing is refused"
    );
    EXPECT_EQ(
        refusal_of({.connect_timeout = none, .tls = TlsOptions{}, .token = token}),
        "nothing is refused"
    );
}

TEST(ClientOptions, NameTheHeaderThatCannotBe) {
    for (const char* name : {"", "x tenant", "x:y", "x\n"}) {
        EXPECT_EQ(
            refusal_of({.headers = {{name, "tea"}}}),
            "headers " + std::string(name) + ": headers is " + name +
                ": give names of letters, digits, '-', '_' and '.'"
        );
    }
    EXPECT_EQ(
        refusal_of({.headers = {{"x-tenant", "tea\n"}}}),
        "headers : headers: the value of x-tenant cannot be: give printable ASCII, or a name that "
        "ends in -bin"
    );
    EXPECT_EQ(
        refusal_of(
            {.connect_timeout = milliseconds(0), .headers = {{"X-Tenant", ""}, {"Y-Bin", "\x01"}}}
        ),
        "nothing is refused"
    );
}

TEST(ClientOptions, MayLeaveOutWaiting) {
    EXPECT_EQ(refusal_of({.connect_timeout = milliseconds(0)}), "nothing is refused");
}

}  // namespace
}  // namespace annals::client
