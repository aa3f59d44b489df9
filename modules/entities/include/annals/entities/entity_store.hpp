// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
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
#include "annals/entities/read_model.hpp"
#include "annals/entity_api/entity_store.hpp"

namespace annals::entities {

/// What became of the snapshots that are made and used on the way.
struct SnapshotCounts {
    std::uint64_t hits = 0;
    std::uint64_t stored = 0;
    std::uint64_t rejected = 0;  ///< there, but not of this history, or damaged: not used
    std::uint64_t failed = 0;    ///< could not be loaded or stored; no answer suffers
};

/// How often the states in memory were asked for one, and had it.
struct StateCacheCounts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
};

/// Answer of a change; called once, from any thread.
using WriteDone = std::function<void(Result<Written>)>;

/// Objects in, objects out; below it `<type>.Created`, `.Updated` and `.Deleted` events in a stream
/// `<type>-<id>` for each entity, which hold only what changed, and the hash of what came out.
///
/// Everything is decided by the log: each change is appended on the revision that it was made from.
/// A change without an expected revision that loses a race is made again from the newer state, at
/// most kAttemptsMax times (then `conflict`); it takes turns with others that lost one. A get costs
/// a read of the newest events; of an entity with very many also that of a snapshot. A list takes
/// what it can out of the read model and folds the rest (about a read each); without a model it
/// folds all: then meant for thousands, not millions. The model changes no answer. All calls wait,
/// for the disk too; any thread. Store and model must outlive it.
class EntityStore final : public api::EntityStore {
  public:
    static constexpr int kAttemptsMax = 16;

    /// Entities that a list or count with a model looks at.
    static constexpr std::size_t kModelLookedAtMax = 200'000;

    /// A null model: lists fold.
    explicit EntityStore(api::EventStore& store, ReadModel* model = nullptr);
    ~EntityStore() override;

    Result<Written> create(
        const api::CallContext& context,
        const std::string& type,
        NewEntity entity,
        const WriteOptions& options
    ) override;
    Result<std::vector<Written>> create_many(
        const api::CallContext& context,
        const std::string& type,
        std::vector<NewEntity> entities,
        const WriteOptions& options
    ) override;
    Result<Written> replace(
        const api::CallContext& context,
        const EntityKey& key,
        const documents::Value& document,
        const WriteOptions& options,
        bool may_create
    ) override;
    Result<Written> patch(
        const api::CallContext& context,
        const EntityKey& key,
        const documents::Patch& patch,
        const WriteOptions& options
    ) override;
    Result<Written> remove(
        const api::CallContext& context, const EntityKey& key, const WriteOptions& options
    ) override;
    Result<Written> undo(
        const api::CallContext& context,
        const EntityKey& key,
        Revision to,
        const WriteOptions& options
    ) override;

    Result<Entity> get(
        const api::CallContext& context, const EntityKey& key, const GetOptions& options
    ) override;
    Result<History> history(
        const api::CallContext& context, const EntityKey& key, Revision from, std::uint32_t limit
    ) override;
    Result<Difference> diff(
        const api::CallContext& context, const EntityKey& key, Revision before, Revision after
    ) override;

    Result<EntityPage> list(const api::CallContext& context, const ListEntities& request) override;
    Result<EntityCount> count(const api::CallContext& context, const ListEntities& request)
        override;

    /// As get(), for threads that must not wait: nothing means that get() is to be called on one
    /// that may. Never waits, never asks the disk, at most some 100 µs of work.
    std::optional<Result<Entity>> try_get(
        const api::CallContext& context, const EntityKey& key, const GetOptions& options
    );

    // As create(), replace(), patch() and remove(), for threads that must not wait: false means
    // that nothing was done, and that the call of that name is to be made on one that may. True:
    // `done` has the answer once it is durable; a `conflict` in it is for that other call, too,
    // which makes the change again or says what is in the way. Never waits, never asks the disk, at
    // most some 100 µs of work: no idempotency key, no schema, no JSON patch, no entity that is not
    // in memory. The arguments are not needed after the return.

    bool try_create(
        const api::CallContext& context,
        const std::string& type,
        const NewEntity& entity,
        const WriteOptions& options,
        WriteDone done
    );
    bool try_replace(
        const api::CallContext& context,
        const EntityKey& key,
        const documents::Value& document,
        const WriteOptions& options,
        bool may_create,
        WriteDone done
    );
    bool try_patch(
        const api::CallContext& context,
        const EntityKey& key,
        const documents::Patch& patch,
        const WriteOptions& options,
        WriteDone done
    );
    bool try_remove(
        const api::CallContext& context,
        const EntityKey& key,
        const WriteOptions& options,
        WriteDone done
    );

    [[nodiscard]] SnapshotCounts snapshot_counts() const;
    [[nodiscard]] StateCacheCounts state_cache_counts() const;
    /// What lists are answered from. Null: they fold.
    [[nodiscard]] const ReadModel* read_model() const;

  private:
    struct Parts;
    const std::unique_ptr<Parts> parts_;
};

}  // namespace annals::entities
