// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "annals/base/named_type.hpp"

#include "waiter.hpp"

namespace annals::subscriptions {

/// Those who wait, found by what they wait for: an event costs one look-up for each kind of thing
/// that somebody waits for, not one for each waiter. Only filters that name neither category, type
/// nor tag are tried one by one. Not thread-safe.
class ArmedWaiters {
  public:
    void add(Waiter& waiter);
    void remove(Waiter& waiter);
    /// At another time than at first.
    void set_due(Waiter& waiter, std::int64_t due_ns);

    [[nodiscard]] bool empty() const { return by_position_.empty(); }
    [[nodiscard]] std::size_t size() const { return by_position_.size(); }

    /// Appends those whom the event concerns, each once. Who stands at or behind the position is
    /// not among them.
    void concerned(Position position, std::string_view envelope, std::vector<Waiter*>& out) const;
    /// Appends those who are due a checkpoint at or before the position.
    void due_at(Position position, std::vector<Waiter*>& out) const;
    /// Appends those who are due one at or before the time.
    void due_by(std::int64_t now_ns, std::vector<Waiter*>& out) const;
    void all(std::vector<Waiter*>& out) const;

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    using Waiters = std::unordered_set<Waiter*>;
    using ByName = std::unordered_map<std::string, Waiters, Hash, std::equal_to<>>;

    /// Calls with each place where the waiter belongs.
    template <typename Visit>
    void for_each_place(const Waiter& waiter, const Visit& visit);
    static void find(
        const ByName& names,
        std::string_view name,
        Position position,
        std::string_view envelope,
        std::vector<Waiter*>& out
    );

    ByName by_stream_;
    ByName by_category_;
    ByName by_type_;
    ByName by_tag_;
    Waiters others_;
    std::multimap<std::uint64_t, Waiter*> by_position_;
    std::multimap<std::int64_t, Waiter*> by_time_;
};

}  // namespace annals::subscriptions
