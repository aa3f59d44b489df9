// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/append_wire.hpp"

#include <gtest/gtest.h>

#include "annals/codec/wire.hpp"
#include "annals/model/limits.hpp"

namespace annals::api_wire {
namespace {

ErrorCode code_of(std::string_view bytes) {
    AppendCall call;
    const Status decoded = decode_append_request(bytes, call);
    EXPECT_FALSE(decoded);
    return decoded ? ErrorCode::kInternal : decoded.error().code();
}

TEST(AppendWire, RefusesATruncatedMessage) {
    std::string bytes;
    codec::FieldWriter(bytes).bytes(2, "order-1");
    bytes.pop_back();
    EXPECT_EQ(code_of(bytes), ErrorCode::kInvalidArgument);
}

TEST(AppendWire, RefusesAWrongWireTypeAndNamesTheField) {
    std::string bytes;
    codec::FieldWriter(bytes).varint(2, 7);
    AppendCall call;
    const Status decoded = decode_append_request(bytes, call);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().field("field"), "AppendRequest.2");
}

TEST(AppendWire, NamesTheEventWhoseIdIsNone) {
    // events[0] is empty, the id of events[1] has three bytes
    const std::string bytes(
        "\x1a\x00\x1a\x05\x12\x03"
        "abc",
        9
    );
    AppendCall call;
    const Status decoded = decode_append_request(bytes, call);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(decoded.error().field("field"), "events[1].id");
    EXPECT_EQ(decoded.error().message(), "events[1]: an event id has 16 bytes, not 3");
}

TEST(AppendWire, RefusesALengthBeyondTheMessage) {
    std::string bytes;
    codec::FieldWriter(bytes).begin_sized(3, 0xFFFF'FFFF'FFFFu);
    EXPECT_EQ(code_of(bytes), ErrorCode::kInvalidArgument);
}

TEST(AppendWire, RefusesMoreEventsThanTheLimitBeforeItMakesThem) {
    std::string bytes;
    for (std::size_t i = 0; i <= model::Limits::kAppendEventsMax; ++i) {
        codec::FieldWriter(bytes).bytes(3, "");
    }
    EXPECT_EQ(code_of(bytes), ErrorCode::kLimitExceeded);
}

TEST(AppendWire, RefusesACheckThatExpectsNothingItKnows) {
    const auto refused = [](const std::string& stream_check) {
        std::string check;
        codec::FieldWriter(check).bytes(1, stream_check);
        std::string bytes;
        codec::FieldWriter(bytes).bytes(4, check);
        AppendCall call;
        const Status decoded = decode_append_request(bytes, call);
        return decoded ? std::string("taken") : std::string(decoded.error().field("field"));
    };
    std::string without;
    codec::FieldWriter(without).bytes(1, "order-1");
    EXPECT_EQ(refused(without), "expected");
    std::string empty = without;
    codec::FieldWriter(empty).bytes(2, "");
    EXPECT_EQ(refused(empty), "expected");
    std::string of_a_later_kind;
    codec::FieldWriter(of_a_later_kind).varint(9, 1);
    std::string later = without;
    codec::FieldWriter(later).bytes(2, of_a_later_kind);
    EXPECT_EQ(refused(later), "expected");
    std::string any;
    codec::FieldWriter(any).varint(1, 1);
    std::string known = without;
    codec::FieldWriter(known).bytes(2, any);
    EXPECT_EQ(refused(known), "taken");
}

TEST(AppendWire, RefusesAnExpectationSetToFalse) {
    std::string expected;
    codec::FieldWriter(expected).varint(2, 0);  // no_stream: false
    std::string stream;
    codec::FieldWriter(stream).bytes(2, expected);
    std::string check;
    codec::FieldWriter(check).bytes(1, stream);
    std::string bytes;
    codec::FieldWriter(bytes).bytes(4, check);
    EXPECT_EQ(code_of(bytes), ErrorCode::kInvalidArgument);
}

TEST(AppendWire, RefusesACheckOfAKindItDoesNotKnow) {
    std::string check;
    codec::FieldWriter(check).bytes(9, "of the future");
    std::string bytes;
    codec::FieldWriter(bytes).bytes(4, check);
    EXPECT_EQ(code_of(bytes), ErrorCode::kInvalidArgument);
}

TEST(AppendWire, SkipsFieldsItDoesNotKnow) {
    std::string bytes;
    codec::FieldWriter writer(bytes);
    writer.bytes(2, "order-1");
    writer.fixed32(99, 7);
    writer.bytes(100, "of the future");
    AppendCall call;
    ASSERT_TRUE(decode_append_request(bytes, call));
    EXPECT_EQ(call.request.stream, "order-1");
}

TEST(AppendWire, ANestedLengthIsRightWhateverTheHint) {
    model::NewEvent event;
    event.type = "t";
    for (const std::size_t size : {0u, 90u, 94u, 95u, 96u, 127u, 128u, 16'350u, 16'384u, 70'000u}) {
        const std::string data(size, 'x');
        event.data = data;
        model::AppendRequest request;
        request.events.push_back(event);
        std::string bytes;
        encode_append_request(bytes, {}, request);
        AppendCall call;
        ASSERT_TRUE(decode_append_request(bytes, call)) << size;
        EXPECT_EQ(call.request.events.at(0).data, data);
    }
}

}  // namespace
}  // namespace annals::api_wire
