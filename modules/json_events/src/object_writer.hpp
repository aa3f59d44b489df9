// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/named_type.hpp"
#include "annals/base/uuid.hpp"
#include "annals/codec/text.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/json_events/time_text.hpp"
#include "annals/model/append.hpp"

namespace annals::json_events {

/// Writes the members of one object.
class ObjectWriter {
  public:
    explicit ObjectWriter(std::string& out) : out_(out) { out_.push_back('{'); }

    /// `name` must need no escaping.
    std::string& member(std::string_view name) {
        // Once a member of each event: one growth, not four.
        const std::size_t comma = is_first_ ? 0 : 1;
        is_first_ = false;
        const std::size_t begin = out_.size();
        out_.resize(begin + comma + name.size() + 3);
        char* at = out_.data() + begin;
        if (comma != 0) *at++ = ',';
        *at++ = '"';
        at = std::copy(name.begin(), name.end(), at);
        *at++ = '"';
        *at = ':';
        return out_;
    }
    void text(std::string_view name, std::string_view value) { append_string(member(name), value); }
    void text_if_any(std::string_view name, std::string_view value) {
        if (!value.empty()) text(name, value);
    }
    void uuid(std::string_view name, const Uuid& id) {
        std::string& out = member(name);
        const std::array<char, 36> letters = id.text();
        out.push_back('"');
        out.append(letters.data(), letters.size());
        out.push_back('"');
    }
    void number(std::string_view name, std::uint64_t value) { append_number(member(name), value); }
    void time(std::string_view name, TimeNs at, std::int32_t offset_minutes = 0) {
        std::string& out = member(name);
        out.push_back('"');
        append_time(out, at, offset_minutes);
        out.push_back('"');
    }
    void base64(std::string_view name, std::string_view bytes) {
        std::string& out = member(name);
        out.push_back('"');
        out += codec::base64(bytes);
        out.push_back('"');
    }
    void boolean(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }
    /// JSON in one line: between tokens a line break is as good as a blank, in strings there is
    /// none.
    void json(std::string_view name, std::string_view value) {
        std::string& out = member(name);
        const std::size_t begin = out.size();
        out += value;
        // Rare, and looked for sixteen bytes at a time.
        for (const char line_break : {'\n', '\r'}) {
            for (std::size_t at = out.find(line_break, begin); at != std::string::npos;
                 at = out.find(line_break, at)) {
                out[at] = ' ';
            }
        }
    }
    void end() { out_.push_back('}'); }

  private:
    std::string& out_;
    bool is_first_ = true;
};

/// `"name":[…]`, each element written by `write`.
template <typename List, typename Write>
void write_list(ObjectWriter& object, std::string_view name, const List& list, Write write) {
    std::string& out = object.member(name);
    out.push_back('[');
    bool is_first = true;
    for (const auto& element : list) {
        if (!is_first) out.push_back(',');
        is_first = false;
        write(out, element);
    }
    out.push_back(']');
}

/// A revision, or a word.
void write_expected(std::string& out, const model::ExpectedRevision& expected);

}  // namespace annals::json_events
