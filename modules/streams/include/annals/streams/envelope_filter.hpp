// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <optional>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/model/query.hpp"
#include "annals/patterns/pattern.hpp"

namespace annals::streams {

/// The stream of an event, from its stored envelope. Empty when the bytes are no envelope.
std::string_view stream_of(std::string_view envelope);

/// Decides by an event's stored envelope whether it meets a filter, reading no more of it than it
/// must: the name of the stream comes first, most events are decided by it. Same answers as
/// model::matches, without decoding: about 5 ns where the stream decides, 40 ns where tags do.
/// Patterns cost microseconds, and are asked last. Immutable; any thread.
class EnvelopeFilter {
  public:
    /// check_selection() tells before whether the patterns are any.
    explicit EnvelopeFilter(model::Filter filter);

    /// True also where a pattern failed (it took too many steps): `error` then says so, if given.
    [[nodiscard]] bool matches(std::string_view envelope, std::optional<Error>* error = nullptr)
        const;
    [[nodiscard]] const model::Filter& filter() const { return filter_; }

  private:
    [[nodiscard]] bool matches_stream(std::string_view stream) const;
    [[nodiscard]] bool matches_rest(std::string_view envelope) const;
    [[nodiscard]] Result<bool> matches_patterns(std::string_view envelope) const;

    model::Filter filter_;
    std::optional<Result<patterns::Pattern>> stream_pattern_;
    std::optional<Result<patterns::Pattern>> type_pattern_;
};

}  // namespace annals::streams
