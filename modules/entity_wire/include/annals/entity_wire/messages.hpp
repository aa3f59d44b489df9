// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <vector>

#include "annals/base/result.hpp"
#include "annals/entity_api/entity.hpp"
#include "annals/v1/entity_store.pb.h"

namespace annals::entity_wire {

// Between the messages of annals.v1 and the words of the seam. Errors name the message's
// field.

template <typename Request>
api::EntityKey key_of(const Request& request) {
    return {request.type(), request.id()};
}

api::WriteOptions write_options(const v1::EntityWrite& write);
Result<documents::Patch> patch_of(const v1::PatchEntityRequest& request);
api::GetOptions get_options(const v1::GetEntityRequest& request);
Result<api::ListEntities> list_of(const v1::ListEntitiesRequest& request);
Result<std::vector<api::NewEntity>> entities_of(const v1::CreateEntitiesRequest& request);

v1::WrittenEntity to_proto(const api::Written& written);
v1::WrittenEntities to_proto(const std::vector<api::Written>& written);
v1::Entity to_proto(const api::Entity& entity);
v1::EntityHistory to_proto(const api::History& history);
v1::EntityDifference to_proto(const api::Difference& difference);
v1::EntityPage to_proto(const api::EntityPage& page, bool skips_documents);
v1::EntityCount to_proto(const api::EntityCount& count);

// The other way, for clients. What a server sends that cannot be read is `internal`.

v1::EntityWrite to_proto(const api::WriteOptions& options);
void set_patch(v1::PatchEntityRequest& request, const documents::Patch& patch);
void set_options(v1::GetEntityRequest& request, const api::GetOptions& options);
/// invalid_argument for a filter that has no text.
Result<v1::ListEntitiesRequest> to_proto(const api::ListEntities& list);

api::Written from_proto(const v1::WrittenEntity& written);
std::vector<api::Written> from_proto(const v1::WrittenEntities& written);
Result<api::Entity> from_proto(const v1::Entity& entity);
Result<api::History> from_proto(const v1::EntityHistory& history);
Result<api::Difference> from_proto(const v1::EntityDifference& difference);
Result<api::EntityPage> from_proto(const v1::EntityPage& page);
api::EntityCount from_proto(const v1::EntityCount& count);

}  // namespace annals::entity_wire
