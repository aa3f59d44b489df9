// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/error_wire.hpp"

#include <gtest/gtest.h>

#include "annals/model/append.hpp"
#include "annals/v1/event_store.pb.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace annals::api_wire {
namespace {

google::rpc::Status parse(const std::string& details) {
    google::rpc::Status status;
    EXPECT_TRUE(status.ParseFromString(details));
    return status;
}

template <typename Detail>
Detail detail_of(const google::rpc::Status& status) {
    Detail detail;
    for (const auto& any : status.details()) {
        if (any.Is<Detail>()) {
            EXPECT_TRUE(any.UnpackTo(&detail));
            return detail;
        }
    }
    ADD_FAILURE() << "no " << Detail::descriptor()->full_name();
    return detail;
}

Error conflict(std::size_t checks) {
    std::vector<model::FailedCheck> failed(checks);
    for (std::size_t i = 0; i < checks; ++i) {
        failed[i].check_index = static_cast<std::uint32_t>(i);
        failed[i].stream = "order-" + std::to_string(i);
        failed[i].expected = model::ExpectedRevision::exactly(Revision(2));
        failed[i].current_revision = Revision(3);
    }
    return model::make_conflict(std::move(failed));
}

TEST(ErrorWire, ProtobufReadsEveryErrorOfTheCatalogue) {
    for (const ErrorInfo& info : error_catalogue()) {
        const Error error = Error(info.code, "because").with("stream", "a-1");
        const auto status = parse(encode_error(error, kDetailsBytesUsual));
        EXPECT_EQ(status.code(), info.grpc_status);
        EXPECT_EQ(status.message(), "because");
        const auto error_info = detail_of<google::rpc::ErrorInfo>(status);
        EXPECT_EQ(error_info.reason(), info.name);
        EXPECT_EQ(error_info.domain(), "annals");
        EXPECT_EQ(error_info.metadata().at("stream"), "a-1");
        if (info.retry == "later") {
            const auto retry = detail_of<google::rpc::RetryInfo>(status);
            EXPECT_EQ(retry.retry_delay().nanos(), 100'000'000);
        }
    }
}

TEST(ErrorWire, AConflictHasItsChecksTwice) {
    const auto status = parse(encode_error(conflict(3), kDetailsBytesUsual));
    const auto ours = detail_of<v1::Conflict>(status);
    ASSERT_EQ(ours.failed_checks_size(), 3);
    EXPECT_EQ(ours.failed_checks(2).current_revision(), 3u);
    EXPECT_EQ(ours.failed_checks(2).expected().revision(), 2u);
    const auto usual = detail_of<google::rpc::PreconditionFailure>(status);
    ASSERT_EQ(usual.violations_size(), 3);
    EXPECT_EQ(usual.violations(1).type(), "REVISION");
    EXPECT_EQ(usual.violations(1).subject(), "order-1");
    EXPECT_EQ(usual.violations(1).description(), "at revision 3, expected revision 2");
}

TEST(ErrorWire, TooManyChecksAreCutAndCounted) {
    const std::string details = encode_error(conflict(1'000), kDetailsBytesUsual);
    EXPECT_LE(details.size(), kDetailsBytesUsual);
    const auto status = parse(details);
    EXPECT_GT(detail_of<v1::Conflict>(status).failed_checks_size(), 50);
    EXPECT_EQ(detail_of<google::rpc::ErrorInfo>(status).metadata().at("checks_failed"), "1000");
}

TEST(ErrorWire, ComesBack) {
    const Error made = conflict(2);
    const Error back = decode_error(9, made.message(), encode_error(made, kDetailsBytesUsual));
    EXPECT_EQ(back.code(), ErrorCode::kConflict);
    const auto* details = back.details<model::ConflictDetails>();
    ASSERT_NE(details, nullptr);
    EXPECT_EQ(details->failed_checks, made.details<model::ConflictDetails>()->failed_checks);
}

TEST(ErrorWire, AForeignStatusKeepsWhatItsCodeSays) {
    EXPECT_EQ(decode_error(14, "gone", "").code(), ErrorCode::kUnavailable);
    EXPECT_EQ(decode_error(1, "CANCELLED", "").code(), ErrorCode::kUnavailable);
    EXPECT_EQ(decode_error(4, "late", "not protobuf at all").code(), ErrorCode::kDeadlineExceeded);
    EXPECT_EQ(decode_error(2, "?", "").code(), ErrorCode::kInternal);
    EXPECT_EQ(decode_error(14, "gone", "").message(), "gone");
}

TEST(ErrorWire, AnHttpServerIsToldApart) {
    const std::string_view said =
        "last error: UNKNOWN: ipv4:127.0.0.1:7401: Trying to connect an "
        "http1.x server";
    const Error error = decode_error(14, said, "");
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    const std::string message(error.message());
    EXPECT_NE(message.find("give the port of the server's gRPC"), std::string::npos) << message;
    EXPECT_NE(message.find("127.0.0.1:7401"), std::string::npos) << message;
    EXPECT_EQ(error.field("field"), "address");
    // of the server itself
    EXPECT_EQ(decode_error(3, said, "").message(), said);
}

TEST(ErrorWire, AMessageThatGrpcItselfRefusesIsTooLargeWithItsSizes) {
    const Error error = decode_error(8, "Received message larger than max (18 vs. 17)", "");
    EXPECT_EQ(error.code(), ErrorCode::kLimitExceeded);
    EXPECT_EQ(error.info().retry, "never");
    EXPECT_EQ(error.field("field"), "message");
    EXPECT_EQ(error.field("value"), "18");
    EXPECT_EQ(error.field("limit"), "17");
    for (const char* other :
         {"larger than max (", "larger than max (18 vs. ", "larger than max (x vs. 17)", "full"}) {
        const Error kept = decode_error(8, other, "");
        EXPECT_EQ(kept.code(), ErrorCode::kLimitExceeded);
        EXPECT_EQ(kept.message(), other);
    }
}

TEST(ErrorWire, AnAppendFailureComesBack) {
    std::string bytes;
    encode_append_failure(bytes, conflict(2));
    v1::AppendFailure theirs;
    ASSERT_TRUE(theirs.ParseFromString(bytes));
    EXPECT_EQ(theirs.reason(), "conflict");
    EXPECT_EQ(theirs.conflict().failed_checks_size(), 2);
    EXPECT_EQ(decode_append_failure(bytes).code(), ErrorCode::kConflict);
}

TEST(ErrorWire, AMessageIsCutAtACharacter) {
    std::string text;
    for (int i = 0; i < 1'000; ++i) text += "ä";
    const std::string shown = shown_message(Error(ErrorCode::kInternal, text));
    EXPECT_LE(shown.size(), 1'024u);
    EXPECT_EQ(shown.size() % 2, 0u);
}

}  // namespace
}  // namespace annals::api_wire
