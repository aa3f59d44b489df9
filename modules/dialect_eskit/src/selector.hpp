// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace annals::dialect_eskit {

/// What Logs and LogsPoll are asked for: entity type = pipeline and the selector's two parts, each
/// met exactly or by `*` (contract 2.1, "intended semantics").
class Selector {
  public:
    /// `Type.*`, `Type.Event`, `*.Event`, split at the last dot; empty or `*` is everything. An
    /// empty pipeline is every entity type.
    Selector(std::string_view selector, std::string_view pipeline);

    [[nodiscard]] bool matches(std::string_view event_type) const;
    [[nodiscard]] bool is_everything() const { return is_any_selector_ && pipeline_.empty(); }

    /// The event types that can match, when they are known without looking at the log: one or two.
    [[nodiscard]] std::vector<std::string> exact_types() const;
    /// How every matching event type begins; empty when nothing is known.
    [[nodiscard]] std::string type_prefix() const;

  private:
    std::string entity_;
    std::string event_;
    std::string pipeline_;
    bool is_any_selector_ = false;
};

}  // namespace annals::dialect_eskit
