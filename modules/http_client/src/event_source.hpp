// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace annals::http_client {

/// One server-sent event.
struct SourceEvent {
    std::string name;  ///< empty: a message
    std::string id;
    std::string data;
};

/// Finds server-sent events in the pieces of an answer. `visit` is called with each that is whole.
class EventSource {
  public:
    template <typename Visit>
    void add(std::string_view piece, Visit visit) {
        text_ += piece;
        std::size_t begin = 0;
        while (true) {
            const std::size_t end = text_.find('\n', begin);
            if (end == std::string::npos) break;
            line(std::string_view(text_).substr(begin, end - begin), visit);
            begin = end + 1;
        }
        text_.erase(0, begin);
    }

  private:
    template <typename Visit>
    void line(std::string_view text, Visit& visit) {
        if (text.empty()) {
            if (!event_.data.empty()) visit(event_);
            event_ = {};
            return;
        }
        const std::size_t colon = std::min(text.find(':'), text.size());
        const std::string_view field = text.substr(0, colon);
        std::string_view value = text.substr(std::min(colon + 1, text.size()));
        if (value.starts_with(' ')) value.remove_prefix(1);
        if (field == "data") event_.data += value;
        if (field == "id") event_.id = value;
        if (field == "event") event_.name = value;
    }

    std::string text_;
    SourceEvent event_;
};

}  // namespace annals::http_client
