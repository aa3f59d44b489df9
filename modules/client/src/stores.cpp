// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/client/stores.hpp"

#include "bodies.hpp"
#include "core.hpp"

namespace annals::client {

Result<Stores> connect_stores(const ClientOptions& options) {
    ANNALS_TRY(const std::shared_ptr<Core> core, connect_core(options));
    return Stores{
        make_event_store(core), make_consumer_store(core), make_groups(core), make_entities(core)
    };
}

}  // namespace annals::client
