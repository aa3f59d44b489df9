// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "consumer_groups_contract.hpp"
#include "direct_groups_host.hpp"

namespace annals::conformance {
namespace {

ANNALS_CONSUMER_GROUPS_CONTRACT(
    Direct, ConsumerGroupsBody{"direct", [] { return std::make_unique<DirectGroupsHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
