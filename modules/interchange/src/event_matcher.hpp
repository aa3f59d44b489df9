// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string>

#include "annals/base/result.hpp"
#include "annals/interchange/selection.hpp"
#include "annals/model/event.hpp"
#include "annals/patterns/pattern.hpp"

namespace annals::interchange {

/// Decides whether an event belongs to a selection, where nobody else has decided it. Immutable.
class EventMatcher {
  public:
    /// invalid_argument for a pattern that is none.
    static Result<EventMatcher> make(const Selection& selection);

    [[nodiscard]] Result<bool> matches(const model::RecordedEvent& event) const;
    /// Whether events of this stream may match.
    [[nodiscard]] Result<bool> matches_stream(std::string_view stream) const;

  private:
    Selection selection_;
    model::Filter of_streams_;  ///< what the filter says of streams alone
    std::optional<patterns::Pattern> stream_pattern_;
    std::optional<patterns::Pattern> type_pattern_;
};

}  // namespace annals::interchange
