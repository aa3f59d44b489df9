// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "annals/api/event_store.hpp"

namespace annals::conformance {

/// A fresh store: one namespace `default`, no events. Destroyed: the store is gone.
class EventStoreHost {
  public:
    EventStoreHost() = default;
    EventStoreHost(const EventStoreHost&) = delete;
    EventStoreHost& operator=(const EventStoreHost&) = delete;
    virtual ~EventStoreHost() = default;

    virtual api::EventStore& store() = 0;
    /// Scavenges everything; when it returns, the space of what is hidden now is free.
    virtual void free_space() = 0;
    /// Flips a bit of the stored event in whose bytes this text is, while the store runs.
    virtual void damage(std::string_view text) = 0;
    /// So much later the store believes it is. Nothing waits.
    virtual void pass_time(std::chrono::seconds time) = 0;
    /// Hidden events may be gone at any moment, so that they do not come back.
    [[nodiscard]] virtual bool removes_hidden() const { return false; }
};

/// A body of the seam, for the contract.
struct EventStoreBody {
    std::string name;
    std::function<std::unique_ptr<EventStoreHost>()> make_host;
};

inline std::ostream& operator<<(std::ostream& out, const EventStoreBody& body) {
    return out << body.name;
}

}  // namespace annals::conformance
