// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/annals.hpp"

namespace metrics {

/// How many events of which type a log has, and which entity types are registered: a fold of the
/// log, so that every fold up to one position is the same. Events of `$…` streams, the server's
/// own, are not counted. A value; no threads of its own.
class Totals {
  public:
    /// Event types that are counted each by itself: the first by position. All others are counted
    /// together, so that the number of series has a bound, whatever is appended.
    static constexpr std::size_t kTypesMax = 1'000;
    /// Registered entity types that are remembered.
    static constexpr std::size_t kRegisteredMax = 1'000;

    void take(const annals::Event& event);

    /// All counted events.
    [[nodiscard]] std::uint64_t count() const { return count_; }
    /// Those of types beyond kTypesMax.
    [[nodiscard]] std::uint64_t others() const { return others_; }
    [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& by_type() const {
        return by_type_;
    }
    /// Through eskit's crud store (RegisterType), or with a schema of their own (`annals crud
    /// type`).
    [[nodiscard]] const std::set<std::string, std::less<>>& registered() const {
        return registered_;
    }

    /// As kept in the store, and read back. nlohmann::json::exception for another form.
    [[nodiscard]] nlohmann::json to_json() const;
    [[nodiscard]] static Totals from_json(const nlohmann::json& json);

    bool operator==(const Totals&) const = default;

  private:
    void note_type(const annals::Event& event);

    std::uint64_t count_ = 0;
    std::uint64_t others_ = 0;
    std::map<std::string, std::uint64_t, std::less<>> by_type_;
    std::set<std::string, std::less<>> registered_;
};

/// An event type as eskit's labels have it: what stands before the last dot, and what stands behind
/// it. Without a dot the entity type is empty.
struct TypeLabels {
    std::string_view entity_type;
    std::string_view event_type;
};
[[nodiscard]] TypeLabels labels_of(std::string_view type);
/// created, updated or deleted, in any case of letters.
[[nodiscard]] bool is_crud(std::string_view event_type);

}  // namespace metrics
