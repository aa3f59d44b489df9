// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "direct_host.hpp"
#include "event_store_contract.hpp"
#include "scavenging_host.hpp"

namespace annals::conformance {
namespace {

ANNALS_EVENT_STORE_CONTRACT(Direct, EventStoreBody{"memory", [] {
                                                       return std::make_unique<DirectHost>();
                                                   }});

ANNALS_EVENT_STORE_CONTRACT_OF(
    DamagedContract, Direct, EventStoreBody{"memory", [] { return std::make_unique<DirectHost>(); }}
);

ANNALS_EVENT_STORE_CONTRACT(
    Scavenged, EventStoreBody{"memory", [] { return std::make_unique<ScavengingDirectHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
