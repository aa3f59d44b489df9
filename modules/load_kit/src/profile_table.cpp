// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "profile_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "annals/config/settings.hpp"
#include "annals/config/values.hpp"
#include "annals/load_kit/profile.hpp"

namespace annals::load_kit::detail {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text.append(text.empty() ? "" : ", ").append(word);
    return text;
}

std::string real_text(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%g", value);
    return text.data();
}

}  // namespace

Error profile_fault(
    std::string_view key, std::string_view value, std::string_view origin, std::string_view remedy
) {
    std::string message(origin);
    message.append(": ").append(key);
    if (!value.empty()) message.append(" = ").append(value);
    message.append(": ").append(remedy);
    return Error(ErrorCode::kConfigInvalid, std::move(message))
        .with("key", key)
        .with("value", value)
        .with("origin", origin)
        .with("remedy", remedy);
}

std::string no_such_actor(const std::vector<std::string>& names) {
    if (names.empty()) return "no actor has this name, none has any: give one a name";
    return "no actor has this name: give one of " + joined(names);
}

std::string value_text(const toml::node& node) {
    constexpr std::size_t kShownMax = 64;
    std::ostringstream text;
    node.visit([&](const auto& value) { text << value; });
    std::string out = text.str();
    std::ranges::replace(out, '\n', ' ');
    if (out.size() > kShownMax) out = out.substr(0, kShownMax) + "…";
    return out;
}

const toml::node* ProfileTable::get(std::string_view key) {
    known_.emplace_back(key);
    return fault_ ? nullptr : table_.get(key);
}

void ProfileTable::fail(std::string_view key, std::string_view remedy) {
    if (fault_) return;
    const toml::node* const node = table_.get(key);
    const std::string name = prefix_ + std::string(key);
    // What came from a flag has no line.
    std::string where = origin_;
    std::string value;
    if (node != nullptr) {
        const std::uint32_t line = node->source().begin.line;
        const auto flag = flags_.find(key);
        const std::string by_flag = flag == flags_.end() ? "--set " + name : flag->second;
        where = line > 0 ? origin_ + ":" + std::to_string(line) : by_flag;
        value = value_text(*node);
    } else if (const std::uint32_t line = table_.source().begin.line; line > 0) {
        // What is missing in the whole profile is missing nowhere in particular.
        if (!prefix_.empty()) where = origin_ + ":" + std::to_string(line);
    }
    fault_ = profile_fault(name, value, where, remedy);
}

void ProfileTable::text(std::string_view key, std::string& value) {
    const toml::node* const node = get(key);
    if (node == nullptr) return;
    const auto* const found = node->as_string();
    if (found == nullptr) return fail(key, "give a text in quotes");
    if (found->get().empty() || found->get().size() > Bounds::kNameBytesMax * 4) {
        return fail(
            key, "give 1 to " + std::to_string(Bounds::kNameBytesMax * 4) + " bytes of text"
        );
    }
    value = found->get();
}

void ProfileTable::texts(
    std::string_view key, std::vector<std::string>& values, std::size_t count_max
) {
    const toml::node* const node = get(key);
    if (node == nullptr) return;
    const std::string remedy = "give 1 to " + std::to_string(count_max) +
                               R"( texts: ["Placed", "Paid"])";
    const toml::array* const array = node->as_array();
    if (array == nullptr || array->empty() || array->size() > count_max) return fail(key, remedy);
    std::vector<std::string> found;
    for (const toml::node& element : *array) {
        const auto* const one = element.as_string();
        const bool is_good = one != nullptr && !one->get().empty() &&
                             one->get().size() <= Bounds::kNameBytesMax * 4;
        if (!is_good) return fail(key, remedy);
        found.push_back(one->get());
    }
    values = std::move(found);
}

void ProfileTable::number(
    std::string_view key, std::uint64_t& value, std::uint64_t least, std::uint64_t most
) {
    const toml::node* const node = get(key);
    if (node == nullptr) return;
    const auto* const found = node->as_integer();
    if (found == nullptr || found->get() < 0 || static_cast<std::uint64_t>(found->get()) < least ||
        static_cast<std::uint64_t>(found->get()) > most) {
        return fail(
            key, "give a whole number from " + std::to_string(least) + " to " + std::to_string(most)
        );
    }
    value = static_cast<std::uint64_t>(found->get());
}

void ProfileTable::number(
    std::string_view key, std::uint32_t& value, std::uint64_t least, std::uint64_t most
) {
    std::uint64_t wide = value;
    number(key, wide, least, most);
    value = static_cast<std::uint32_t>(wide);
}

void ProfileTable::real(std::string_view key, double& value, double least, double most) {
    const toml::node* const node = get(key);
    if (node == nullptr) return;
    const std::optional<double> found = node->is_number() ? node->value<double>() : std::nullopt;
    if (!found || !std::isfinite(*found) || *found < least || *found > most) {
        return fail(key, "give a number from " + real_text(least) + " to " + real_text(most));
    }
    value = *found;
}

void ProfileTable::duration(std::string_view key, std::int64_t& value_ns) {
    const toml::node* const node = get(key);
    if (node == nullptr) return;
    const auto* const found = node->as_string();
    const Result<std::int64_t> parsed = found == nullptr
                                            ? Result<std::int64_t>(Error(ErrorCode::kInternal, ""))
                                            : config::parse_duration_ns(found->get());
    if (!parsed || *parsed > Bounds::kDurationNsMax) {
        return fail(
            key,
            R"(give a duration of at most a day, a number and its unit: "250ms", "30s", "2m", "1h")"
        );
    }
    value_ns = *parsed;
}

void ProfileTable::word(
    std::string_view key, std::size_t& value, const std::vector<std::string>& words
) {
    const toml::node* const node = get(key);
    if (node == nullptr) return;
    const auto* const found = node->as_string();
    if (found != nullptr) {
        const auto at = std::ranges::find(words, found->get());
        if (at != words.end()) {
            value = static_cast<std::size_t>(at - words.begin());
            return;
        }
    }
    fail(key, "give one of " + joined(words));
}

const toml::table* ProfileTable::table(std::string_view key) {
    const toml::node* const node = get(key);
    if (node == nullptr) return nullptr;
    const toml::table* const found = node->as_table();
    if (found == nullptr) fail(key, "give a table: { distribution = \"uniform\" }");
    return found;
}

const toml::array* ProfileTable::tables(std::string_view key) {
    const toml::node* const node = get(key);
    if (node == nullptr) return nullptr;
    const toml::array* const found = node->as_array();
    if (found == nullptr || !found->is_array_of_tables()) {
        fail(key, "begin each one with a line [[" + std::string(key) + "]]");
        return nullptr;
    }
    return found;
}

Status ProfileTable::finish(std::string_view of_what, const std::vector<std::string>& others) {
    if (fault_) return *fault_;
    for (const auto& [key, node] : table_) {
        const std::string name(key.str());
        if (std::ranges::find(known_, name) != known_.end()) continue;
        if (std::ranges::find(others, name) != others.end()) {
            fail(name, "does not apply to " + std::string(of_what) + "; leave it out");
            return *fault_;
        }
        const std::string_view near = config::nearest(name, known_);
        const std::string remedy = near.empty()
                                       ? "there is no such key; known here: " + joined(known_)
                                       : "there is no such key; did you mean " + std::string(near) +
                                             "?";
        fail(name, remedy);
        return *fault_;
    }
    return ok();
}

}  // namespace annals::load_kit::detail
