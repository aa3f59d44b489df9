// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/life_wire.hpp"

#include "annals/api_wire/criteria_wire.hpp"

#include "fields.hpp"

namespace annals::api_wire {
namespace {

void encode_expectation(
    MessageWriter& writer, std::uint32_t field, const model::ExpectedRevision& expected
) {
    if (expected.kind == model::ExpectedKind::kAny) return;
    writer.nested(field, [&](std::string& out) { encode_expected(out, expected); });
}

}  // namespace

void encode_stream_metadata(std::string& out, const model::StreamMetadata& metadata) {
    MessageWriter writer(out);
    if (metadata.max_age_s) writer.always().varint(1, *metadata.max_age_s);
    if (metadata.max_count) writer.always().varint(2, *metadata.max_count);
    if (metadata.truncate_before) writer.always().varint(3, metadata.truncate_before->value);
    writer.text(4, metadata.compact_by);
    writer.text(5, metadata.custom);
}

Status decode_stream_metadata(std::string_view bytes, model::StreamMetadata& metadata) {
    MessageReader in("StreamMetadata", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                metadata.max_age_s = in.varint();
                break;
            case 2:
                metadata.max_count = in.varint();
                break;
            case 3:
                metadata.truncate_before = Revision(in.varint());
                break;
            case 4:
                metadata.compact_by = in.text();
                break;
            case 5:
                metadata.custom = in.text();
                break;
            default:
                break;
        }
    }
    return in.finish();
}

void encode_get_metadata_request(
    std::string& out, std::string_view name_space, const api::MetadataTarget& target
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, target.stream);
    writer.text(3, target.category);
}

Result<GetMetadataCall> decode_get_metadata_request(std::string_view bytes) {
    GetMetadataCall call;
    MessageReader in("GetStreamMetadataRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.target.stream = in.text();
        if (in.field() == 3) call.target.category = in.text();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_metadata_info(std::string& out, const api::StreamMetadataInfo& info) {
    MessageWriter writer(out);
    writer.text(1, info.target.stream);
    writer.text(2, info.target.category);
    writer.nested(3, [&](std::string& o) { encode_stream_metadata(o, info.metadata); });
    writer.nested(4, [&](std::string& o) { encode_stream_metadata(o, info.effective); });
    if (info.revision) writer.always().varint(5, info.revision->value);
    writer.sfixed64(6, info.recorded_time.value);
    writer.boolean(7, info.is_deleted);
    writer.text(8, info.position);
}

Result<api::StreamMetadataInfo> decode_metadata_info(std::string_view bytes) {
    api::StreamMetadataInfo info;
    MessageReader in("StreamMetadataInfo", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                info.target.stream = in.text();
                break;
            case 2:
                info.target.category = in.text();
                break;
            case 3:
                ANNALS_CHECK(decode_stream_metadata(in.bytes(), info.metadata));
                break;
            case 4:
                ANNALS_CHECK(decode_stream_metadata(in.bytes(), info.effective));
                break;
            case 5:
                info.revision = Revision(in.varint());
                break;
            case 6:
                info.recorded_time = TimeNs(in.sfixed64());
                break;
            case 7:
                info.is_deleted = in.boolean();
                break;
            case 8:
                info.position = in.text();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return info;
}

void encode_set_metadata_request(
    std::string& out, std::string_view name_space, const api::SetMetadataRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.target.stream);
    writer.text(3, request.target.category);
    writer.nested(4, [&](std::string& o) { encode_stream_metadata(o, request.metadata); });
    encode_expectation(writer, 5, request.expected);
    writer.text(6, request.idempotency_key);
}

Result<SetMetadataCall> decode_set_metadata_request(std::string_view bytes) {
    SetMetadataCall call;
    MessageReader in("SetStreamMetadataRequest", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                call.name_space = in.bytes();
                break;
            case 2:
                call.request.target.stream = in.text();
                break;
            case 3:
                call.request.target.category = in.text();
                break;
            case 4:
                ANNALS_CHECK(decode_stream_metadata(in.bytes(), call.request.metadata));
                break;
            case 5:
                ANNALS_CHECK(decode_expected(in.bytes(), call.request.expected));
                break;
            case 6:
                call.request.idempotency_key = in.text();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_delete_stream_request(
    std::string& out, std::string_view name_space, const api::DeleteStreamRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.stream);
    encode_expectation(writer, 3, request.expected);
    writer.text(4, request.idempotency_key);
}

Result<DeleteStreamCall> decode_delete_stream_request(std::string_view bytes) {
    DeleteStreamCall call;
    MessageReader in("DeleteStreamRequest", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                call.name_space = in.bytes();
                break;
            case 2:
                call.request.stream = in.text();
                break;
            case 3:
                ANNALS_CHECK(decode_expected(in.bytes(), call.request.expected));
                break;
            case 4:
                call.request.idempotency_key = in.text();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_truncate_stream_request(
    std::string& out, std::string_view name_space, const api::TruncateStreamRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.stream);
    writer.number(3, request.before.value);
    encode_expectation(writer, 4, request.expected);
}

Result<TruncateStreamCall> decode_truncate_stream_request(std::string_view bytes) {
    TruncateStreamCall call;
    MessageReader in("TruncateStreamRequest", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                call.name_space = in.bytes();
                break;
            case 2:
                call.request.stream = in.text();
                break;
            case 3:
                call.request.before = Revision(in.varint());
                break;
            case 4:
                ANNALS_CHECK(decode_expected(in.bytes(), call.request.expected));
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_life_response(std::string& out, const api::LifeResponse& response) {
    MessageWriter writer(out);
    writer.number(1, response.metadata_revision.value);
    writer.number(2, response.at.value);
    writer.text(3, response.position);
    writer.sfixed64(4, response.recorded_time.value);
    writer.boolean(5, response.is_replay);
    writer.boolean(6, response.is_durable);
}

Result<api::LifeResponse> decode_life_response(std::string_view bytes) {
    api::LifeResponse response;
    response.is_durable = false;
    MessageReader in("LifeResponse", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                response.metadata_revision = Revision(in.varint());
                break;
            case 2:
                response.at = Position(in.varint());
                break;
            case 3:
                response.position = in.text();
                break;
            case 4:
                response.recorded_time = TimeNs(in.sfixed64());
                break;
            case 5:
                response.is_replay = in.boolean();
                break;
            case 6:
                response.is_durable = in.boolean();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return response;
}

}  // namespace annals::api_wire
