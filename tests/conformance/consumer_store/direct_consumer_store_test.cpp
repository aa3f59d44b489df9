// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "consumer_store_contract.hpp"
#include "direct_consumer_host.hpp"

namespace annals::conformance {
namespace {

ANNALS_CONSUMER_STORE_CONTRACT(
    Direct, ConsumerStoreBody{"memory", [] { return std::make_unique<DirectConsumerHost>(); }}
);

}  // namespace
}  // namespace annals::conformance
