// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/criteria_wire.hpp"

#include "annals/model/limits.hpp"

#include "fields.hpp"

namespace annals::api_wire {
namespace {

using model::ExpectedKind;
using model::Limits;

Status add_bounded(
    std::vector<std::string>& list, std::string_view value, std::string_view field, std::size_t max
) {
    if (list.size() == max) return over_limit(field, max);
    list.emplace_back(value);
    return ok();
}

Status decode_query_item(std::string_view bytes, model::QueryItem& item) {
    MessageReader in("QueryItem", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            ANNALS_CHECK(add_bounded(item.types, in.bytes(), "query.types", Limits::kQueryTypesMax)
            );
        } else if (in.field() == 2) {
            ANNALS_CHECK(add_bounded(item.tags, in.bytes(), "query.tags", Limits::kQueryTagsMax));
        }
    }
    return in.finish();
}

/// Taking it for `any` would accept what its writer wanted refused.
Error nothing_expected() {
    return Error(
               ErrorCode::kInvalidArgument,
               "an expected revision says nothing that this server knows: set any, no_stream, "
               "exists, deleted or revision"
    )
        .with("field", "expected");
}

/// Whether it says something that this program knows.
Result<bool> read_expected(std::string_view bytes, model::ExpectedRevision& expected) {
    MessageReader in("ExpectedRevision", bytes);
    bool is_known = false;
    while (in.next()) {
        if (in.field() >= 1 && in.field() <= 5) is_known = true;
        switch (in.field()) {
            case 1:
                expected = model::ExpectedRevision::any();
                break;
            case 2:
                expected = model::ExpectedRevision::no_stream();
                break;
            case 3:
                expected = model::ExpectedRevision::exists();
                break;
            case 4:
                expected = model::ExpectedRevision::deleted();
                break;
            case 5:
                expected = model::ExpectedRevision::exactly(Revision(in.varint()));
                continue;
            default:
                continue;
        }
        if (!in.boolean()) {
            // `no_stream: false` says nothing that could be checked; taking it for `any` would
            // accept what its writer wanted refused.
            ANNALS_CHECK(in.finish());
            return Error(
                       ErrorCode::kInvalidArgument,
                       "an expected revision is set to false; set the one that is meant to true"
            )
                .with("field", "expected");
        }
    }
    ANNALS_CHECK(in.finish());
    return is_known;
}

void encode_stream_check(std::string& out, const model::StreamCheck& check) {
    MessageWriter writer(out);
    writer.text(1, check.stream);
    writer.nested(2, [&](std::string& o) { encode_expected(o, check.expected); });
}

Status decode_stream_check(std::string_view bytes, model::StreamCheck& check) {
    MessageReader in("StreamCheck", bytes);
    bool is_there = false;
    while (in.next()) {
        if (in.field() == 1) check.stream = in.bytes();
        if (in.field() == 2) {
            ANNALS_CHECK(decode_expected(in.bytes(), check.expected));
            is_there = true;
        }
    }
    ANNALS_CHECK(in.finish());
    return is_there ? ok() : Status(nothing_expected());
}

void encode_query_check(std::string& out, const model::QueryCheck& check) {
    MessageWriter writer(out);
    writer.nested(1, [&](std::string& o) { encode_query(o, check.query); });
    writer.text(2, check.after);
}

Status decode_query_check(std::string_view bytes, model::QueryCheck& check) {
    MessageReader in("QueryCheck", bytes);
    while (in.next()) {
        if (in.field() == 1) ANNALS_CHECK(decode_query(in.bytes(), check.query));
        if (in.field() == 2) check.after = in.bytes();
    }
    return in.finish();
}

void encode_failed_check(std::string& out, const model::FailedCheck& check) {
    MessageWriter writer(out);
    writer.number(1, check.check_index);
    if (check.kind == model::FailedCheck::Kind::kStream) {
        writer.text(2, check.stream);
        writer.nested(3, [&](std::string& o) { encode_expected(o, check.expected); });
        if (check.current_revision) writer.always().varint(4, check.current_revision->value);
        writer.boolean(5, check.is_deleted);
    } else {
        writer.number(6, check.matching_position.value);
    }
}

Status decode_failed_check(std::string_view bytes, model::FailedCheck& check) {
    MessageReader in("FailedCheck", bytes);
    check.kind = model::FailedCheck::Kind::kQuery;
    while (in.next()) {
        switch (in.field()) {
            case 1:
                check.check_index = in.uint32();
                break;
            case 2:
                check.stream = in.text();
                break;
            case 3:
                check.kind = model::FailedCheck::Kind::kStream;
                // Told to who wrote it: of a later server it may be of a kind that is new.
                if (const auto read = read_expected(in.bytes(), check.expected); !read)
                    return read.error();
                break;
            case 4:
                check.current_revision = Revision(in.varint());
                break;
            case 5:
                check.is_deleted = in.boolean();
                break;
            case 6:
                check.matching_position = Position(in.varint());
                break;
            default:
                break;
        }
    }
    return in.finish();
}

}  // namespace

void encode_expected(std::string& out, const model::ExpectedRevision& expected) {
    MessageWriter writer(out);
    switch (expected.kind) {
        case ExpectedKind::kAny:
            writer.boolean(1, true);
            break;
        case ExpectedKind::kNoStream:
            writer.boolean(2, true);
            break;
        case ExpectedKind::kExists:
            writer.boolean(3, true);
            break;
        case ExpectedKind::kDeleted:
            writer.boolean(4, true);
            break;
        case ExpectedKind::kExactly:
            writer.always().varint(5, expected.revision.value);
            break;
    }
}

Status decode_expected(std::string_view bytes, model::ExpectedRevision& expected) {
    ANNALS_TRY(const bool is_known, read_expected(bytes, expected));
    return is_known ? ok() : Status(nothing_expected());
}

void encode_query(std::string& out, const model::Query& query) {
    MessageWriter writer(out);
    for (const model::QueryItem& item : query.items) {
        writer.nested(1, [&](std::string& o) {
            MessageWriter inner(o);
            for (const std::string& type : item.types) inner.always().bytes(1, type);
            for (const std::string& tag : item.tags) inner.always().bytes(2, tag);
        });
    }
}

Status decode_query(std::string_view bytes, model::Query& query) {
    MessageReader in("Query", bytes);
    while (in.next()) {
        if (in.field() != 1) continue;
        if (query.items.size() == Limits::kQueryItemsMax) {
            return over_limit("query.items", Limits::kQueryItemsMax);
        }
        ANNALS_CHECK(decode_query_item(in.bytes(), query.items.emplace_back()));
    }
    return in.finish();
}

void encode_check(std::string& out, const model::Check& check) {
    MessageWriter writer(out);
    if (const auto* stream = std::get_if<model::StreamCheck>(&check)) {
        writer.nested(1, stream->stream.size(), [&](std::string& o) {
            encode_stream_check(o, *stream);
        });
    } else {
        writer.nested(2, [&](std::string& o) {
            encode_query_check(o, std::get<model::QueryCheck>(check));
        });
    }
}

Result<model::Check> decode_check(std::string_view bytes) {
    model::Check check;
    bool is_set = false;
    MessageReader in("Check", bytes);
    while (in.next()) {
        if (in.field() == 1) {
            model::StreamCheck stream;
            ANNALS_CHECK(decode_stream_check(in.bytes(), stream));
            check = stream;
            is_set = true;
        } else if (in.field() == 2) {
            model::QueryCheck query;
            ANNALS_CHECK(decode_query_check(in.bytes(), query));
            check = std::move(query);
            is_set = true;
        }
    }
    ANNALS_CHECK(in.finish());
    if (!is_set) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "a check names neither a stream nor a query that this server knows"
        )
            .with("field", "checks");
    }
    return check;
}

void encode_filter(std::string& out, const model::Filter& filter) {
    MessageWriter writer(out);
    for (const std::string& category : filter.categories) writer.always().bytes(1, category);
    for (const std::string& type : filter.types) writer.always().bytes(2, type);
    for (const std::string& prefix : filter.stream_prefixes) writer.always().bytes(3, prefix);
    for (const std::string& tag : filter.tags) writer.always().bytes(4, tag);
    writer.boolean(5, filter.include_system);
    writer.text(6, filter.stream_pattern);
    writer.text(7, filter.type_pattern);
    writer.sfixed64(8, filter.recorded_since.value);
    writer.sfixed64(9, filter.recorded_until.value);
}

Status decode_filter(std::string_view bytes, model::Filter& filter) {
    constexpr std::size_t kMax = Limits::kQueryTypesMax;
    MessageReader in("Filter", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                ANNALS_CHECK(add_bounded(filter.categories, in.bytes(), "filter.categories", kMax));
                break;
            case 2:
                ANNALS_CHECK(add_bounded(filter.types, in.bytes(), "filter.types", kMax));
                break;
            case 3:
                ANNALS_CHECK(
                    add_bounded(filter.stream_prefixes, in.bytes(), "filter.stream_prefixes", kMax)
                );
                break;
            case 4:
                ANNALS_CHECK(
                    add_bounded(filter.tags, in.bytes(), "filter.tags", Limits::kQueryTagsMax)
                );
                break;
            case 5:
                filter.include_system = in.boolean();
                break;
            case 6:
                filter.stream_pattern = in.text();
                break;
            case 7:
                filter.type_pattern = in.text();
                break;
            case 8:
                filter.recorded_since = TimeNs(in.sfixed64());
                break;
            case 9:
                filter.recorded_until = TimeNs(in.sfixed64());
                break;
            default:
                break;
        }
    }
    return in.finish();
}

std::size_t encode_conflict(
    std::string& out, const std::vector<model::FailedCheck>& failed, std::size_t bytes_max
) {
    const std::size_t start = out.size();
    MessageWriter writer(out);
    std::size_t count = 0;
    for (const model::FailedCheck& check : failed) {
        const std::size_t before = out.size();
        writer.nested(1, check.stream.size(), [&](std::string& o) {
            encode_failed_check(o, check);
        });
        if (out.size() - start > bytes_max) {
            out.resize(before);
            break;
        }
        ++count;
    }
    return count;
}

Status decode_conflict(std::string_view bytes, std::vector<model::FailedCheck>& failed) {
    MessageReader in("Conflict", bytes);
    while (in.next()) {
        if (in.field() == 1) ANNALS_CHECK(decode_failed_check(in.bytes(), failed.emplace_back()));
    }
    return in.finish();
}

}  // namespace annals::api_wire
