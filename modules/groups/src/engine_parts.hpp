// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "engine.hpp"

namespace annals::groups {

/// Asks the memory for an object that is about to be looked at.
template <typename T>
void prefetch(const T* object) {
    constexpr std::size_t kLine = 64;
    const auto* const bytes = reinterpret_cast<const char*>(object);
    for (std::size_t at = 0; at < sizeof(T); at += kLine) __builtin_prefetch(bytes + at, 1);
}

/// Bytes in which events lie that were not taken yet.
struct Engine::Frame {
    Bytes bytes;
    std::size_t users = 0;  ///< entries, and the engine while it is the newest
    std::size_t place = 0;  ///< in the list
};

/// An event that is not finished. In a list of its key's while it waits; with a delivery while a
/// member has it.
struct Engine::Entry {
    Position position;
    TimeNs recorded;
    Key* key = nullptr;
    Entry* previous = nullptr;
    Entry* next = nullptr;
    std::uint64_t window_index = 0;
    DeliveryId delivery = 0;
    MemberId member = 0;
    Member* holder = nullptr;  ///< while there is a delivery
    Entry* due_before = nullptr;
    Entry* due_after = nullptr;
    std::int64_t deadline_ns = 0;
    std::uint32_t attempts = 0;
    std::uint32_t deadlines_passed = 0;  ///< of the attempts
    bool is_backlog = false;
    bool is_edited = false;
    bool is_early = false;  ///< its deadline is not in the list
    Frame* frame = nullptr;
    std::string_view message;  ///< in the frame
};

/// What belongs together, while there is something of it.
struct Engine::Key {
    enum class Place : std::uint8_t { kNone, kReady, kHeld, kResting };

    std::uint64_t id = 0;
    std::string name;
    bool is_named = true;  ///< found by its name; not so where each event is its own key
    Entry* first = nullptr;
    Entry* last = nullptr;
    std::uint32_t in_flight = 0;
    MemberId owner = 0;  ///< of those in flight
    std::int64_t not_before_ns = 0;
    Place place = Place::kNone;
    Entry* parked = nullptr;
    std::unique_ptr<api::ParkedEvent> note;  ///< while it is parked
};

struct Engine::Member {
    MemberId id = 0;
    std::string name;
    std::uint32_t in_flight_max = 0;  ///< as it asked; 0: the group's
    std::uint32_t room = 0;
    std::uint32_t in_flight = 0;
    DeliveryId last_given = 0;
    bool is_polling = false;
    bool is_silent = false;
    bool is_woken = false;
    std::int64_t seen_ns = 0;
    TimeNs joined_time;
    TimeNs seen_time;
    std::deque<std::pair<DeliveryId, Entry*>> outbox;
    std::deque<Key*> held;  ///< keys that only this one may have

    [[nodiscard]] bool has_room() const { return !is_silent && in_flight < room; }
    [[nodiscard]] std::uint32_t free_room() const { return has_room() ? room - in_flight : 0; }
    void saw(Now now) {
        is_silent = false;
        seen_ns = now.ns;
        seen_time = now.time;
    }
};

}  // namespace annals::groups
