// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "annals/api/call_context.hpp"
#include "annals/base/result.hpp"
#include "annals/entities/entity.hpp"
#include "annals/model/append.hpp"

#include "fold.hpp"

namespace annals::entities {

/// One change, decided: what becomes an event.
struct Step {
    ChangeKind kind = ChangeKind::kCreated;
    documents::Value document;  ///< afterwards; not of kDeleted
    documents::Patch patch;     ///< of kUpdated
    std::optional<Revision> undoes_to;
};

/// What a change with an idempotency key asks for: its name and arguments, as a hash.
std::string request_hash(std::string_view operation, std::string_view arguments);
/// The id of the event that a key stands for; nil without a key.
Uuid event_id_of(const api::CallContext& context, std::string_view stream, std::string_view key);

/// The id of the first event of a bulk, whichever its entities are; nil without a key.
Uuid bulk_event_id_of(const api::CallContext& context, std::string_view type, std::string_view key);

/// The id of an entity that was given none: a UUIDv7, or the same for the same key and place in the
/// request, so that a repeated call finds what the first one made.
std::string new_id(
    const api::CallContext& context,
    std::string_view type,
    std::string_view key,
    std::size_t ordinal = 0
);

/// The event of a step. Owns what the views of event() point to; does not move.
class ChangeEvent {
  public:
    /// limit_exceeded when the document is larger than kDocumentBytesMax. `request` is written down
    /// where there is one and an id. The schema's version is the one that the document was checked
    /// against; 0: none.
    static Result<std::unique_ptr<ChangeEvent>> make(
        const EntityKey& key,
        Step step,
        const WriteOptions& options,
        std::string request,
        Uuid id,
        std::uint32_t schema_version
    );
    ChangeEvent(const ChangeEvent&) = delete;
    ChangeEvent& operator=(const ChangeEvent&) = delete;

    [[nodiscard]] const model::NewEvent& event() const { return event_; }
    /// What the entity is then, once, and the hash of that.
    [[nodiscard]] documents::Value take_document() { return std::move(document_); }
    [[nodiscard]] const std::string& hash() const { return hash_; }

  private:
    ChangeEvent() = default;

    documents::Value document_;
    std::string stream_;
    std::string type_;
    std::string data_;
    std::string hash_;
    std::string undo_;
    std::string request_;
    std::string schema_;
    std::string actor_;
    std::string correlation_id_;
    std::string causation_id_;
    model::NewEvent event_;
};

/// That the stream is still as it was when the state was read.
model::ExpectedRevision expectation_of(const State* state);

}  // namespace annals::entities
