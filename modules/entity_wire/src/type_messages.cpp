// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/entity_wire/type_messages.hpp"

#include <string>
#include <utility>

#include "annals/documents/document_text.hpp"
#include "annals/model/refusals.hpp"

namespace annals::entity_wire {
namespace {

using schemas::Compatibility;
using schemas::Draft;

constexpr std::uint32_t kUsualFailures = 10;

v1::SchemaDraft sent(Draft draft) {
    return draft == Draft::kDraft7 ? v1::SCHEMA_DRAFT_7 : v1::SCHEMA_DRAFT_2020_12;
}

Result<std::optional<Draft>> received(v1::SchemaDraft draft) {
    switch (draft) {
        case v1::SCHEMA_DRAFT_UNSPECIFIED:
            return std::optional<Draft>();
        case v1::SCHEMA_DRAFT_7:
            return std::optional(Draft::kDraft7);
        case v1::SCHEMA_DRAFT_2020_12:
            return std::optional(Draft::k202012);
        default:
            return model::refused("draft", std::to_string(draft), "one of SchemaDraft");
    }
}

v1::SchemaCompatibility sent(Compatibility compatibility) {
    return static_cast<v1::SchemaCompatibility>(static_cast<int>(compatibility) + 1);
}

Result<std::optional<Compatibility>> received(v1::SchemaCompatibility compatibility) {
    if (compatibility == v1::SCHEMA_COMPATIBILITY_UNSPECIFIED) {
        return std::optional<Compatibility>();
    }
    if (!v1::SchemaCompatibility_IsValid(compatibility)) {
        return model::refused(
            "compatibility", std::to_string(compatibility), "one of SchemaCompatibility"
        );
    }
    return std::optional(static_cast<Compatibility>(static_cast<int>(compatibility) - 1));
}

}  // namespace

v1::PutEntityTypeRequest to_proto(
    std::string_view name_space, const entities::PutEntityType& request
) {
    v1::PutEntityTypeRequest message;
    message.set_namespace_(std::string(name_space));
    message.set_type(request.type);
    message.set_schema(documents::to_text(request.schema));
    if (request.draft) message.set_draft(sent(*request.draft));
    if (request.compatibility) message.set_compatibility(sent(*request.compatibility));
    if (request.is_validated) message.set_validate(*request.is_validated);
    message.set_skip_check(request.skips_check);
    if (request.expected_version) message.set_expected_version(*request.expected_version);
    message.set_actor(request.actor);
    return message;
}

Result<entities::PutEntityType> from_proto(const v1::PutEntityTypeRequest& message) {
    entities::PutEntityType request;
    request.type = message.type();
    ANNALS_TRY(request.schema, documents::parse_document(message.schema(), "schema"));
    ANNALS_TRY(request.draft, received(message.draft()));
    ANNALS_TRY(request.compatibility, received(message.compatibility()));
    if (message.has_validate()) request.is_validated = message.validate();
    request.skips_check = message.skip_check();
    if (message.has_expected_version()) request.expected_version = message.expected_version();
    request.actor = message.actor();
    return request;
}

v1::CheckSchemaRequest to_proto(std::string_view name_space, const entities::CheckSchema& request) {
    v1::CheckSchemaRequest message;
    message.set_namespace_(std::string(name_space));
    message.set_type(request.type);
    message.set_schema(documents::to_text(request.schema));
    if (request.draft) message.set_draft(sent(*request.draft));
    if (request.compatibility) message.set_compatibility(sent(*request.compatibility));
    message.set_against_data(request.is_against_data);
    message.set_after(request.after);
    message.set_failures_max(request.failures_max);
    return message;
}

Result<entities::CheckSchema> from_proto(const v1::CheckSchemaRequest& message) {
    entities::CheckSchema request;
    request.type = message.type();
    ANNALS_TRY(request.schema, documents::parse_document(message.schema(), "schema"));
    ANNALS_TRY(request.draft, received(message.draft()));
    ANNALS_TRY(request.compatibility, received(message.compatibility()));
    request.is_against_data = message.against_data();
    request.after = message.after();
    request.failures_max = message.failures_max() == 0 ? kUsualFailures : message.failures_max();
    return request;
}

v1::EntityType to_proto(const entities::EntityType& type) {
    v1::EntityType message;
    message.set_type(type.type);
    message.set_version(type.version);
    if (!type.schema.is_null()) message.set_schema(documents::to_text(type.schema));
    message.set_draft(sent(type.draft));
    message.set_compatibility(sent(type.compatibility));
    message.set_validate(type.is_validated);
    message.set_is_deleted(type.is_deleted);
    for (const std::string& one : type.breaks) message.add_breaks(one);
    message.set_revision(type.revision.value);
    message.mutable_changed()->set_time_ns(type.changed.time.value);
    message.mutable_changed()->set_actor(type.changed.actor);
    message.set_position(type.position);
    message.set_is_unchanged(type.is_unchanged);
    return message;
}

Result<entities::EntityType> from_proto(const v1::EntityType& message) {
    entities::EntityType type;
    type.type = message.type();
    type.version = message.version();
    if (!message.schema().empty()) {
        ANNALS_TRY(type.schema, documents::parse_document(message.schema(), "schema"));
    }
    ANNALS_TRY(const auto draft, received(message.draft()));
    if (draft) type.draft = *draft;
    ANNALS_TRY(const auto compatibility, received(message.compatibility()));
    if (compatibility) type.compatibility = *compatibility;
    type.is_validated = message.validate();
    type.is_deleted = message.is_deleted();
    type.breaks.assign(message.breaks().begin(), message.breaks().end());
    type.revision = Revision(message.revision());
    type.changed = {TimeNs(message.changed().time_ns()), message.changed().actor()};
    type.position = message.position();
    type.is_unchanged = message.is_unchanged();
    return type;
}

v1::EntityTypePage to_proto(const entities::EntityTypeList& list) {
    v1::EntityTypePage message;
    for (const entities::EntityType& one : list.types) *message.add_types() = to_proto(one);
    message.set_next(list.next);
    return message;
}

Result<entities::EntityTypeList> from_proto(const v1::EntityTypePage& message) {
    entities::EntityTypeList list;
    for (const v1::EntityType& one : message.types()) {
        ANNALS_TRY(list.types.emplace_back(), from_proto(one));
    }
    list.next = message.next();
    return list;
}

v1::SchemaReport to_proto(const entities::SchemaReport& report) {
    v1::SchemaReport message;
    message.set_against_version(report.against_version);
    message.set_compatibility(sent(report.compatibility));
    for (const schemas::Break& one : report.comparison.breaks) {
        v1::SchemaBreak& sent_break = *message.add_breaks();
        sent_break.set_place(one.place);
        sent_break.set_keyword(one.keyword);
        sent_break.set_message(one.message);
        sent_break.set_is_certain(one.is_certain);
        sent_break.set_is_forward(one.is_forward);
    }
    message.set_has_more_breaks(report.comparison.has_more);
    message.set_looked_at(report.looked_at);
    message.set_failed(report.failed);
    for (const entities::FailedEntity& one : report.failures) {
        v1::EntityFailure& failure = *message.add_failures();
        failure.set_id(one.id);
        failure.set_revision(one.revision.value);
        failure.set_violations(static_cast<std::uint32_t>(one.violations));
        v1::SchemaViolation& first = *failure.mutable_first();
        first.set_place(one.first.place);
        first.set_keyword(one.first.keyword);
        first.set_rule(one.first.rule);
        first.set_value(one.first.value);
        first.set_message(one.first.message);
    }
    message.set_next(report.next);
    return message;
}

entities::SchemaReport from_proto(const v1::SchemaReport& message) {
    entities::SchemaReport report;
    report.against_version = message.against_version();
    const auto compatibility = received(message.compatibility());
    if (compatibility && *compatibility) report.compatibility = **compatibility;
    for (const v1::SchemaBreak& one : message.breaks()) {
        report.comparison.breaks.push_back(
            {one.place(), one.keyword(), one.message(), one.is_certain(), one.is_forward()}
        );
    }
    report.comparison.has_more = message.has_more_breaks();
    report.looked_at = message.looked_at();
    report.failed = message.failed();
    for (const v1::EntityFailure& one : message.failures()) {
        const v1::SchemaViolation& first = one.first();
        report.failures.push_back(
            {one.id(),
             Revision(one.revision()),
             one.violations(),
             {first.place(), first.keyword(), first.rule(), first.value(), first.message()}}
        );
    }
    report.next = message.next();
    return report;
}

}  // namespace annals::entity_wire
