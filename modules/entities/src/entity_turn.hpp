// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <future>
#include <string>

#include "annals/base/result.hpp"
#include "annals/runtime/turns.hpp"

namespace annals::entities {

/// Told by who had the turn before.
using EntityTurns = runtime::Turns<std::promise<void>>;

/// The turn to change an entity, while it lives; whoever finds it taken waits for his. Movable.
class EntityTurn {
  public:
    /// Waits, as long as those before take; overloaded when too many wait. `entity` names it among
    /// all namespaces. The turns outlive the turn.
    static Result<EntityTurn> take(EntityTurns& turns, std::string entity);

    EntityTurn(EntityTurn&& other) noexcept;
    EntityTurn& operator=(EntityTurn&& other) = delete;
    ~EntityTurn();

  private:
    EntityTurn(EntityTurns& turns, std::string entity);

    EntityTurns* turns_;  ///< null: moved from
    std::string entity_;
};

}  // namespace annals::entities
