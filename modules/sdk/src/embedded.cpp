// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/sdk/embedded.hpp"

#include <utility>

#include "annals/local_store/local_store.hpp"

#include "client_impl.hpp"
#include "option_checks.hpp"

namespace annals::embedded {
namespace {

/// A folder in this process.
class EmbeddedBackend final : public sdk::Backend {
  public:
    explicit EmbeddedBackend(std::unique_ptr<local_store::LocalStore> store)
        : store_(std::move(store)) {}

    api::EventStore& events() override { return store_->events(); }
    api::ConsumerStore& consumers() override { return store_->consumers(); }
    api::ConsumerGroups& groups() override { return store_->groups(); }
    api::EntityStore& entities() override { return store_->entities(); }

  private:
    const std::unique_ptr<local_store::LocalStore> store_;
};

}  // namespace

Client open(const std::string& folder, Options options) {
    sdk::check_options(options.client);
    sdk::check_index_memory(options.index_memory_bytes);
    config::ServerSettings settings = sdk::value_of(
        config::server_settings(config::resolve_server_settings({}))
    );
    settings.data_directory = folder;
    settings.is_memory = options.is_memory;
    settings.index_memory_bytes = options.index_memory_bytes;
    auto store = sdk::value_of(local_store::LocalStore::open(settings, "embedded", {}));
    sdk::value_of(store->recover());
    store->open_services();
    auto impl = std::make_shared<Client::Impl>();
    impl->backend = std::make_shared<EmbeddedBackend>(std::move(store));
    impl->options = std::move(options.client);
    return Client(std::move(impl));
}

}  // namespace annals::embedded
