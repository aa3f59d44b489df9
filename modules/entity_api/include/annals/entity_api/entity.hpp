// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "annals/base/named_type.hpp"
#include "annals/documents/patch.hpp"
#include "annals/documents/pointer.hpp"
#include "annals/documents/value.hpp"

namespace annals::api {

/// Which entity: its type (`product`) and its id within the type. Lies in the stream `<type>-<id>`.
struct EntityKey {
    std::string type;
    std::string id;
    bool operator==(const EntityKey&) const = default;
};

enum class Comparison : std::uint8_t {
    kEqual,
    kNotEqual,  ///< also where there is no such field
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kPrefix,  ///< of a text
    kExists,  ///< null counts; the value is not looked at
};

/// A condition on one field of a document. Numbers compare by value, texts by UTF-16 order, kinds
/// with each other only for (un)equality.
struct FieldFilter {
    documents::Pointer path;
    Comparison comparison = Comparison::kEqual;
    documents::Value value;
};

/// When something was done, and who says to have done it.
struct Stamp {
    TimeNs time;
    std::string actor;
    bool operator==(const Stamp&) const = default;
};

/// An entity as of some revision of its stream.
struct Entity {
    EntityKey key;
    documents::Value document;  ///< of a deleted one, the last
    Revision revision;          ///< of the stream; what `expected` of the next change names
    bool is_deleted = false;
    Stamp created;         ///< of this life: a deleted entity that is created again is a new one
    Stamp changed;         ///< the newest change
    std::string hash;      ///< documents::hash_of the document
    std::string position;  ///< token up to which the answer speaks
};

enum class ChangeKind : std::uint8_t { kCreated, kUpdated, kDeleted };

/// One line of an entity's history.
struct Change {
    ChangeKind kind = ChangeKind::kCreated;
    Revision revision;
    Stamp stamp;
    std::string correlation_id;
    std::string causation_id;
    /// What changed. Of kCreated the body is the whole document, no patch: a null in it is a null.
    documents::Patch patch;
    std::optional<Revision> undoes_to;  ///< where the change is an undo: the revision gone back to
    std::string event_id;
    /// Why the event says no change: its data is none. The patch is empty then; the event itself
    /// can be read from the stream. Empty: it does.
    std::string problem;
};

struct History {
    std::vector<Change> changes;   ///< oldest first
    std::optional<Revision> next;  ///< where to go on; nothing at the end
    std::string position;
};

/// Nothing: now. A revision: after that event. A time: after the last change recorded at or before
/// it.
using AsOf = std::variant<std::monostate, Revision, TimeNs>;

struct GetOptions {
    AsOf as_of;
    bool with_deleted = false;  ///< a deleted entity is no error, its last document is given
    std::string min_position;   ///< token that the answer must have reached; empty: none
    std::uint32_t max_wait_ms = 0;
};

/// What comes with every change.
struct WriteOptions {
    /// conflict when the entity is at another revision. Nothing: whatever it is.
    std::optional<Revision> expected;
    /// The same change under the same key is made once and answered alike; another one is
    /// id_conflict. Within one entity; the principal's own.
    std::string idempotency_key;
    std::string actor;
    std::string correlation_id;
    std::string causation_id;
};

/// Answer to a change.
struct Written {
    EntityKey key;
    Revision revision;  ///< of the stream afterwards
    TimeNs time;        ///< of the event
    std::string position;
    bool is_replay = false;   ///< made before, under the same idempotency key
    bool is_created = false;  ///< there was none, or a deleted or unreadable one, before
    /// The document was so already: no event was written, or, under an idempotency key, one that
    /// changes nothing, so that a retry is a replay whatever others did meanwhile.
    bool is_unchanged = false;
    bool is_durable = true;  ///< false only in interval mode
};

struct Difference {
    documents::Patch patch;  ///< from the first to the second
    Entity before;
    Entity after;
};

struct NewEntity {
    std::string id;  ///< empty: the server gives a UUIDv7
    documents::Value document;
};

struct ListEntities {
    std::string type;
    std::string after;                 ///< id, exclusive; empty: from the first
    std::uint32_t limit = 10;          ///< 1 to kListMax
    std::vector<FieldFilter> filters;  ///< all must be met; at most kFiltersMax
    bool with_deleted = false;
    bool skip_documents = false;
    std::string min_position;
    std::uint32_t max_wait_ms = 0;
};

/// An entity that a list came by and could not read (entity_unreadable): whether it meets the
/// filters nobody knows.
struct UnreadableEntity {
    std::string id;
    Revision revision;    ///< of the stream; a replace, undo or delete may name it
    std::string problem;  ///< what get() says
};

struct EntityPage {
    std::vector<Entity> entities;              ///< by id, in byte order
    std::vector<UnreadableEntity> unreadable;  ///< of the same stretch of ids; counts in the limit
    std::string next;                          ///< `after` of the next page; empty at the end
    std::string position;
};

struct EntityCount {
    std::uint64_t entities = 0;
    std::uint64_t unreadable = 0;  ///< beside them
    std::string next;              ///< `after` with which to count on; empty when all were counted
    std::string position;
};

}  // namespace annals::api
