// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"
#include "annals/base/uuid.hpp"

namespace annals::model {

/// Which log, and which life of it: a restored or copied log gets another incarnation.
struct LogIdentity {
    Uuid log_id;
    std::uint32_t incarnation = 1;
    bool operator==(const LogIdentity&) const = default;
};

/// A position that knows where it comes from (log-and-rules 1.6). Valid where log id and chain
/// agree at its position, whatever the incarnation, which only explains the error. Position 0 is
/// "before the first event", with chain bits 0.
struct PositionToken {
    std::uint64_t log_id_bits = 0;  ///< first 8 bytes of the log id
    std::uint32_t incarnation = 0;
    std::uint16_t shard = 0;
    Position position;
    std::uint32_t chain_bits = 0;
    bool operator==(const PositionToken&) const = default;
};

/// Opaque text for wires and users: base64url of format (1), log id bits, incarnation, shard,
/// position, chain, 27 bytes, 36 characters.
std::string format_token(const PositionToken& token);
/// `field` is for the error alone.
Result<PositionToken> parse_token(std::string_view text, std::string_view field = "position");

/// A refused token, with the field that it came from and, where the message has none, what to do.
Error refused_token(const Error& error, std::string_view field, const PositionToken& token);

PositionToken make_token(const LogIdentity& identity, Position position, std::uint32_t chain_bits);

}  // namespace annals::model
