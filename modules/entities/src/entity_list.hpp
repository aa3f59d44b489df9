// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/entities/read_model.hpp"

#include "state_reader.hpp"

namespace annals::entities {

Entity make_entity(const EntityKey& key, State state, std::string position);

/// How far a walk came.
struct Walked {
    std::string next;  ///< id after which to go on; empty: there is no more
    std::string position;
};

/// What a walk came by; of one, false ends the walk.
struct Visitor {
    std::function<bool(Entity)> entity;
    std::function<bool(UnreadableEntity)> unreadable;
};

/// Calls for each entity of the type that meets the request's filters, by id, and for each that
/// cannot be read (deleted ones where the request wants them), until one answers false or
/// kLookedAtMax were looked at; with a model kLookedAtMax that had to be folded, or
/// kModelLookedAtMax in all. Documents are there where the request wants them.
/// invalid_argument and limit_exceeded for the request.
Result<Walked> walk(
    api::EventStore& store,
    StateReader& reader,
    ReadModel* model,
    const api::CallContext& context,
    const ListEntities& request,
    const Visitor& visit
);

}  // namespace annals::entities
