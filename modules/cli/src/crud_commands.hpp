// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <memory>

#include "annals/base/result.hpp"
#include "annals/entity_api/entity_store.hpp"

#include "program.hpp"

namespace annals::cli {

/// Opens the entities of the server that the options name.
using EntityConnector =
    std::function<Result<std::unique_ptr<api::EntityStore>>(const GlobalOptions&)>;

/// add_crud_commands() over whatever store there is.
void add_crud_commands(Program& program, const EntityConnector& connector);

}  // namespace annals::cli
