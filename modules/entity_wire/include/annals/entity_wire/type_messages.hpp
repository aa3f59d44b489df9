// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include "annals/base/result.hpp"
#include "annals/entities/entity_types.hpp"
#include "annals/v1/entity_store.pb.h"

namespace annals::entity_wire {

// Between the messages about entity types and the words of `entities`. invalid_argument names the
// message's field. Pure; any thread.

v1::PutEntityTypeRequest to_proto(
    std::string_view name_space, const entities::PutEntityType& request
);
Result<entities::PutEntityType> from_proto(const v1::PutEntityTypeRequest& request);

v1::CheckSchemaRequest to_proto(std::string_view name_space, const entities::CheckSchema& request);
Result<entities::CheckSchema> from_proto(const v1::CheckSchemaRequest& request);

v1::EntityType to_proto(const entities::EntityType& type);
Result<entities::EntityType> from_proto(const v1::EntityType& message);

v1::EntityTypePage to_proto(const entities::EntityTypeList& list);
Result<entities::EntityTypeList> from_proto(const v1::EntityTypePage& message);

v1::SchemaReport to_proto(const entities::SchemaReport& report);
entities::SchemaReport from_proto(const v1::SchemaReport& message);

}  // namespace annals::entity_wire
