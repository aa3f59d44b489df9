// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "read_frame.hpp"

#include <functional>
#include <memory>
#include <utility>

#include "annals/codec/wire.hpp"
#include "annals/model/event.hpp"
#include "annals/model/event_batch.hpp"

namespace annals::groups {
namespace {

bool lies_in(std::string_view piece, std::string_view whole) {
    const std::less_equal<const char*> is_not_after;
    return is_not_after(whole.data(), piece.data()) &&
           is_not_after(piece.data() + piece.size(), whole.data() + whole.size());
}

}  // namespace

Result<ReadFrame> ReadFrame::decode(
    api::SubscriptionFrame& frame, KeyOf& key_of, const streams::Tokens& tokens
) {
    ReadFrame read;
    read.events_.reserve(frame.events.size());
    read.bytes_ = std::make_shared<const std::string>(frame.events.take_bytes());
    codec::FieldReader reader(*read.bytes_);
    while (reader.next()) {
        if (reader.field() != model::EventBatch::kEventsField) continue;
        const std::string_view message = reader.bytes();
        model::RecordedEvent event;
        ANNALS_CHECK(model::decode_event_fields(message, event));
        std::string_view key = key_of(event);
        if (!lies_in(key, *read.bytes_)) key = read.keys_.emplace_back(key);
        read.last_revision_ = event.revision;
        read.events_.push_back({event.position, key, event.recorded_time, message, true});
    }
    if (frame.position.empty()) return read;
    const auto position = tokens.check(frame.position, "position");
    if (position) read.read_up_to_ = *position;
    return read;
}

void ReadFrame::offer_to(Engine& engine) const {
    engine.keep(bytes_);
    for (const OfferedEvent& event : events_) engine.offer(event);
    if (read_up_to_) engine.read_up_to(*read_up_to_);
}

}  // namespace annals::groups
