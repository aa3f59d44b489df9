// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

namespace annals::http_door {

/// A frame as clients send it (RFC 6455 5.2); a mask of zeros leaves the text readable.
inline std::string frame_of(char opcode, const std::string& text) {
    EXPECT_LT(text.size(), 0x10000u) << "longer ones are written otherwise";
    const bool is_short = text.size() < 126;
    const std::size_t size = is_short ? text.size() : 126;
    std::string frame{static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | size)};
    if (!is_short) {
        frame.push_back(static_cast<char>(text.size() >> 8u));
        frame.push_back(static_cast<char>(text.size() & 0xFFu));
    }
    return frame + std::string(4, '\0') + text;
}

/// Opens a websocket.
inline const std::string kOpening =
    "GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

}  // namespace annals::http_door
