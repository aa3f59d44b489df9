// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include <crudstore/service.pb.h>

#include "annals/api/event_store.hpp"

#include "crud_calls.hpp"

namespace annals::dialect_eskit {

/// The entity types of eskit's crud store: entities of type kRegisterType whose id is the type's
/// name. All wait, for the disk too; any thread. Both outlive it.
class EntityTypes {
  public:
    static constexpr std::string_view kRegisterType = "contracts.eventstore.types.RegisterType";

    EntityTypes(api::EventStore& store, CrudCalls& calls) : store_(store), calls_(calls) {}

    Outcome<contracts::crudstore::RegisterTypeResponse> add(
        const api::CallContext& context, const contracts::crudstore::RegisterTypeRequest& request
    );
    Outcome<contracts::crudstore::GetTypeResponse> get(
        const api::CallContext& context, const contracts::crudstore::GetTypeRequest& request
    );
    Outcome<contracts::crudstore::UpdateTypeResponse> update(
        const api::CallContext& context, const contracts::crudstore::UpdateTypeRequest& request
    );
    Outcome<contracts::crudstore::ListTypesResponse> list(
        const api::CallContext& context, const contracts::crudstore::ListTypesRequest& request
    );

    /// `validation : …` when the type has a schema that the payload does not meet. One look at the
    /// index where the type is not registered.
    Outcome<bool> check(
        const api::CallContext& context, const std::string& entity_type, std::string_view payload
    );

  private:
    struct Found {
        contracts::crudstore::CrudEntitySpec spec;
        contracts::common::Originator originator;
    };
    Outcome<Found> find(const api::CallContext& context, const std::string& entity_type);

    api::EventStore& store_;
    CrudCalls& calls_;
};

}  // namespace annals::dialect_eskit
