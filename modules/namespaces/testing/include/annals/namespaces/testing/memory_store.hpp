// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/index/index.hpp"
#include "annals/log/file_system.hpp"
#include "annals/namespaces/namespaces.hpp"

namespace annals::namespaces::testing {

/// A server's whole store in memory, for the tests of what stands on the seam and needs more of it
/// than api::testing::FakeEventStore has.
class MemoryStore {
  public:
    /// The clock must outlive it; null: the machine's.
    explicit MemoryStore(const Clock* clock = nullptr);
    ~MemoryStore();
    MemoryStore(const MemoryStore&) = delete;
    MemoryStore& operator=(const MemoryStore&) = delete;

    [[nodiscard]] Namespaces& store() { return *store_; }
    /// Gives the store away, once; it must go before this does.
    [[nodiscard]] std::unique_ptr<Namespaces> take() { return std::move(store_); }

  private:
    std::unique_ptr<log::FileSystem> files_;
    index::IndexMemory memory_;
    std::unique_ptr<Namespaces> store_;
};

}  // namespace annals::namespaces::testing
