// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "xes_attributes.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <simdjson.h>

#include "annals/json_events/json_text.hpp"

#include "json_number.hpp"

namespace annals::interchange {
namespace {

namespace ondemand = simdjson::ondemand;

bool is_whole_number(std::string_view text) {
    constexpr std::size_t kDigitsMax = 18;  // fits xs:long whatever they are
    return text.find_first_of(".eE") == std::string_view::npos && text.size() <= kDigitsMax;
}

/// Lists within lists that are written: what is read has a limit of elements.
constexpr int kListDepthMax = 8;

bool take_value(ondemand::value& value, XesAttribute& attribute, int depth);

/// A value and what is inside of it, whose keys begin with its own. False for any other object.
bool take_item(ondemand::value& value, std::vector<XesAttribute>& item, int depth) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) return false;
    std::set<std::string> keys;
    for (auto field : object) {
        XesAttribute attribute;
        std::string_view key;
        ondemand::value inner;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
            field.value().get(inner) != simdjson::SUCCESS) {
            return false;
        }
        attribute.key = key;
        const bool is_inside = item.empty() ||
                               (!item.front().is_list() && key.starts_with(item.front().key + "/"));
        if (!is_inside || key.empty() || !is_plain_text(key)) return false;
        if (!keys.insert(attribute.key).second) return false;
        if (!take_value(inner, attribute, depth)) return false;
        item.push_back(std::move(attribute));
    }
    return !item.empty();
}

bool take_list(ondemand::value& value, XesAttribute& attribute, int depth) {
    ondemand::array array;
    if (depth > kListDepthMax || value.get_array().get(array) != simdjson::SUCCESS) return false;
    attribute.type = XesAttribute::kList;
    for (auto element : array) {
        ondemand::value item;
        if (element.get(item) != simdjson::SUCCESS) return false;
        if (!take_item(item, attribute.items.emplace_back(), depth)) return false;
    }
    return true;
}

/// False where the value is none that XES has a type for.
bool take_value(ondemand::value& value, XesAttribute& attribute, int depth) {
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (type == ondemand::json_type::array) return take_list(value, attribute, depth + 1);
    if (type == ondemand::json_type::string) {
        std::string_view text;
        if (value.get_string().get(text) != simdjson::SUCCESS) return false;
        attribute.type = "string";
        attribute.value = text;
        return is_plain_text(text);
    }
    if (type != ondemand::json_type::number && type != ondemand::json_type::boolean) return false;
    std::string_view text = value.raw_json_token();
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    attribute.value = text;
    if (type == ondemand::json_type::boolean) {
        attribute.type = "boolean";
    } else {
        attribute.type = is_whole_number(text) ? "int" : "float";
    }
    return true;
}

std::string_view json_boolean(std::string_view text) {
    if (text == "true" || text == "1") return "true";
    if (text == "false" || text == "0") return "false";
    return {};
}

void append_items(std::string& out, const XesAttribute& list) {
    out.push_back('[');
    for (const std::vector<XesAttribute>& item : list.items) {
        if (out.back() != '[') out.push_back(',');
        out += json_of_attributes(item);
    }
    out.push_back(']');
}

void append_value(std::string& out, const XesAttribute& attribute) {
    if (attribute.is_list()) {
        append_items(out, attribute);
        return;
    }
    const bool is_number = attribute.type == "int" || attribute.type == "float";
    if (is_number && is_json_number(attribute.value)) {
        out += attribute.value;
        return;
    }
    const std::string_view boolean = attribute.type == "boolean" ? json_boolean(attribute.value)
                                                                 : std::string_view();
    if (!boolean.empty()) {
        out += boolean;
    } else {
        json_events::append_string(out, attribute.value);
    }
}

}  // namespace

std::optional<Field> own_field_of(std::string_view key) {
    if (!key.starts_with(kXesOwnPrefix)) return std::nullopt;
    const std::string_view name = key.substr(kXesOwnPrefix.size());
    for (const Field field : kXesOwnFields) {
        if (name_of(field) == name) return field;
    }
    return std::nullopt;
}

bool is_taken_key(std::string_view key) {
    return key == kXesName || key == kXesTime || key == kXesResource || key == kXesId ||
           key.starts_with(kXesOwnPrefix);
}

std::vector<XesAttribute> attributes_of_json(std::string_view json) {
    std::vector<XesAttribute> attributes;
    if (!json_events::is_json(json)) return attributes;
    thread_local ondemand::parser parser;
    const simdjson::padded_string text(json);
    ondemand::document document;
    ondemand::object object;
    if (parser.iterate(text).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS) {
        return attributes;
    }
    std::set<std::string> seen;
    for (auto field : object) {
        XesAttribute attribute;
        std::string_view key;
        ondemand::value value;
        if (field.unescaped_key().get(key) != simdjson::SUCCESS ||
            field.value().get(value) != simdjson::SUCCESS) {
            break;
        }
        attribute.key = key;
        const bool is_free = !is_taken_key(key) && is_plain_text(key) && !key.empty() &&
                             seen.insert(attribute.key).second;
        if (is_free && take_value(value, attribute, 0)) attributes.push_back(std::move(attribute));
    }
    return attributes;
}

std::string json_of_attributes(const std::vector<XesAttribute>& attributes) {
    using Alike = std::vector<const XesAttribute*>;
    std::map<std::string_view, Alike> by_key;
    for (const XesAttribute& attribute : attributes) by_key[attribute.key].push_back(&attribute);
    std::string out = "{";
    for (const XesAttribute& attribute : attributes) {
        const Alike& alike = by_key[attribute.key];
        if (alike.front() != &attribute) continue;
        if (out.size() > 1) out.push_back(',');
        json_events::append_string(out, attribute.key);
        out.push_back(':');
        if (alike.size() > 1) out.push_back('[');
        for (const XesAttribute* const one : alike) {
            if (one != alike.front()) out.push_back(',');
            append_value(out, *one);
        }
        if (alike.size() > 1) out.push_back(']');
    }
    out.push_back('}');
    return out;
}

}  // namespace annals::interchange
