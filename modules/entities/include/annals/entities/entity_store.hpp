// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/documents/patch.hpp"
#include "annals/entities/entity.hpp"
#include "annals/entities/field_filter.hpp"

namespace annals::entities {

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

struct EntityPage {
    std::vector<Entity> entities;  ///< by id, in byte order
    std::string next;              ///< `after` of the next page; empty at the end
    std::string position;
};

struct EntityCount {
    std::uint64_t entities = 0;
    std::string next;  ///< `after` with which to count on; empty when all were counted
    std::string position;
};

/// What became of the snapshots that are made and used on the way.
struct SnapshotCounts {
    std::uint64_t hits = 0;
    std::uint64_t stored = 0;
    std::uint64_t rejected = 0;  ///< there, but not of this history, or damaged: not used
    std::uint64_t failed = 0;    ///< could not be loaded or stored; no answer suffers
};

/// Objects in, objects out; below it `<type>.Created`, `.Updated` and `.Deleted` events in a stream
/// `<type>-<id>` for each entity, which hold only what changed, and the hash of what came out.
///
/// Everything is decided by the log: each change is appended on the revision that it was made from.
/// A change without an expected revision that loses a race is made again from the newer state, at
/// most kAttemptsMax times (then `conflict`). All calls wait, for the disk too; any thread. The
/// store must outlive it.
class EntityStore {
  public:
    static constexpr int kAttemptsMax = 16;
    static constexpr std::size_t kCreateManyMax = 1'000;
    static constexpr std::uint32_t kListMax = 1'000;
    static constexpr std::size_t kFiltersMax = 16;
    /// Entities that one list or count looks at: a page may be short, and `next` goes on.
    static constexpr std::size_t kLookedAtMax = 10'000;

    explicit EntityStore(api::EventStore& store);
    ~EntityStore();
    EntityStore(const EntityStore&) = delete;
    EntityStore& operator=(const EntityStore&) = delete;

    // Documents are objects of at most kDocumentBytesMax, ids and types as check_key has them. The
    // errors of all: invalid_argument, limit_exceeded, conflict (`expected` did not hold),
    // id_conflict (idempotency key), entity_unreadable, and those of the event store.

    /// entity_exists when it is live. One that was deleted begins anew, nothing is merged.
    Result<Written> create(
        const api::CallContext& context,
        const std::string& type,
        NewEntity entity,
        const WriteOptions& options = {}
    );
    /// All or none, in one append; entity_exists names the first that is there. At most
    /// kCreateManyMax; options.expected must not be set.
    Result<std::vector<Written>> create_many(
        const api::CallContext& context,
        const std::string& type,
        std::vector<NewEntity> entities,
        const WriteOptions& options = {}
    );
    /// The whole document. entity_not_found, entity_deleted; with `may_create` it is created then.
    Result<Written> replace(
        const api::CallContext& context,
        const EntityKey& key,
        const documents::Value& document,
        const WriteOptions& options = {},
        bool may_create = false
    );
    /// patch_failed when it does not fit.
    Result<Written> patch(
        const api::CallContext& context,
        const EntityKey& key,
        const documents::Patch& patch,
        const WriteOptions& options = {}
    );
    Result<Written> remove(
        const api::CallContext& context, const EntityKey& key, const WriteOptions& options = {}
    );
    /// Makes it as it was at the revision: an update, a deletion, or a creation where it is deleted
    /// now. History keeps all.
    Result<Written> undo(
        const api::CallContext& context,
        const EntityKey& key,
        Revision to,
        const WriteOptions& options = {}
    );

    /// entity_not_found, entity_deleted. Costs a read of the newest events; of an entity with very
    /// many also that of a snapshot.
    Result<Entity> get(
        const api::CallContext& context, const EntityKey& key, const GetOptions& options = {}
    );
    /// From a revision on, at most `limit` (1 to 4,096) changes, looked for among so many events.
    Result<History> history(
        const api::CallContext& context,
        const EntityKey& key,
        Revision from = {},
        std::uint32_t limit = 100
    );
    /// Between the documents of two revisions, in either order of time; deleted ones count with
    /// their last.
    Result<Difference> diff(
        const api::CallContext& context, const EntityKey& key, Revision before, Revision after
    );

    /// Folds each entity that it looks at (about a read each): meant for thousands, not millions.
    Result<EntityPage> list(const api::CallContext& context, const ListEntities& request);
    /// `limit` is not looked at.
    Result<EntityCount> count(const api::CallContext& context, const ListEntities& request);

    [[nodiscard]] SnapshotCounts snapshot_counts() const;

  private:
    struct Parts;
    const std::unique_ptr<Parts> parts_;
};

}  // namespace annals::entities
