// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_body.hpp"

#include <utility>

#include "parameters.hpp"

namespace annals::http_door::detail {
namespace {

using Json = JsonBody::Json;

/// Discarded where it is no JSON, or deeper than may be.
Json parse_json(std::string_view text) {
    bool is_too_deep = false;
    const auto on_part = [&](int depth, Json::parse_event_t, Json&) {
        is_too_deep = is_too_deep || depth > JsonBody::kDepthMax;
        return !is_too_deep;
    };
    Json json = Json::parse(text, on_part, false);
    return is_too_deep ? Json(Json::value_t::discarded) : json;
}

std::string shown(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<JsonBody> JsonBody::parse(
    const Request& request, std::string_view shape, bool may_be_empty, std::size_t bytes_max
) {
    JsonBody body;
    if (request.body.empty() && may_be_empty) {
        body.json_ = Json::object();
        return body;
    }
    if (request.body.size() <= bytes_max) body.json_ = parse_json(request.body);
    if (body.json_.is_object()) return body;
    return bad_parameter("body", request.body, shape);
}

Result<JsonBody> JsonBody::of(Json json, std::string path) {
    if (!json.is_object()) return bad_parameter(path, shown(json), "an object");
    JsonBody body;
    body.json_ = std::move(json);
    body.path_ = std::move(path);
    return body;
}

std::string JsonBody::path_of(const std::string& name) const {
    return path_.empty() ? name : path_ + "." + name;
}

Result<std::string> JsonBody::text(const std::string& name) {
    const Json value = take(name);
    if (value.is_null()) return std::string();
    if (value.is_string()) return value.get<std::string>();
    return bad_parameter(path_of(name), shown(value), "a text");
}

Result<std::uint64_t> JsonBody::number(const std::string& name, std::uint64_t max) {
    const Json value = take(name);
    if (value.is_null()) return std::uint64_t{0};
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= max) {
        return value.get<std::uint64_t>();
    }
    return bad_parameter(
        path_of(name), shown(value), "a whole number, 0 to " + std::to_string(max)
    );
}

Result<bool> JsonBody::boolean(const std::string& name) {
    const Json value = take(name);
    if (value.is_null()) return false;
    if (value.is_boolean()) return value.get<bool>();
    return bad_parameter(path_of(name), shown(value), "true or false");
}

Result<std::vector<std::string>> JsonBody::texts(const std::string& name) {
    const Json value = take(name);
    std::vector<std::string> texts;
    if (value.is_null()) return texts;
    bool is_good = value.is_array();
    for (const Json& one : value) {
        is_good = is_good && one.is_string();
        if (is_good) texts.push_back(one.get<std::string>());
    }
    if (is_good) return texts;
    return bad_parameter(path_of(name), shown(value), "an array of texts");
}

Result<std::vector<std::uint64_t>> JsonBody::numbers(const std::string& name) {
    const Json value = take(name);
    std::vector<std::uint64_t> numbers;
    if (value.is_null()) return numbers;
    bool is_good = value.is_array();
    for (const Json& one : value) {
        is_good = is_good && one.is_number_unsigned();
        if (is_good) numbers.push_back(one.get<std::uint64_t>());
    }
    if (is_good) return numbers;
    return bad_parameter(path_of(name), shown(value), "an array of whole numbers");
}

Json JsonBody::take(const std::string& name) {
    known_.push_back(name);
    const auto found = json_.find(name);
    if (found == json_.end()) return nullptr;
    Json value = std::move(*found);
    json_.erase(found);
    return value;
}

Status JsonBody::end() const {
    if (json_.empty()) return ok();
    std::string known;
    for (const std::string& name : known_) known += (known.empty() ? "" : ", ") + name;
    const std::string rule = "left out: " + (known.empty() ? "there are no members here"
                                                           : "the members here are " + known);
    return bad_parameter(path_of(json_.begin().key()), shown(*json_.begin()), rule);
}

std::string text_of(const Json& json) { return shown(json) + "\n"; }

}  // namespace annals::http_door::detail
