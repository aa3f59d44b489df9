// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/token.hpp"

#include "annals/codec/text.hpp"
#include "annals/codec/wire.hpp"
#include "annals/model/names.hpp"

namespace annals::model {
namespace {
constexpr char kFormat = 1;
constexpr std::size_t kTokenBytes = 27;
}  // namespace

std::string format_token(const PositionToken& token) {
    std::string raw;
    raw.reserve(kTokenBytes);
    raw.push_back(kFormat);
    codec::append_big_endian(raw, token.log_id_bits);
    codec::append_fixed(raw, token.incarnation);
    codec::append_fixed(raw, token.shard);
    codec::append_big_endian(raw, token.position.value);
    codec::append_fixed(raw, token.chain_bits);
    return codec::base64url(raw);
}

Result<PositionToken> parse_token(std::string_view text, std::string_view field) {
    const std::optional<std::string> raw = codec::parse_base64url(text);
    if (!raw || raw->size() != kTokenBytes || raw->front() != kFormat) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   std::string(field) + " \"" + shown(text) +
                       "\" is not a position token: use one that a read, an "
                       "append or a subscription gave"
        )
            .with("field", field)
            .with("value", shown(text));
    }
    PositionToken token;
    token.log_id_bits = codec::load_big_endian(raw->data() + 1);
    token.incarnation = codec::load<std::uint32_t>(raw->data() + 9);
    token.shard = codec::load<std::uint16_t>(raw->data() + 13);
    token.position = Position(codec::load_big_endian(raw->data() + 15));
    token.chain_bits = codec::load<std::uint32_t>(raw->data() + 23);
    return token;
}

Error refused_token(const Error& error, std::string_view field, const PositionToken& token) {
    std::string message = std::string(field) + ": " + std::string(error.message());
    if (error.code() == ErrorCode::kTokenUnknown)
        message += "; start again from a token of this log";
    // Of another copy of the log, or of an end that was lost.
    if (error.code() == ErrorCode::kTokenBeyondEnd)
        message += "; the log is not, or no longer, so long: use a token up to its end";
    Error named(error.code(), std::move(message));
    for (const ErrorField& value : error.fields()) {
        if (value.name != "field") named = std::move(named).with(value.name, value.value);
    }
    if (error.field("position").empty())
        named = std::move(named).with("position", std::to_string(token.position.value));
    return std::move(named).with("field", field).with("value", format_token(token));
}

PositionToken make_token(const LogIdentity& identity, Position position, std::uint32_t chain_bits) {
    PositionToken token;
    token.log_id_bits = codec::load_big_endian(identity.log_id.view().data());
    token.incarnation = identity.incarnation;
    token.position = position;
    token.chain_bits = chain_bits;
    return token;
}

}  // namespace annals::model
