// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/log/encoded_append.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "log_test_support.hpp"

namespace annals::log {
namespace {

/// What an event of the property says; strings own what the views point at.
struct Said {
    std::string stream;
    std::string type;
    std::string content_type;
    std::string metadata;
    std::string data;
    std::vector<std::string> tags;
};

Said any_said() {
    const auto text = *rc::gen::container<std::string>(rc::gen::inRange<char>(32, 127));
    Said said;
    said.stream = text + "s";
    said.type = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    said.content_type = *rc::gen::element<std::string>("", "application/json", "text/plain");
    said.metadata = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const std::string piece = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto times = *rc::gen::inRange<std::size_t>(0, 400);
    for (std::size_t i = 0; i < times; ++i) said.data += piece;
    said.tags = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::inRange<char>(32, 127))
    );
    return said;
}

void check_round_trip(Compression compression) {
    const auto files = make_memory_file_system();
    TestLog log(*files);
    log.options().compression = compression;
    log.must_open();
    std::vector<Said> all;
    EncodedAppend append;
    const auto appends = *rc::gen::inRange<std::size_t>(1, 8);
    for (std::size_t a = 0; a < appends; ++a) {
        const auto count = *rc::gen::inRange<std::size_t>(1, 6);
        std::vector<Said> said;
        said.reserve(count);
        for (std::size_t i = 0; i < count; ++i) said.push_back(any_said());
        std::vector<model::NewEvent> events(count);
        std::vector<Uuid> ids(count);
        std::vector<Stamp> stamps;
        for (std::size_t i = 0; i < count; ++i) {
            events[i].stream = said[i].stream;
            events[i].type = said[i].type;
            events[i].content_type = said[i].content_type;
            events[i].metadata = said[i].metadata;
            events[i].data = said[i].data;
            for (const std::string& tag : said[i].tags) events[i].tags.push_back(tag);
            ids[i] = make_uuid_v4();
            stamps.push_back({Position(all.size() + i + 1), Revision(i)});
        }
        append.encode({}, events, ids);
        RC_ASSERT(append.event_count() == count);
        RC_ASSERT(log.log->reserve(append.bytes(), count).has_value());
        log.log->add(append, stamps, TimeNs(5));
        if (*rc::gen::arbitrary<bool>()) RC_ASSERT(log.log->write().has_value());
        all.insert(all.end(), said.begin(), said.end());
    }
    RC_ASSERT(log.log->write().has_value());
    RC_ASSERT(log.log->sync().has_value());
    LogReader reader = log.log->reader();
    RC_ASSERT(log.log->durable_end().value == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto event = reader.at(Position(i + 1));
        RC_ASSERT(event.has_value());
        model::RecordedEvent decoded;
        RC_ASSERT(model::decode_event_fields(event->envelope, decoded).has_value());
        RC_ASSERT(model::decode_event_fields(event->payload, decoded).has_value());
        RC_ASSERT(decoded.stream == all[i].stream);
        RC_ASSERT(decoded.type == all[i].type);
        RC_ASSERT(decoded.metadata == all[i].metadata);
        RC_ASSERT(decoded.data == all[i].data);
        RC_ASSERT(decoded.tags.size() == all[i].tags.size());
    }
}

RC_GTEST_PROP(EncodedAppendProperty, WhatGoesInComesOut, ()) {
    check_round_trip(Compression::kNone);
}

RC_GTEST_PROP(EncodedAppendProperty, WhatGoesInComesOutOfCompressedGroups, ()) {
    check_round_trip(Compression::kZstd);
}

TEST(EncodedAppend, GivesEnvelopeAndPayloadAsTheyWillBeStored) {
    model::NewEvent event;
    event.stream = "order-7";
    event.data = "{}";
    const Uuid id = make_uuid_v4();
    EncodedAppend append;
    append.encode({}, std::span(&event, 1), std::span(&id, 1));
    std::string envelope;
    std::string payload;
    model::encode_envelope(envelope, event, id);
    model::encode_payload(payload, event);
    EXPECT_EQ(append.envelope(0), envelope);
    EXPECT_EQ(append.payload(0), payload);
    EXPECT_EQ(append.bytes() % 8, 0u);
}

}  // namespace
}  // namespace annals::log
