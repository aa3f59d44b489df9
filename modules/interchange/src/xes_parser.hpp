// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

#include "xes_attributes.hpp"

namespace annals::interchange {

/// An event as the text has it.
struct XesEvent {
    std::uint64_t line = 0;
    std::uint64_t trace_number = 0;  ///< from 1; 0: it is in no trace
    std::uint64_t event_number = 0;  ///< from 1, in its trace
    std::vector<XesAttribute> attributes;
    std::shared_ptr<const std::vector<XesAttribute>> of_trace;
    std::string raw;  ///< a trace with this one event, as XML
};

/// Takes the text of a XES log piece by piece, gives its events. Refuses document type
/// declarations, nesting deeper than 64, and any event, trace head or token above the limit. One
/// thread.
class XesParser {
  public:
    explicit XesParser(std::size_t element_bytes_max);
    XesParser(const XesParser&) = delete;
    XesParser& operator=(const XesParser&) = delete;
    ~XesParser();

    /// unreadable_input with the line. Events that came before the place are in events().
    Status take(std::string_view piece, bool is_last);
    [[nodiscard]] std::deque<XesEvent>& events();

  private:
    struct Body;
    std::unique_ptr<Body> body_;
};

}  // namespace annals::interchange
