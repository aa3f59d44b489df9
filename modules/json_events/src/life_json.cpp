// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/life_json.hpp"

#include <utility>

#include "json_reader.hpp"
#include "object_writer.hpp"

namespace annals::json_events {
namespace {

constexpr std::string_view kMetadataMembers =
    "max_age_s, max_count, truncate_before, compact_by, custom";

Result<model::StreamMetadata> read_metadata(ondemand::value& value, const Where& where) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    model::StreamMetadata metadata;
    ANNALS_CHECK(for_each_member(
        object,
        where,
        [&](std::string_view name, ondemand::value& member) -> Status {
            const Where here = where.at(name);
            if (name == "compact_by") {
                ANNALS_TRY(metadata.compact_by, read_text(member, here));
                return ok();
            }
            if (name == "custom") {
                metadata.custom = raw_of(member);
                return ok();
            }
            const bool is_number = name == "max_age_s" || name == "max_count" ||
                                   name == "truncate_before";
            if (!is_number) return unknown_member(where, name, member, kMetadataMembers);
            ANNALS_TRY(const std::uint64_t number, read_number(member, here));
            if (name == "max_age_s") metadata.max_age_s = number;
            if (name == "max_count") metadata.max_count = number;
            if (name == "truncate_before") metadata.truncate_before = Revision(number);
            return ok();
        }
    ));
    return metadata;
}

Status read_info_member(
    std::string_view name, ondemand::value& value, api::StreamMetadataInfo& info
) {
    const Where here = kTop.at(name);
    if (name == "stream") {
        ANNALS_TRY(info.target.stream, read_text(value, here));
    } else if (name == "category") {
        ANNALS_TRY(info.target.category, read_text(value, here));
    } else if (name == "metadata") {
        ANNALS_TRY(info.metadata, read_metadata(value, here));
    } else if (name == "effective") {
        ANNALS_TRY(info.effective, read_metadata(value, here));
    } else if (name == "revision") {
        ANNALS_TRY(const std::uint64_t revision, read_number(value, here));
        info.revision = Revision(revision);
    } else if (name == "recorded_time") {
        ANNALS_TRY(const std::string_view text, read_text(value, here));
        ANNALS_TRY(const model::ValidTime time, parse_time(text, here.text()));
        info.recorded_time = time.at;
    } else if (name == "is_deleted") {
        ANNALS_TRY(info.is_deleted, read_boolean(value, here));
    } else if (name == "position") {
        ANNALS_TRY(info.position, read_text(value, here));
    }
    return ok();  // what later servers say beside it is not asked for
}

}  // namespace

void append_metadata(std::string& out, const model::StreamMetadata& metadata) {
    ObjectWriter object(out);
    if (metadata.max_age_s) object.number("max_age_s", *metadata.max_age_s);
    if (metadata.max_count) object.number("max_count", *metadata.max_count);
    if (metadata.truncate_before) object.number("truncate_before", metadata.truncate_before->value);
    object.text_if_any("compact_by", metadata.compact_by);
    if (!metadata.custom.empty()) object.json("custom", metadata.custom);
    object.end();
}

Result<model::StreamMetadata> parse_metadata(std::string json) {
    ANNALS_CHECK(Document::check(json));
    Document document(std::move(json));
    ANNALS_TRY(ondemand::value root, document.root());
    return read_metadata(root, kTop);
}

void append_answer(std::string& out, const api::StreamMetadataInfo& info) {
    ObjectWriter object(out);
    object.text_if_any("stream", info.target.stream);
    object.text_if_any("category", info.target.category);
    append_metadata(object.member("metadata"), info.metadata);
    append_metadata(object.member("effective"), info.effective);
    if (info.revision) {
        object.number("revision", info.revision->value);
        object.time("recorded_time", info.recorded_time);
    }
    object.boolean("is_deleted", info.is_deleted);
    object.text("position", info.position);
    object.end();
}

Result<api::StreamMetadataInfo> parse_metadata_info(std::string json) {
    ANNALS_CHECK(Document::check(json));
    Document document(std::move(json));
    ANNALS_TRY(ondemand::value root, document.root());
    ANNALS_TRY(ondemand::object object, read_object(root, kTop));
    api::StreamMetadataInfo info;
    ANNALS_CHECK(for_each_member(object, kTop, [&](std::string_view name, ondemand::value& value) {
        return read_info_member(name, value, info);
    }));
    return info;
}

void append_answer(std::string& out, const api::LifeResponse& response) {
    ObjectWriter object(out);
    object.number("metadata_revision", response.metadata_revision.value);
    object.number("at", response.at.value);
    object.text("position", response.position);
    object.time("recorded_time", response.recorded_time);
    object.boolean("is_replay", response.is_replay);
    object.boolean("is_durable", response.is_durable);
    object.end();
}

void append_answer(std::string& out, const std::vector<api::SnapshotSummary>& list) {
    ObjectWriter object(out);
    write_list(object, "snapshots", list, [](std::string& into, const api::SnapshotSummary& one) {
        ObjectWriter summary(into);
        summary.text("stream", one.key.stream);
        summary.text("reducer", one.key.reducer);
        summary.number("schema_version", one.key.schema_version);
        summary.number("reducer_version", one.key.reducer_version);
        summary.number("revision", one.revision.value);
        summary.number("bytes", one.bytes);
        summary.time("stored_time", one.stored_time);
        summary.end();
    });
    object.end();
}

}  // namespace annals::json_events
