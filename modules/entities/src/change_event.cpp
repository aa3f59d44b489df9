// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "change_event.hpp"

#include <utility>

#include "annals/base/clock.hpp"
#include "annals/codec/checksum.hpp"
#include "annals/codec/text.hpp"
#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/model/refusals.hpp"

#include "state_cache.hpp"

namespace annals::entities {
namespace {

/// Name space of the ids that idempotency keys give.
constexpr std::string_view kKeyNameSpace = "6f1c2b9e-4a55-4d0b-9a3e-5b1d7c08e2f4";

Status check_size(const documents::Value& document) {
    // A character takes six at most; only what is large is written to be measured.
    constexpr std::size_t kCharacterBytesMax = 6;
    if (bytes_of(document) * kCharacterBytesMax <= documents::kDocumentBytesMax) return ok();
    const std::size_t bytes = documents::to_text(document).size();
    if (bytes <= documents::kDocumentBytesMax) return ok();
    return model::too_large("document", bytes, documents::kDocumentBytesMax, "bytes");
}

}  // namespace

std::string request_hash(std::string_view operation, std::string_view arguments) {
    std::string text(operation);
    text.append(1, '\0').append(arguments);
    const codec::Sha256 digest = codec::sha256(text);
    return codec::hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

Uuid event_id_of(const api::CallContext& context, std::string_view stream, std::string_view key) {
    if (key.empty()) return {};
    std::string name(context.principal);
    name.append(1, '\0').append(stream).append(1, '\0').append(key);
    return make_uuid_v5(*Uuid::parse(kKeyNameSpace), name);
}

Uuid bulk_event_id_of(
    const api::CallContext& context, std::string_view type, std::string_view key
) {
    // No stream has this name, as below.
    return event_id_of(context, "-many-" + std::string(type), key);
}

std::string new_id(
    const api::CallContext& context,
    std::string_view type,
    std::string_view key,
    std::size_t ordinal
) {
    if (key.empty()) return make_uuid_v7(system_clock()).to_string();
    // No stream has this name: a type has at least one character.
    const std::string place = "-" + std::to_string(ordinal) + "-" + std::string(type);
    return event_id_of(context, place, key).to_string();
}

Result<std::unique_ptr<ChangeEvent>> ChangeEvent::make(
    const EntityKey& key,
    Step step,
    const WriteOptions& options,
    std::string request,
    Uuid id,
    std::uint32_t schema_version
) {
    std::unique_ptr<ChangeEvent> made(new ChangeEvent());
    made->stream_ = stream_of(key);
    made->type_ = event_type_of(key.type, step.kind);
    made->data_ = "{}";
    std::string_view content_type;  // that of JSON
    if (step.kind != ChangeKind::kDeleted) {
        ANNALS_CHECK(check_size(step.document));
        made->hash_ = documents::hash_of(step.document);
    }
    if (step.kind == ChangeKind::kCreated) made->data_ = documents::to_text(step.document);
    if (step.kind == ChangeKind::kUpdated) {
        made->data_ = documents::to_text(step.patch.body);
        if (made->data_.size() > kPatchLimits.bytes_max) {
            step.patch = documents::replacing_all(step.document);
            made->data_ = documents::to_text(step.patch.body);
        }
        content_type = documents::content_type_of(step.patch.format);
    }
    made->request_ = std::move(request);
    made->actor_ = options.actor;
    made->correlation_id_ = options.correlation_id;
    made->causation_id_ = options.causation_id;

    model::NewEvent& event = made->event_;
    event.stream = made->stream_;
    event.id = id;
    event.type = made->type_;
    event.content_type = content_type;
    event.actor = made->actor_;
    event.correlation_id = made->correlation_id_;
    event.causation_id = made->causation_id_;
    event.data = made->data_;
    if (!made->hash_.empty()) event.dialect.push_back({kHashField, made->hash_});
    if (step.undoes_to) {
        made->undo_ = std::to_string(step.undoes_to->value);
        event.dialect.push_back({kUndoField, made->undo_});
    }
    if (schema_version != 0) {
        made->schema_ = std::to_string(schema_version);
        event.dialect.push_back({kSchemaField, made->schema_});
    }
    const bool has_key = !id.is_nil() && !made->request_.empty();
    if (has_key) event.dialect.push_back({kRequestField, made->request_});
    made->document_ = std::move(step.document);
    return made;
}

model::ExpectedRevision expectation_of(const State* state) {
    return state ? model::ExpectedRevision::exactly(state->revision)
                 : model::ExpectedRevision::no_stream();
}

}  // namespace annals::entities
