// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/tokens.hpp"

namespace annals::streams {

std::string Tokens::of(Position position, std::uint32_t chain_bits) const {
    return model::format_token(model::make_token(orderer_.log().identity(), position, chain_bits));
}

Result<std::string> Tokens::at(Position position) {
    {
        const std::lock_guard lock(mutex_);
        if (position == newest_ && !newest_text_.empty()) return newest_text_;
    }
    const log::ChainMark end = orderer_.log().durable_chain();
    auto chain_bits = static_cast<std::uint32_t>(position.value == 0 ? 0 : end.chain);
    if (position.value != 0 && end.position != position) {
        ANNALS_TRY(chain_bits, orderer_.log().chain_bits_at(position));
    }
    std::string text = of(position, chain_bits);
    const std::lock_guard lock(mutex_);
    if (position >= newest_) {
        newest_ = position;
        newest_text_ = text;
    }
    return text;
}

Result<Position> Tokens::check(std::string_view text, std::string_view field) const {
    ANNALS_TRY(const model::PositionToken token, model::parse_token(text, field));
    if (Status known = orderer_.log().check_token(token); !known) {
        return model::refused_token(std::move(known).take_error(), field, token);
    }
    return token.position;
}

Status Tokens::wait_for(std::string_view text, std::string_view field, std::int64_t deadline_ns) {
    ANNALS_TRY(const model::PositionToken token, model::parse_token(text, field));
    const model::PositionToken own = model::make_token(
        orderer_.log().identity(), token.position, token.chain_bits
    );
    if (token.log_id_bits == own.log_id_bits) {
        Status reached = orderer_.visible_end().wait_for(token.position, deadline_ns);
        if (!reached) return model::refused_token(std::move(reached).take_error(), field, token);
    }
    if (Status known = orderer_.log().check_token(token); !known) {
        return model::refused_token(std::move(known).take_error(), field, token);
    }
    return ok();
}

bool Tokens::is_visible(std::string_view text) const {
    const Result<model::PositionToken> token = model::parse_token(text);
    return token && token->position <= orderer_.visible_end().get();
}

}  // namespace annals::streams
