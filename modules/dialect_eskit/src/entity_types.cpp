// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_types.hpp"

#include <optional>
#include <utility>

#include <google/protobuf/util/json_util.h>

#include "annals/documents/document_text.hpp"

#include "json_schema.hpp"
#include "naming.hpp"
#include "stream_finder.hpp"

namespace annals::dialect_eskit {
namespace {

namespace crudstore = contracts::crudstore;
using crudstore::CrudEntitySpec;

constexpr std::uint32_t kUsualLimit = 20;

template <typename Answer>
tl::unexpected<Refusal> passed_on(Outcome<Answer>& outcome) {
    return tl::unexpected<Refusal>(std::move(outcome.error()));
}

std::string text_of(const CrudEntitySpec& spec) {
    std::string text;
    // Cannot fail: a message of ours, without Any.
    static_cast<void>(google::protobuf::util::MessageToJsonString(spec, &text));
    return text;
}

std::optional<CrudEntitySpec> spec_of(const std::string& text) {
    CrudEntitySpec spec;
    if (!google::protobuf::util::JsonStringToMessage(text, &spec).ok()) return std::nullopt;
    return spec;
}

/// Refused before anything is looked at; true otherwise.
Outcome<bool> check_spec(bool has_spec, const CrudEntitySpec& spec) {
    if (!has_spec) return invalid("missing spec");
    if (spec.entity_type().empty()) return invalid("missing entity type");
    const crudstore::SchemaSpec& schema = spec.schema_spec();
    if (schema.json_schema().empty()) return true;
    if (schema.schema_version() == 0) return invalid("schema : version is required");
    const auto parsed = JsonSchema::parse(schema.json_schema());
    if (parsed) return true;
    return invalid("schema : " + std::string(parsed.error().message()));
}

}  // namespace

Outcome<EntityTypes::Found> EntityTypes::find(
    const api::CallContext& context, const std::string& entity_type
) {
    crudstore::GetRequest request;
    request.set_entity_type(std::string(kRegisterType));
    request.mutable_originator()->set_id(entity_type);
    auto got = calls_.get(context, request);
    if (!got) return passed_on(got);
    auto spec = spec_of(got->payload());
    if (!spec) return refused(code::kInternal, "the type is not readable");
    return Found{std::move(*spec), std::move(*got->mutable_originator())};
}

Outcome<crudstore::RegisterTypeResponse> EntityTypes::add(
    const api::CallContext& context, const crudstore::RegisterTypeRequest& request
) {
    auto checked = check_spec(request.has_spec(), request.spec());
    if (!checked) return passed_on(checked);
    crudstore::CreateRequest creating;
    creating.set_entity_type(std::string(kRegisterType));
    creating.mutable_originator()->set_id(request.spec().entity_type());
    creating.set_payload(text_of(request.spec()));
    auto created = calls_.create(context, creating);
    if (created) return crudstore::RegisterTypeResponse();
    if (created.error().code != code::kAlreadyExists) return passed_on(created);
    if (request.skip_duplicate()) return crudstore::RegisterTypeResponse();
    return refused(code::kAlreadyExists, "already registered");
}

Outcome<crudstore::GetTypeResponse> EntityTypes::get(
    const api::CallContext& context, const crudstore::GetTypeRequest& request
) {
    if (request.entity_type().empty()) return invalid("missing entity type");
    auto found = find(context, request.entity_type());
    if (!found && found.error().code == code::kNotFound) {
        return refused(code::kNotFound, "not found");
    }
    if (!found && found.error().code == code::kInternal) {
        return refused(code::kInternal, "missing entity type");
    }
    if (!found) return passed_on(found);
    crudstore::GetTypeResponse response;
    *response.mutable_spec() = std::move(found->spec);
    return response;
}

Outcome<crudstore::UpdateTypeResponse> EntityTypes::update(
    const api::CallContext& context, const crudstore::UpdateTypeRequest& request
) {
    auto checked = check_spec(request.has_spec(), request.spec());
    if (!checked) return passed_on(checked);
    auto found = find(context, request.spec().entity_type());
    if (!found && found.error().code == code::kNotFound) {
        return refused(code::kNotFound, "schema not found: <nil>");
    }
    if (!found) return passed_on(found);
    const crudstore::SchemaSpec& before = found->spec.schema_spec();
    const crudstore::SchemaSpec& after = request.spec().schema_spec();
    const bool has_schema = !after.json_schema().empty() || after.schema_version() != 0;
    if (has_schema && before.schema_version() == after.schema_version()) {
        return invalid("schema version not changed");
    }
    crudstore::UpdateRequest updating;
    updating.set_entity_type(std::string(kRegisterType));
    *updating.mutable_originator() = std::move(found->originator);
    updating.set_payload(text_of(request.spec()));
    auto updated = calls_.update(context, updating);
    if (!updated) return passed_on(updated);
    return crudstore::UpdateTypeResponse();
}

Outcome<crudstore::ListTypesResponse> EntityTypes::list(
    const api::CallContext& context, const crudstore::ListTypesRequest& request
) {
    const std::uint32_t wanted = request.limit() == 0 ? kUsualLimit : request.limit();
    const auto limit = static_cast<int>(std::min(wanted, kListMax));
    crudstore::ListTypesResponse response;
    crudstore::ListRequest listing;
    listing.set_entity_type(std::string(kRegisterType));
    listing.set_limit(wanted);
    while (response.results_size() < limit) {
        auto page = calls_.list(context, listing);
        if (!page) return passed_on(page);
        if (page->next_page_id().empty()) break;
        for (const crudstore::ListResponseItem& item : page->results()) {
            auto spec = spec_of(item.payload());
            const bool is_other = !spec || spec->entity_type() != item.originator().id();
            if (is_other || response.results_size() == limit) continue;
            *response.add_results() = std::move(*spec);
        }
        listing.set_pagination_id(page->next_page_id());
    }
    return response;
}

Outcome<bool> EntityTypes::check(
    const api::CallContext& context, const std::string& entity_type, std::string_view payload
) {
    const auto last = last_revision(
        store_, context, stream_name(kRegisterType, key_of(entity_type))
    );
    if (!last) {
        return refused(last.error().info().grpc_status, std::string(last.error().message()));
    }
    if (!*last) return true;
    auto found = find(context, entity_type);
    if (!found && found.error().code == code::kNotFound) return true;
    if (!found) return passed_on(found);
    const std::string& text = found->spec.schema_spec().json_schema();
    if (text.empty()) return true;
    const auto schema = JsonSchema::parse(text);
    if (!schema) return invalid("validation : " + std::string(schema.error().message()));
    const auto document = documents::parse_document(payload);
    if (!document) return invalid("validation : " + std::string(document.error().message()));
    const auto violations = schema->violations(*document);
    if (!violations) return invalid("validation : " + std::string(violations.error().message()));
    if (violations->empty()) return true;
    std::string lines;
    for (const std::string& violation : *violations) {
        lines.append("- ").append(violation).append("\n");
    }
    return invalid("validation : schema constraint failed : " + lines);
}

}  // namespace annals::dialect_eskit
