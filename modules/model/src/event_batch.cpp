// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/event_batch.hpp"

#include "annals/codec/wire.hpp"

namespace annals::model {

void EventBatch::add(
    std::string_view envelope,
    std::string_view payload,
    Position position,
    Revision revision,
    TimeNs recorded_time
) {
    codec::FieldWriter writer(bytes_);
    writer.begin_sized(kEventsField, envelope.size() + payload.size() + kStampBytes);
    bytes_.append(envelope);
    bytes_.append(payload);
    encode_stamp(bytes_, position, revision, recorded_time);
    ++count_;
}

void EventBatch::add_message(std::string_view message) {
    codec::FieldWriter writer(bytes_);
    writer.bytes(kEventsField, message);
    ++count_;
}

std::string EventBatch::take_bytes() {
    std::string bytes = std::move(bytes_);
    clear();
    return bytes;
}

void EventBatch::clear() {
    bytes_.clear();
    count_ = 0;
}

Status EventBatch::for_each(const std::function<Status(const RecordedEvent&)>& visit) const {
    codec::FieldReader reader(bytes_);
    while (reader.next()) {
        if (reader.field() != kEventsField) continue;
        RecordedEvent event;
        ANNALS_CHECK(decode_event_fields(reader.bytes(), event));
        ANNALS_CHECK(visit(event));
    }
    if (!reader.ok()) return Error(ErrorCode::kInvalidArgument, "the batch is not whole");
    return ok();
}

Result<std::vector<RecordedEvent>> EventBatch::decode() const {
    std::vector<RecordedEvent> events;
    events.reserve(count_);
    ANNALS_CHECK(for_each([&](const RecordedEvent& event) {
        events.push_back(event);
        return ok();
    }));
    return events;
}

}  // namespace annals::model
