// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/pointer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "annals/model/refusals.hpp"

namespace annals::documents {
namespace {

/// ~1 is /, ~0 is ~; nothing when a ~ stands alone.
std::optional<std::string> unescaped(std::string_view step) {
    std::string out;
    for (std::size_t i = 0; i < step.size(); ++i) {
        if (step[i] != '~') {
            out.push_back(step[i]);
            continue;
        }
        ++i;
        if (i == step.size() || (step[i] != '0' && step[i] != '1')) return std::nullopt;
        out.push_back(step[i] == '0' ? '~' : '/');
    }
    return out;
}

}  // namespace

Result<Pointer> parse_pointer(std::string_view text, std::string_view field) {
    Pointer pointer;
    if (text.empty()) return pointer;
    if (text.front() != '/') {
        return model::refused(field, text, "a JSON Pointer is empty or begins with /");
    }
    for (std::size_t begin = 1; begin <= text.size();) {
        const std::size_t end = std::min(text.find('/', begin), text.size());
        std::optional<std::string> step = unescaped(text.substr(begin, end - begin));
        if (!step) return model::refused(field, text, "~ is written ~0 and / in a name ~1");
        if (pointer.size() == kDepthMax) {
            return model::too_large(field, kDepthMax + 1, kDepthMax, "steps");
        }
        pointer.push_back(std::move(*step));
        begin = end + 1;
    }
    return pointer;
}

std::string to_text(const Pointer& pointer) {
    std::string out;
    for (const std::string& step : pointer) {
        out.push_back('/');
        for (const char c : step) {
            if (c == '~') {
                out += "~0";
            } else if (c == '/') {
                out += "~1";
            } else {
                out.push_back(c);
            }
        }
    }
    return out;
}

std::optional<std::size_t> parse_index(std::string_view step, std::size_t size) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    const bool is_number = error == std::errc() && end == step.data() + step.size();
    if (!is_number || (step.size() > 1 && step.front() == '0') || index >= size) {
        return std::nullopt;
    }
    return index;
}

const Value* find(const Value& document, const Pointer& pointer) {
    const Value* at = &document;
    for (const std::string& step : pointer) {
        if (at->is_array()) {
            const auto index = parse_index(step, at->array().size());
            at = index ? &at->array()[*index] : nullptr;
        } else {
            at = at->find(step);
        }
        if (at == nullptr) return nullptr;
    }
    return at;
}

}  // namespace annals::documents
