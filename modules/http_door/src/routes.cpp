// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "routes.hpp"

#include "append_routes.hpp"
#include "consumer_routes.hpp"
#include "description.hpp"
#include "entity_routes.hpp"
#include "entity_type_routes.hpp"
#include "group_member_routes.hpp"
#include "group_routes.hpp"
#include "life_routes.hpp"
#include "list_routes.hpp"
#include "namespace_routes.hpp"
#include "operations.hpp"
#include "read_routes.hpp"
#include "request_guard.hpp"
#include "snapshot_routes.hpp"
#include "socket_route.hpp"

namespace annals::http_door::detail {

void add_routes(Router& router, Desk& desk, const HttpHandlers& handlers) {
    router.set_guard([&desk](const Request& request) {
        return refused_at_the_door(request, desk.options.origins);
    });
    add_operations_routes(router, desk, handlers);
    add_append_routes(router, desk);
    add_read_routes(router, desk);
    add_list_routes(router, desk);
    add_life_routes(router, desk);
    add_snapshot_routes(router, desk);
    add_namespace_routes(router, desk);
    add_entity_routes(router, desk);
    add_entity_type_routes(router, desk);
    add_consumer_routes(router, desk);
    add_group_routes(router, desk);
    add_group_member_routes(router, desk);
    add_socket_route(router, desk);
    add_description_routes(router, handlers.version.version);
}

}  // namespace annals::http_door::detail
