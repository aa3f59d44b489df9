// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/event.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/codec/wire.hpp"
#include "annals/model/event_batch.hpp"

namespace annals::model {
namespace {

struct Texts {
    std::string stream, type, content_type, actor, correlation, causation, metadata, data, name,
        value;
    std::vector<std::string> tags;
};

Texts arbitrary_texts() {
    return {
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::string>(),
        *rc::gen::arbitrary<std::vector<std::string>>()
    };
}

NewEvent event_of(const Texts& texts) {
    NewEvent event;
    event.stream = texts.stream;
    event.id = make_uuid_v4();
    event.type = texts.type;
    event.content_type = texts.content_type;
    event.actor = texts.actor;
    event.correlation_id = texts.correlation;
    event.causation_id = texts.causation;
    event.metadata = texts.metadata;
    event.data = texts.data;
    event.schema_id = *rc::gen::arbitrary<std::uint32_t>();
    if (*rc::gen::arbitrary<bool>()) {
        event.valid_time = ValidTime{
            TimeNs(*rc::gen::arbitrary<std::int64_t>()), *rc::gen::inRange(-840, 841)
        };
    }
    for (const std::string& tag : texts.tags) event.tags.push_back(tag);
    event.dialect.push_back({texts.name, texts.value});
    return event;
}

void expect_same(const NewEvent& a, const NewEvent& b) {
    RC_ASSERT(a.stream == b.stream);
    RC_ASSERT(a.id == b.id);
    RC_ASSERT(a.type == b.type);
    const bool is_default = a.content_type == kDefaultContentType;
    RC_ASSERT((is_default ? std::string_view() : a.content_type) == b.content_type);
    RC_ASSERT(a.valid_time == b.valid_time);
    RC_ASSERT(a.schema_id == b.schema_id);
    RC_ASSERT(a.actor == b.actor);
    RC_ASSERT(a.correlation_id == b.correlation_id);
    RC_ASSERT(a.causation_id == b.causation_id);
    RC_ASSERT(a.tags == b.tags);
    RC_ASSERT(a.dialect == b.dialect);
    RC_ASSERT(a.metadata == b.metadata);
    RC_ASSERT(a.data == b.data);
}

RC_GTEST_PROP(EventProperty, ANewEventComesBack, ()) {
    const Texts texts = arbitrary_texts();
    const NewEvent event = event_of(texts);
    std::string bytes;
    encode_new_event(bytes, event);
    NewEvent back;
    RC_ASSERT(decode_new_event(bytes, back).has_value());
    expect_same(event, back);
}

RC_GTEST_PROP(EventProperty, ARecordedEventComesBackFromABatch, ()) {
    const Texts texts = arbitrary_texts();
    const NewEvent event = event_of(texts);
    std::string envelope;
    std::string payload;
    encode_envelope(envelope, event, event.id);
    encode_payload(payload, event);
    EventBatch batch;
    batch.add(envelope, payload, Position(7), Revision(3), TimeNs(-5));
    batch.add(envelope, payload, Position(8), Revision(4), TimeNs(9));
    const auto events = batch.decode();
    RC_ASSERT(events.has_value());
    RC_ASSERT(events->size() == 2u);
    expect_same(event, events->front());
    RC_ASSERT(events->front().position == Position(7));
    RC_ASSERT(events->front().revision == Revision(3));
    RC_ASSERT(events->front().recorded_time == TimeNs(-5));
    RC_ASSERT(events->back().position == Position(8));
}

/// A field that nobody knows, in front: what follows is read by the careful reader.
std::string read_carefully(std::string_view bytes) {
    std::string all;
    codec::FieldWriter(all).varint(30, 1);
    return all.append(bytes);
}

RC_GTEST_PROP(EventProperty, TheQuickReaderAndTheCarefulOneAgree, ()) {
    Texts texts = arbitrary_texts();
    // lengths of one, two and three bytes
    texts.data.resize(*rc::gen::element<std::size_t>(0, 1, 127, 128, 300, 16'383, 16'384), 'd');
    NewEvent event = event_of(texts);
    if (*rc::gen::arbitrary<bool>()) event.dialect.clear();
    if (*rc::gen::arbitrary<bool>()) event.valid_time.reset();
    if (*rc::gen::arbitrary<bool>()) event.schema_id = 0;
    std::string bytes;
    encode_new_event(bytes, event);
    encode_stamp(bytes, Position(7), Revision(3), TimeNs(-5));
    const std::string carefully = read_carefully(bytes);  // the events are views
    RecordedEvent quick;
    RecordedEvent careful;
    RC_ASSERT(decode_event_fields(bytes, quick).has_value());
    RC_ASSERT(decode_event_fields(carefully, careful).has_value());
    expect_same(event, quick);
    expect_same(event, careful);
    RC_ASSERT(quick.position == careful.position && quick.position == Position(7));
    RC_ASSERT(quick.revision == careful.revision && quick.revision == Revision(3));
    RC_ASSERT(quick.recorded_time == careful.recorded_time && quick.recorded_time == TimeNs(-5));
    // cut anywhere, both refuse it or both take it
    const std::string_view cut = std::string_view(bytes).substr(
        0, *rc::gen::inRange<std::size_t>(0, bytes.size() + 1)
    );
    const std::string carefully_cut = read_carefully(cut);
    RecordedEvent part;
    RecordedEvent same;
    RC_ASSERT(
        decode_event_fields(cut, part).has_value() ==
        decode_event_fields(carefully_cut, same).has_value()
    );
}

RC_GTEST_PROP(EventProperty, TheReadersAgreeOnArbitraryBytes, (const std::string& bytes)) {
    RecordedEvent quick;
    RecordedEvent careful;
    const std::string all = read_carefully(bytes);
    const bool is_taken = decode_event_fields(bytes, quick).has_value();
    RC_ASSERT(is_taken == decode_event_fields(all, careful).has_value());
    if (is_taken) expect_same(quick, careful);
}

RC_GTEST_PROP(EventProperty, ArbitraryBytesAreDecodedOrRefused, (const std::string& bytes)) {
    NewEvent event;
    const Status status = decode_new_event(bytes, event);
    RC_ASSERT(status.has_value() || status.error().code() == ErrorCode::kInvalidArgument);
}

TEST(Event, AClientMayNotGiveItsOwnPosition) {
    std::string bytes;
    encode_stamp(bytes, Position(1), Revision(0), TimeNs(0));
    EXPECT_EQ(bytes.size(), kStampBytes);
    NewEvent event;
    const Status status = decode_new_event(bytes, event);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().field("field"), "17");
}

TEST(Event, AnIdHasSixteenBytes) {
    std::string bytes;
    codec::FieldWriter(bytes).bytes(2, "short");
    NewEvent event;
    const Status status = decode_new_event(bytes, event);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().field("field"), "id");
}

TEST(Fingerprint, CoversContentAndTagsInAnyOrderAndNothingElse) {
    NewEvent event;
    event.stream = "a-1";
    event.type = "t";
    event.data = "{}";
    event.metadata = "m";
    event.tags = {"a:1", "b:2"};
    const std::uint64_t base = fingerprint(event);

    NewEvent same = event;
    same.tags = {"b:2", "a:1"};
    same.actor = "somebody";
    same.traceparent = "00-1";
    same.valid_time = ValidTime{TimeNs(5), 60};
    same.content_type = kDefaultContentType;
    EXPECT_EQ(fingerprint(same), base);

    for (int change = 0; change < 5; ++change) {
        NewEvent other = event;
        if (change == 0) other.type = "u";
        if (change == 1) other.data = "{ }";
        if (change == 2) other.metadata = "";
        if (change == 3) other.tags = {"a:1"};
        if (change == 4) other.content_type = "text/plain";
        EXPECT_NE(fingerprint(other), base) << change;
    }
}

}  // namespace
}  // namespace annals::model
