// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <vector>

#include "annals/base/result.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/v1/entity_store.pb.h"

namespace annals::entity_door {

// Between the messages of annals.v1 and the words of `entities`. Errors name the message's field.

template <typename Request>
entities::EntityKey key_of(const Request& request) {
    return {request.type(), request.id()};
}

entities::WriteOptions write_options(const v1::EntityWrite& write);
Result<documents::Patch> patch_of(const v1::PatchEntityRequest& request);
entities::GetOptions get_options(const v1::GetEntityRequest& request);
Result<entities::ListEntities> list_of(const v1::ListEntitiesRequest& request);
Result<std::vector<entities::NewEntity>> entities_of(const v1::CreateEntitiesRequest& request);

v1::WrittenEntity to_proto(const entities::Written& written);
v1::WrittenEntities to_proto(const std::vector<entities::Written>& written);
v1::Entity to_proto(const entities::Entity& entity);
v1::EntityHistory to_proto(const entities::History& history);
v1::EntityDifference to_proto(const entities::Difference& difference);
v1::EntityPage to_proto(const entities::EntityPage& page, bool skips_documents);
v1::EntityCount to_proto(const entities::EntityCount& count);

}  // namespace annals::entity_door
