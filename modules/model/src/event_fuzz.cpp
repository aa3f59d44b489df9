// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Arbitrary bytes as an event, a batch, a name, a tag, a token: decoded or refused, never anything
// else.
#include "annals/model/event.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "annals/model/event_batch.hpp"
#include "annals/model/names.hpp"
#include "annals/model/query.hpp"
#include "annals/model/token.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace model = annals::model;
    using annals::Result;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);

    model::NewEvent event;
    if (model::decode_new_event(bytes, event)) {
        std::string again;
        model::encode_new_event(again, event);
        model::NewEvent back;
        if (!model::decode_new_event(again, back)) std::abort();
        if (model::fingerprint(event) != model::fingerprint(back)) std::abort();
    }
    model::EventBatch batch;
    batch.add_message(bytes);
    (void)batch.decode();

    (void)model::check_user_stream_name(bytes);
    (void)model::check_namespace_name(bytes);
    (void)model::check_tag(bytes);
    (void)model::category_of(bytes);
    if (model::shown(bytes).size() > 256) std::abort();
    model::Query query;
    query.items.push_back({{std::string(bytes)}, {std::string(bytes)}});
    (void)model::check_query(query);

    const Result<model::PositionToken> token = model::parse_token(bytes);
    if (token && model::format_token(*token) != bytes) std::abort();
    return 0;
}
