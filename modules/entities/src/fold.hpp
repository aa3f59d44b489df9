// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "annals/base/result.hpp"
#include "annals/base/uuid.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/entities/entity.hpp"
#include "annals/model/event.hpp"

namespace annals::entities {

/// Reserved fields of the events that the entity store writes.
inline constexpr std::string_view kUndoField = "entity.undo";  ///< revision gone back to
/// Version of the type's schema that the document was checked against.
inline constexpr std::string_view kSchemaField = "entity.schema";
inline constexpr std::string_view kRequestField =
    "entity.request";  ///< of an idempotency key's use

/// What the data of an event may be: a JSON patch wraps its values in two levels and repeats paths.
inline constexpr documents::TextLimits kPatchLimits{
    .bytes_max = 2 * documents::kDocumentBytesMax, .depth_max = documents::kDepthMax + 2
};

/// Value of a reserved field, or empty.
std::string_view field_of(const model::NewEvent& event, std::string_view name);
/// Decimal digits alone, as the store writes revisions; else nothing.
std::optional<Revision> parse_revision(std::string_view text);
/// By the last part of the type, `product.Created`; nothing for events that are no change.
std::optional<ChangeKind> change_kind_of(std::string_view event_type);
/// `product.Created`
std::string event_type_of(std::string_view entity_type, ChangeKind kind);
/// What the event says, without looking at what was before. entity_unreadable when its data is not
/// what its type and content type say.
Result<documents::Patch> patch_of(const model::RecordedEvent& event);

/// What a stream's events make, up to the last of them that was folded.
struct State {
    bool has_document = false;  ///< it was created some time
    bool is_deleted = false;
    documents::Value document;
    std::string hash;   ///< of the document, where it was compared; empty: not known
    Revision revision;  ///< of the last event, also of one that is no change
    Uuid event_id;      ///< of the last event
    /// The last event says the hash of the document: what may stand for all events up to it.
    bool ends_with_hash = false;
    /// Of the event that the fold rests on: the newest Created, before which nothing counts, else
    /// the first that was shown.
    Revision begin;
    bool begins_at_created = false;
    Stamp created;
    Stamp changed;
    /// entity_unreadable: there is a document, and nobody can say which. Then has_document is
    /// false; revision, event and is_deleted hold.
    std::optional<Error> problem;

    [[nodiscard]] bool is_live() const { return has_document && !is_deleted; }
    /// Whether who folds the events that are shown now, which begin with this revision, comes by
    /// the same state. Not when less is shown, nor when more is that counts.
    [[nodiscard]] bool is_of_shown(Revision first) const {
        return begins_at_created ? first <= begin : first == begin;
    }
};

/// Folds the shown events of one stream in order. Pure.
///
/// Created begins anew, also after Deleted; Updated patches (an update of nothing patches `{}`, one
/// after a deletion the last document: only other doors write such); Deleted keeps the document;
/// other types count as revisions alone. The hash that a change brings is compared when the next
/// one has none, and at the end, so that a fold that went wrong is noticed, and no change without a
/// hash hides it. Of changes in a row that have hashes the last one's is that of all.
///
/// What cannot be read (data that is no patch, changes of what is not shown any more) is a problem
/// of the state until a Created follows, or an Updated that brings the whole document: so the
/// answer does not depend on where a fold began before it (docs/adr/0020).
class Fold {
  public:
    Fold() = default;
    /// Goes on from a state that was folded before.
    explicit Fold(State state)
        : state_(std::move(state)), is_empty_(false), begins_at_first_(state_.begin.value == 0) {}

    void add(const model::RecordedEvent& event);
    /// Nothing when there was no event. Its problem is set when an event does not say what its type
    /// promises, or when the hash is another one.
    std::optional<State> finish();

  private:
    Status change(const model::RecordedEvent& event, ChangeKind kind);
    void set_document(const model::RecordedEvent& event, documents::Value document);
    /// The document with the hash that its newest change brought, where that is still to be done.
    void compare();

    State state_;
    bool is_empty_ = true;
    /// Whether the first event that was folded is one that a fold may begin with.
    bool begins_at_first_ = false;
    std::string expected_hash_;    ///< empty: there is none, or it was compared
    Revision expected_at_;         ///< of the change that brought it
    std::optional<Error> broken_;  ///< the first since the last whole document
};

}  // namespace annals::entities
