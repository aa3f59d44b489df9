// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "name_template.hpp"

#include <algorithm>
#include <utility>

#include "annals/model/names.hpp"

namespace annals::interchange {

Result<std::size_t> find_column(
    std::string_view name, const std::vector<std::string>& header, std::string_view wanted_for
) {
    const auto found = std::ranges::find(header, name);
    if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
    std::string known;
    for (const std::string& column : header) {
        if (known.size() > 1'000) break;
        known += (known.empty() ? "" : ", ") + model::shown(column);
    }
    return Error(
        ErrorCode::kConfigInvalid,
        "there is no column '" + model::shown(name) + "' for " + std::string(wanted_for) +
            "; the file has: " + known
    );
}

Result<NameTemplate> NameTemplate::compile(
    std::string_view text, const std::vector<std::string>& header
) {
    NameTemplate compiled;
    std::string literal;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char sign = text[at];
        if (sign != '{' && sign != '}') {
            literal.push_back(sign);
        } else if (at + 1 < text.size() && text[at + 1] == sign) {
            literal.push_back(sign);
            ++at;
        } else {
            const std::size_t end = sign == '{' ? text.find('}', at) : std::string_view::npos;
            if (end == std::string_view::npos) {
                return Error(
                    ErrorCode::kConfigInvalid,
                    "a brace stands alone in '" + model::shown(text) + "'; double it to mean itself"
                );
            }
            const std::string_view column = text.substr(at + 1, end - at - 1);
            ANNALS_TRY(const std::size_t index, find_column(column, header, "the stream"));
            compiled.literals_.push_back(std::exchange(literal, {}));
            compiled.columns_.push_back(index);
            at = end;
        }
    }
    compiled.literals_.push_back(std::move(literal));
    return compiled;
}

bool NameTemplate::fill(const std::vector<std::string_view>& fields, std::string& out) const {
    for (std::size_t at = 0; at < columns_.size(); ++at) {
        const std::string_view value = fields[columns_[at]];
        if (value.empty()) return false;
        out += literals_[at];
        out += value;
    }
    out += literals_.back();
    return true;
}

}  // namespace annals::interchange
