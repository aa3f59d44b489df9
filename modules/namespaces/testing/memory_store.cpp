// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/namespaces/testing/memory_store.hpp"

#include <string>
#include <utility>

#include "annals/order_local/local_orderer.hpp"

namespace annals::namespaces::testing {

MemoryStore::MemoryStore(const Clock* clock)
    : files_(log::make_memory_file_system()), memory_(64u << 20u) {
    NamespacesOptions options;
    options.directory = "data/namespaces";
    options.files = files_.get();
    options.version = "test";
    options.clock = clock;
    options.open_orderer = [this,
                            clock](const std::string&, const std::string& directory, LogKind kind) {
        order_local::OrdererOptions orderer;
        orderer.index.is_in_memory = true;
        orderer.clock = clock;
        orderer.log.has_tree = kind == LogKind::kEvents;
        order_local::OpenReport report;
        return order_local::open_local_orderer(*files_, directory, orderer, memory_, report);
    };
    store_ = std::move(Namespaces::open(std::move(options)).value());
}

MemoryStore::~MemoryStore() = default;

}  // namespace annals::namespaces::testing
