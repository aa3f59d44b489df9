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

/// Calls for each entity of the type that meets the request's filters, by id, until `visit` answers
/// false or kLookedAtMax were looked at; with a model kLookedAtMax that had to be folded, or
/// kModelLookedAtMax in all. Documents are there where the request wants them.
/// invalid_argument and limit_exceeded for the request.
Result<Walked> walk(
    api::EventStore& store,
    StateReader& reader,
    ReadModel* model,
    const api::CallContext& context,
    const ListEntities& request,
    const std::function<bool(Entity)>& visit
);

}  // namespace annals::entities
