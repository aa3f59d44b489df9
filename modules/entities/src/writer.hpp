// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/entities/entity.hpp"
#include "annals/entities/entity_store.hpp"

#include "change_event.hpp"
#include "entity_turn.hpp"
#include "state_reader.hpp"
#include "type_reader.hpp"

namespace annals::entities {

/// Decides a change by what the entity is now (null: it never was); nothing: it is so already.
using Decide = std::function<Result<std::optional<Step>>(const State*)>;

/// A change as it was asked for.
struct Wish {
    const EntityKey& key;
    const WriteOptions& options;
    std::string request;  ///< request_hash; of no use without a key
    Decide decide;
    /// It will hardly be there: try_write() leaves the finding out to the append's check.
    bool is_creation = false;
};

/// Reads, decides, appends on what was read; again when somebody was first. Who lost a race takes
/// turns with others who did, and quick changes of that entity stay back meanwhile: nobody loses
/// against those who change it without a pause. Any thread that waits.
class Writer {
  public:
    Writer(api::EventStore& store, StateReader& reader)
        : store_(store), reader_(reader), types_(store) {}

    Result<Written> write(const api::CallContext& context, const Wish& wish);

    /// As EntityStore::try_create and the like.
    bool try_write(const api::CallContext& context, const Wish& wish, WriteDone done);

    /// As EntityStore::create_many, of checked numbers.
    Result<std::vector<Written>> create_many(
        const api::CallContext& context,
        const std::string& type,
        std::vector<NewEntity> entities,
        const WriteOptions& options
    );

    /// The answer that a change under this key got before; nothing when there was none. id_conflict
    /// when the key stands for another change.
    Result<std::optional<Written>> find_replay(
        const api::CallContext& context,
        const EntityKey& key,
        const Uuid& id,
        std::string_view request
    );

  private:
    Result<Written> attempt(const api::CallContext& context, const Wish& wish);
    /// id_conflict when the key of a bulk, whose first event has the id, stands for another one.
    Status check_bulk_key(
        const api::CallContext& context,
        std::string_view type,
        const Uuid& id,
        std::string_view request
    );
    /// Names for messages; the hash of all that is asked for.
    Result<std::vector<Written>> attempt_many(
        const api::CallContext& context,
        const std::string& type,
        const std::vector<NewEntity>& entities,
        const std::vector<std::string>& names,
        const std::string& hash,
        const WriteOptions& options
    );

    api::EventStore& store_;
    StateReader& reader_;
    TypeReader types_;
    EntityTurns turns_;
};

// Of a state, null where there is none.

/// entity_deleted or entity_not_found unless it is live; entity_unreadable.
Status check_live(const EntityKey& key, const State* state);
/// Its problem, where it has one.
Status check_readable(const State* state);
/// entity_exists when it is; entity_unreadable.
Status check_not_live(const EntityKey& key, const State* state);

}  // namespace annals::entities
