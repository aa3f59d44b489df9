// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "model_entry.hpp"

#include <cstdint>
#include <utility>

#include "annals/codec/wire.hpp"
#include "annals/documents/document_text.hpp"

namespace annals::entities {
namespace {

constexpr std::uint32_t kPosition = 1;
constexpr std::uint32_t kIsKept = 2;
constexpr std::uint32_t kHasDocument = 3;
constexpr std::uint32_t kIsDeleted = 4;
constexpr std::uint32_t kRevision = 5;
constexpr std::uint32_t kEventId = 6;
constexpr std::uint32_t kCreatedTime = 7;
constexpr std::uint32_t kCreatedActor = 8;
constexpr std::uint32_t kChangedTime = 9;
constexpr std::uint32_t kChangedActor = 10;
constexpr std::uint32_t kHash = 11;
constexpr std::uint32_t kDocument = 12;

}  // namespace

std::string encode_entry(const ModelEntry& entry) {
    std::string out;
    codec::FieldWriter writer(out);
    writer.varint(kPosition, entry.position.value);
    if (!entry.is_kept) return out;
    const State& state = entry.state;
    writer.varint(kIsKept, 1);
    writer.varint(kHasDocument, state.has_document ? 1 : 0);
    writer.varint(kIsDeleted, state.is_deleted ? 1 : 0);
    writer.varint(kRevision, state.revision.value);
    writer.bytes(kEventId, state.event_id.view());
    writer.varint(kCreatedTime, codec::zigzag(state.created.time.value));
    writer.bytes(kCreatedActor, state.created.actor);
    writer.varint(kChangedTime, codec::zigzag(state.changed.time.value));
    writer.bytes(kChangedActor, state.changed.actor);
    if (!state.has_document) return out;
    writer.bytes(kHash, entry.hash);
    writer.bytes(kDocument, documents::to_text(state.document));
    return out;
}

std::optional<ModelEntry> decode_entry(std::string_view bytes, bool with_document) {
    ModelEntry entry;
    State& state = entry.state;
    std::optional<Uuid> event_id;
    std::string_view document;
    codec::FieldReader reader(bytes);
    while (reader.next()) {
        switch (reader.field()) {
            case kPosition:
                entry.position = Position(reader.number());
                break;
            case kIsKept:
                entry.is_kept = reader.number() != 0;
                break;
            case kHasDocument:
                state.has_document = reader.number() != 0;
                break;
            case kIsDeleted:
                state.is_deleted = reader.number() != 0;
                break;
            case kRevision:
                state.revision = Revision(reader.number());
                break;
            case kEventId:
                event_id = Uuid::from_bytes(reader.bytes());
                break;
            case kCreatedTime:
                state.created.time = TimeNs(codec::unzigzag(reader.number()));
                break;
            case kCreatedActor:
                state.created.actor = reader.bytes();
                break;
            case kChangedTime:
                state.changed.time = TimeNs(codec::unzigzag(reader.number()));
                break;
            case kChangedActor:
                state.changed.actor = reader.bytes();
                break;
            case kHash:
                entry.hash = reader.bytes();
                break;
            case kDocument:
                document = reader.bytes();
                break;
            default:
                return std::nullopt;
        }
    }
    if (!reader.ok()) return std::nullopt;
    if (!entry.is_kept) return entry;
    if (!event_id || (state.has_document && entry.hash.size() != 64)) return std::nullopt;
    state.event_id = *event_id;
    if (!with_document || !state.has_document) return entry;
    auto parsed = documents::parse_object(document);
    if (!parsed) return std::nullopt;
    state.document = std::move(*parsed);
    return entry;
}

}  // namespace annals::entities
