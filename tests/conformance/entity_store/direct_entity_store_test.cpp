// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "direct_entity_host.hpp"
#include "entity_store_contract.hpp"

namespace annals::conformance {
namespace {

ANNALS_ENTITY_STORE_CONTRACT(Direct, EntityStoreBody{"memory", [] {
                                                         return std::make_unique<DirectEntityHost>(
                                                         );
                                                     }});

}  // namespace
}  // namespace annals::conformance
