// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string_view>

#include "annals/model/query.hpp"

namespace annals::streams {

/// The stream of an event, from its stored envelope. Empty when the bytes are no envelope.
std::string_view stream_of(std::string_view envelope);

/// Decides by an event's stored envelope whether it meets a filter, reading no more of it than it
/// must: the name of the stream comes first, most events are decided by it. Same answers as
/// model::matches, without decoding: about 5 ns where the stream decides, 40 ns where tags do.
/// Immutable; any thread.
class EnvelopeFilter {
  public:
    explicit EnvelopeFilter(model::Filter filter) : filter_(std::move(filter)) {}

    [[nodiscard]] bool matches(std::string_view envelope) const;
    [[nodiscard]] const model::Filter& filter() const { return filter_; }

  private:
    [[nodiscard]] bool matches_stream(std::string_view stream) const;
    [[nodiscard]] bool matches_rest(std::string_view envelope) const;

    model::Filter filter_;
};

}  // namespace annals::streams
