// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/base/result.hpp"
#include "annals/entity_api/entity_store.hpp"

#include "exit_code.hpp"
#include "session.hpp"

namespace annals::cli {

struct BulkCreate {
    std::string type;
    std::string from;  ///< a path, or `-`: JSON lines, or one JSON array
    std::string
        id_field;  ///< member of each document that holds its id; empty: the server gives one
    std::string actor;
    /// Empty: none. Batches and documents get keys of their own, made of it and their line: the
    /// same documents under the same key are created once.
    std::string idempotency_key;
};

/// Creates an entity of each document, in batches that are made whole or not at all; where one is
/// refused, its documents go one by one, so that each error names its line (or its place in the
/// array) and the others are made. Progress on a terminal. kFailed when any was refused. An array
/// has at most 256 MiB; lines have no end.
Result<ExitCode> create_in_bulk(
    Session& session, api::EntityStore& entities, const BulkCreate& options
);

}  // namespace annals::cli
