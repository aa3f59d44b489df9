// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/catalog_wire.hpp"

#include "fields.hpp"

namespace annals::api_wire {
namespace {

void encode_stream_summary(std::string& out, const api::StreamSummary& summary) {
    MessageWriter writer(out);
    writer.text(1, summary.name);
    writer.number(2, summary.events);
    writer.number(3, summary.last_position.value);
    writer.sfixed64(4, summary.last_time.value);
}

Status decode_stream_summary(std::string_view bytes, api::StreamSummary& summary) {
    MessageReader in("StreamSummary", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                summary.name = in.text();
                break;
            case 2:
                summary.events = in.varint();
                break;
            case 3:
                summary.last_position = Position(in.varint());
                break;
            case 4:
                summary.last_time = TimeNs(in.sfixed64());
                break;
            default:
                break;
        }
    }
    return in.finish();
}

void encode_category_summary(std::string& out, const api::CategorySummary& summary) {
    MessageWriter writer(out);
    writer.text(1, summary.name);
    writer.number(2, summary.streams);
    writer.number(3, summary.events);
    writer.number(4, summary.last_position.value);
    writer.sfixed64(5, summary.last_time.value);
}

Status decode_category_summary(std::string_view bytes, api::CategorySummary& summary) {
    MessageReader in("CategorySummary", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                summary.name = in.text();
                break;
            case 2:
                summary.streams = in.varint();
                break;
            case 3:
                summary.events = in.varint();
                break;
            case 4:
                summary.last_position = Position(in.varint());
                break;
            case 5:
                summary.last_time = TimeNs(in.sfixed64());
                break;
            default:
                break;
        }
    }
    return in.finish();
}

Status decode_namespace(std::string_view bytes, api::NamespaceInfo& info) {
    MessageReader in("NamespaceInfo", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                info.name = in.text();
                break;
            case 2:
                info.created_time = TimeNs(in.sfixed64());
                break;
            case 3:
                info.last_position = Position(in.varint());
                break;
            default:
                break;
        }
    }
    return in.finish();
}

}  // namespace

void encode_list_request(
    std::string& out, std::string_view name_space, const api::ListRequest& request
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, request.prefix);
    writer.text(3, request.after);
    writer.number(4, request.limit);
}

Result<ListCall> decode_list_request(std::string_view bytes) {
    ListCall call;
    MessageReader in("ListRequest", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                call.name_space = in.bytes();
                break;
            case 2:
                call.request.prefix = in.text();
                break;
            case 3:
                call.request.after = in.text();
                break;
            case 4:
                if (const std::uint32_t limit = in.uint32(); limit != 0) call.request.limit = limit;
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_stream_list(std::string& out, const api::StreamList& list) {
    MessageWriter writer(out);
    for (const api::StreamSummary& stream : list.streams) {
        writer.nested(1, stream.name.size(), [&](std::string& o) {
            encode_stream_summary(o, stream);
        });
    }
    writer.text(2, list.position);
}

Result<api::StreamList> decode_stream_list(std::string_view bytes) {
    api::StreamList list;
    MessageReader in("ListStreamsResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_CHECK(decode_stream_summary(in.bytes(), list.streams.emplace_back()));
        } else if (in.field() == 2) {
            list.position = in.text();
        }
    }
    ANNALS_CHECK(in.finish());
    return list;
}

void encode_category_list(std::string& out, const api::CategoryList& list) {
    MessageWriter writer(out);
    for (const api::CategorySummary& category : list.categories) {
        writer.nested(1, category.name.size(), [&](std::string& o) {
            encode_category_summary(o, category);
        });
    }
    writer.text(2, list.position);
}

Result<api::CategoryList> decode_category_list(std::string_view bytes) {
    api::CategoryList list;
    MessageReader in("ListCategoriesResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_CHECK(decode_category_summary(in.bytes(), list.categories.emplace_back()));
        } else if (in.field() == 2) {
            list.position = in.text();
        }
    }
    ANNALS_CHECK(in.finish());
    return list;
}

void encode_get_stream_request(
    std::string& out, std::string_view name_space, std::string_view stream
) {
    MessageWriter writer(out);
    writer.text(1, name_space);
    writer.text(2, stream);
}

Result<GetStreamCall> decode_get_stream_request(std::string_view bytes) {
    GetStreamCall call;
    MessageReader in("GetStreamRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name_space = in.bytes();
        if (in.field() == 2) call.stream = in.bytes();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_stream_info(std::string& out, const api::StreamInfo& info) {
    const std::size_t dash = info.name.find('-');
    MessageWriter writer(out);
    writer.text(1, info.name);
    if (dash != std::string::npos) writer.text(2, std::string_view(info.name).substr(0, dash));
    writer.number(3, info.events);
    writer.number(4, info.first_revision.value);
    writer.number(5, info.last_revision.value);
    writer.number(6, info.last_position.value);
    writer.sfixed64(7, info.first_time.value);
    writer.sfixed64(8, info.last_time.value);
    writer.boolean(9, info.is_deleted);
}

Result<api::StreamInfo> decode_stream_info(std::string_view bytes) {
    api::StreamInfo info;
    MessageReader in("StreamInfo", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                info.name = in.text();
                break;
            case 3:
                info.events = in.varint();
                break;
            case 4:
                info.first_revision = Revision(in.varint());
                break;
            case 5:
                info.last_revision = Revision(in.varint());
                break;
            case 6:
                info.last_position = Position(in.varint());
                break;
            case 7:
                info.first_time = TimeNs(in.sfixed64());
                break;
            case 8:
                info.last_time = TimeNs(in.sfixed64());
                break;
            case 9:
                info.is_deleted = in.boolean();
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return info;
}

void encode_namespace_request(std::string& out, std::string_view name, std::string_view confirm) {
    MessageWriter writer(out);
    writer.text(1, name);
    writer.text(2, confirm);
}

Result<NamespaceCall> decode_namespace_request(std::string_view bytes) {
    NamespaceCall call;
    MessageReader in("NamespaceRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) call.name = in.bytes();
        if (in.field() == 2) call.confirm = in.bytes();
    }
    ANNALS_CHECK(in.finish());
    return call;
}

void encode_namespace_info(std::string& out, const api::NamespaceInfo& info) {
    MessageWriter writer(out);
    writer.text(1, info.name);
    writer.sfixed64(2, info.created_time.value);
    writer.number(3, info.last_position.value);
}

Result<api::NamespaceInfo> decode_namespace_info(std::string_view bytes) {
    api::NamespaceInfo info;
    ANNALS_CHECK(decode_namespace(bytes, info));
    return info;
}

void encode_namespace_list(std::string& out, const std::vector<api::NamespaceInfo>& list) {
    MessageWriter writer(out);
    for (const api::NamespaceInfo& info : list) {
        writer.nested(1, [&](std::string& o) { encode_namespace_info(o, info); });
    }
}

Result<std::vector<api::NamespaceInfo>> decode_namespace_list(std::string_view bytes) {
    std::vector<api::NamespaceInfo> list;
    MessageReader in("ListNamespacesResponse", bytes);
    while (in.next()) {
        if (in.field() == 1) ANNALS_CHECK(decode_namespace(in.bytes(), list.emplace_back()));
    }
    ANNALS_CHECK(in.finish());
    return list;
}

void encode_get_info_request(std::string& out, std::string_view name_space) {
    MessageWriter writer(out);
    writer.text(1, name_space);
}

Result<std::string_view> decode_get_info_request(std::string_view bytes) {
    std::string_view name_space;
    MessageReader in("GetInfoRequest", bytes);
    while (in.next()) {
        if (in.field() == 1) name_space = in.bytes();
    }
    ANNALS_CHECK(in.finish());
    return name_space;
}

void encode_server_info(std::string& out, const api::ServerInfo& info) {
    MessageWriter writer(out);
    writer.text(1, info.version);
    writer.text(2, info.log_id);
    writer.number(3, info.incarnation);
    writer.number(4, info.last_position.value);
    writer.text(5, info.position);
    writer.text(6, info.durability);
    writer.boolean(7, info.is_read_only);
    writer.text(8, info.read_only_reason);
    writer.sfixed64(9, info.started_time.value);
    writer.number(10, info.log_bytes);
    writer.number(11, info.index_position.value);
}

Result<api::ServerInfo> decode_server_info(std::string_view bytes) {
    api::ServerInfo info;
    MessageReader in("ServerInfo", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                info.version = in.text();
                break;
            case 2:
                info.log_id = in.text();
                break;
            case 3:
                info.incarnation = in.uint32();
                break;
            case 4:
                info.last_position = Position(in.varint());
                break;
            case 5:
                info.position = in.text();
                break;
            case 6:
                info.durability = in.text();
                break;
            case 7:
                info.is_read_only = in.boolean();
                break;
            case 8:
                info.read_only_reason = in.text();
                break;
            case 9:
                info.started_time = TimeNs(in.sfixed64());
                break;
            case 10:
                info.log_bytes = in.varint();
                break;
            case 11:
                info.index_position = Position(in.varint());
                break;
            default:
                break;
        }
    }
    ANNALS_CHECK(in.finish());
    return info;
}

}  // namespace annals::api_wire
