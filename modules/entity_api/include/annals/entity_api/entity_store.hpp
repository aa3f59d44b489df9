// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "annals/api/call_context.hpp"
#include "annals/base/result.hpp"
#include "annals/entity_api/entity.hpp"

namespace annals::api {

/// The seam for entities, CRUD with history (annals.v1.EntityStore). Bodies: `entities` over an
/// event store, a remote server over gRPC (`client`).
///
/// Everything is decided by the log: a change without an expected revision that loses a race is
/// made again from the newer state, with one it is a `conflict`. All calls wait, for the disk or
/// the network too; any thread.
class EntityStore {
  public:
    static constexpr std::size_t kCreateManyMax = 1'000;
    static constexpr std::uint32_t kListMax = 1'000;
    static constexpr std::size_t kFiltersMax = 16;
    /// Entities that one list or count folds: a page may be short, and `next` goes on.
    static constexpr std::size_t kLookedAtMax = 10'000;

    EntityStore() = default;
    EntityStore(const EntityStore&) = delete;
    EntityStore& operator=(const EntityStore&) = delete;
    virtual ~EntityStore() = default;

    // Documents are objects of at most documents::kDocumentBytesMax; types and ids have 1 to 256
    // bytes of UTF-8 without control characters. The errors of all: invalid_argument,
    // limit_exceeded, conflict (`expected` did not hold), id_conflict (idempotency key),
    // entity_unreadable, and those of the event store.

    /// entity_exists when it is live. One that was deleted begins anew, nothing is merged.
    virtual Result<Written> create(
        const api::CallContext& context,
        const std::string& type,
        NewEntity entity,
        const WriteOptions& options = {}
    ) = 0;
    /// All or none, in one append; entity_exists names the first that is there. An idempotency key
    /// stands for all of them: id_conflict when it was used for other entities or documents. 1
    /// to kCreateManyMax; options.expected must not be set.
    virtual Result<std::vector<Written>> create_many(
        const api::CallContext& context,
        const std::string& type,
        std::vector<NewEntity> entities,
        const WriteOptions& options = {}
    ) = 0;
    /// The whole document. entity_not_found, entity_deleted; with `may_create` it is created then.
    /// One that cannot be read begins anew.
    virtual Result<Written> replace(
        const api::CallContext& context,
        const EntityKey& key,
        const documents::Value& document,
        const WriteOptions& options = {},
        bool may_create = false
    ) = 0;
    /// patch_failed when it does not fit.
    virtual Result<Written> patch(
        const api::CallContext& context,
        const EntityKey& key,
        const documents::Patch& patch,
        const WriteOptions& options = {}
    ) = 0;
    /// Also one that cannot be read.
    virtual Result<Written> remove(
        const api::CallContext& context, const EntityKey& key, const WriteOptions& options = {}
    ) = 0;
    /// Makes it as it was at the revision: an update, a deletion, or a creation where it is deleted
    /// now. History keeps all.
    virtual Result<Written> undo(
        const api::CallContext& context,
        const EntityKey& key,
        Revision to,
        const WriteOptions& options = {}
    ) = 0;

    /// entity_not_found, entity_deleted. Costs a read of the newest events; of an entity with very
    /// many also that of a snapshot.
    virtual Result<Entity> get(
        const api::CallContext& context, const EntityKey& key, const GetOptions& options = {}
    ) = 0;
    /// Raw: also of an entity that cannot be read; a change that is none has its `problem`. From a
    /// revision on, at most `limit` (1 to 4,096) changes, looked for among so many events.
    virtual Result<History> history(
        const api::CallContext& context,
        const EntityKey& key,
        Revision from = {},
        std::uint32_t limit = 100
    ) = 0;
    /// Between the documents of two revisions, in either order of time; deleted ones count with
    /// their last.
    virtual Result<Difference> diff(
        const api::CallContext& context, const EntityKey& key, Revision before, Revision after
    ) = 0;

    /// One that cannot be read is named beside the others and fails nothing. Looks at each entity
    /// of the type from `after` on: in a read model where the server has one (some µs each), else
    /// it folds (about a read each).
    virtual Result<EntityPage> list(
        const api::CallContext& context, const ListEntities& request
    ) = 0;
    /// `limit` is not looked at.
    virtual Result<EntityCount> count(
        const api::CallContext& context, const ListEntities& request
    ) = 0;
};

}  // namespace annals::api
