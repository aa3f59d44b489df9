// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_turn.hpp"

#include <memory>
#include <utility>

namespace annals::entities {

EntityTurn::EntityTurn(EntityTurns& turns, std::string entity)
    : turns_(&turns), entity_(std::move(entity)) {}

EntityTurn::EntityTurn(EntityTurn&& other) noexcept
    : turns_(std::exchange(other.turns_, nullptr)), entity_(std::move(other.entity_)) {}

EntityTurn::~EntityTurn() {
    if (turns_ == nullptr) return;
    if (const auto next = turns_->leave(entity_)) next->set_value();
}

Result<EntityTurn> EntityTurn::take(EntityTurns& turns, std::string entity) {
    const auto told = std::make_shared<std::promise<void>>();  // joins who waits and who tells
    switch (turns.enter(entity, told)) {
        case EntityTurns::Entered::kNow:
            break;
        case EntityTurns::Entered::kWait:
            told->get_future().wait();
            break;
        case EntityTurns::Entered::kFull:
            return Error(
                ErrorCode::kOverloaded,
                "as many changes of entities wait for others as may wait: try again later"
            );
    }
    return EntityTurn(turns, std::move(entity));
}

}  // namespace annals::entities
