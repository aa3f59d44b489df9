// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <utility>

#include "annals/documents/value.hpp"

#include "string_text.hpp"

namespace annals::documents {

/// A value as compact JSON; `write_number(out, text)` says how numbers are written.
template <typename WriteNumber>
void write_value(  // NOLINT(misc-no-recursion): documents end at kDepthMax
    std::string& out,
    const Value& value,
    const WriteNumber& write_number
) {
    switch (value.kind()) {
        case Kind::kNull:
            out += "null";
            return;
        case Kind::kBoolean:
            out += value.boolean() ? "true" : "false";
            return;
        case Kind::kNumber:
            write_number(out, value.number().text);
            return;
        case Kind::kString:
            write_string(out, value.string());
            return;
        case Kind::kArray: {
            char before = '[';
            for (const Value& element : value.array()) {
                out.push_back(std::exchange(before, ','));
                write_value(out, element, write_number);
            }
            if (before == '[') out.push_back('[');
            out.push_back(']');
            return;
        }
        case Kind::kObject: {
            char before = '{';
            for (const Member& member : value.object()) {
                out.push_back(std::exchange(before, ','));
                write_string(out, member.name);
                out.push_back(':');
                write_value(out, member.value, write_number);
            }
            if (before == '{') out.push_back('{');
            out.push_back('}');
            return;
        }
    }
}

}  // namespace annals::documents
