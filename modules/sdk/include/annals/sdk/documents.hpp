// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "annals/sdk/client.hpp"
#include "annals/sdk/sequence.hpp"

namespace annals {

/// What comes with a change of an entity.
struct WriteOptions {
    /// conflict when it is at another revision. Nothing: whatever it is.
    std::optional<Revision> expected = {};
    /// The same change under the same key is made once; empty: the client makes one for its tries.
    std::string idempotency_key = {};
    std::string actor = {};
    std::string correlation_id = {};
    std::string causation_id = {};
};

/// Answer to a change of an entity.
struct Written {
    std::string id;
    Revision revision;     ///< of its stream afterwards: what `expected` of the next change names
    std::string position;  ///< token
    bool is_created = false;
    bool is_unchanged = false;  ///< it was so already: no event was written
    bool is_replay = false;     ///< made before, under the same key
};

/// Which state of an entity: now, after the event of that revision, or at that time.
using AsOf = std::variant<std::monostate, Revision, TimeNs>;

/// An entity as JSON.
struct Document {
    std::string id;
    std::string json;
    Revision revision;
    bool is_deleted = false;
    TimeNs changed_time;
    std::string changed_by;
    TimeNs created_time;  ///< of this life: one that is created again is a new one
    std::string created_by;
    std::string hash;      ///< SHA-256 of the document's canonical text, in hex
    std::string position;  ///< token up to which the answer speaks
};

/// An entity to be created.
struct NewDocument {
    std::string id;  ///< empty: the server gives one
    std::string json;
};

/// What lies between two revisions of an entity.
struct DocumentDifference {
    Document before;
    Document after;
    std::string patch;           ///< JSON
    bool is_json_patch = false;  ///< RFC 6902, where a merge patch cannot say it
};

/// One line of an entity's history.
struct Change {
    std::string kind;  ///< "created", "updated", "deleted"
    Revision revision;
    TimeNs time;
    std::string actor;
    std::string patch;  ///< JSON: what changed; of "created" the whole document
    std::optional<Revision> undoes_to;
    bool is_json_patch = false;  ///< `patch` is RFC 6902, neither a merge patch nor a document
    std::string correlation_id;
    std::string causation_id;
    std::string event_id;
};

/// Which entities of a type.
struct ListOptions {
    /// All must be met: `price>=10`, `name=pen`, `kind!=a`, `name^=pe` (begins so), `note?` (is
    /// there).
    std::vector<std::string> where = {};
    bool with_deleted = false;
};

/// Entities of one type as JSON texts: create, read, change, delete, with history. Behind
/// Entities<T>, and for documents without a type of their own. In a session, reads wait for its
/// writes. Calls as Client's; the errors of all: invalid_argument, limit_exceeded, conflict. Any
/// thread.
class Documents {
  public:
    Documents(Client client, std::string type);

    /// entity_exists when it is live. An empty id: the server gives one.
    Written create(std::string_view id, std::string_view json, const WriteOptions& options = {})
        const;
    /// All or none, 1 to 1,000, in their order; entity_exists names the first that is there.
    /// `options.expected` must not be set.
    std::vector<Written> create_many(
        const std::vector<NewDocument>& documents, const WriteOptions& options = {}
    ) const;
    /// The whole document. entity_not_found, entity_deleted; with `may_create` it is created then.
    Written replace(
        std::string_view id,
        std::string_view json,
        const WriteOptions& options = {},
        bool may_create = false
    ) const;
    /// A merge patch (RFC 7396). patch_failed.
    Written patch(std::string_view id, std::string_view json, const WriteOptions& options = {})
        const;
    /// As it was at the revision. History keeps all.
    Written undo(std::string_view id, Revision to, const WriteOptions& options = {}) const;
    Written remove(std::string_view id, const WriteOptions& options = {}) const;

    /// entity_not_found, entity_deleted; `with_deleted` gives the last document of a deleted one.
    [[nodiscard]] Document get(std::string_view id, AsOf as_of = {}, bool with_deleted = false)
        const;
    /// Nothing: there is no such entity, or a deleted one.
    [[nodiscard]] std::optional<Document> find(std::string_view id, AsOf as_of = {}) const;
    [[nodiscard]] Sequence<Change> history(std::string_view id) const;
    /// As it was at two revisions, in either order.
    [[nodiscard]] DocumentDifference diff(std::string_view id, Revision before, Revision after)
        const;
    /// By id.
    [[nodiscard]] Sequence<Document> list(const ListOptions& options = {}) const;
    [[nodiscard]] std::uint64_t count(const ListOptions& options = {}) const;

    [[nodiscard]] const Client& client() const { return client_; }

  private:
    const Client client_;
    const std::string type_;
};

}  // namespace annals
