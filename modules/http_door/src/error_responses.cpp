// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "error_responses.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "annals/base/assert.hpp"
#include "annals/base/error_code.hpp"

#include "message.hpp"

namespace annals::http_door::detail {
namespace {

using Json = nlohmann::ordered_json;
/// Names of errors by status; none: HTTP alone explains it.
using Errors = std::map<int, std::vector<std::string>>;

void add(Errors& errors, std::string_view name, int status = 0) {
    const std::optional<ErrorCode> code = error_code_from_name(name);
    ANNALS_ASSERT(code.has_value(), "x-errors has names of the catalogue");
    std::vector<std::string>& names = errors[status == 0 ? error_info(*code).http_status : status];
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
}

bool is_of_store(std::string_view path) { return path.starts_with("/v1/") && path != "/v1/healtz"; }

bool has_parameter(const Json& operation, std::string_view name) {
    if (!operation.contains("parameters")) return false;
    const std::string reference = "#/components/parameters/" + std::string(name);
    for (const Json& parameter : operation["parameters"]) {
        if (parameter.value("$ref", "") == reference) return true;
        if (parameter.value("name", "") == name) return true;
    }
    return false;
}

bool has_condition(const Json& operation) {
    return has_parameter(operation, "if_match") || has_parameter(operation, "if_none_match") ||
           has_parameter(operation, "If-Match") || has_parameter(operation, "If-None-Match");
}

/// Accept is looked at where an answer has a shape of ours.
bool is_negotiated(const Json& operation) {
    const Json& responses = operation["responses"];
    return responses.contains("200") && responses["200"].contains("content") &&
           responses["200"]["content"].contains("application/json");
}

Errors errors_of(std::string_view method, std::string_view path, const Json& operation) {
    Errors errors;
    // Bytes that are no request, or do not end.
    errors[408];
    errors[431];
    add(errors, "invalid_argument");
    add(errors, "internal");
    const bool is_change = method != "get";
    if (is_change) {
        add(errors, "not_permitted");
        add(errors, "limit_exceeded");
        errors[415];
    }
    if (is_of_store(path) && !is_change && is_negotiated(operation)) errors[406];
    if (is_of_store(path)) {
        for (const std::string_view name :
             {"namespace_not_found",
              "not_permitted",
              "overloaded",
              "data_loss",
              "io_error",
              "unavailable",
              "shutting_down",
              "deadline_exceeded",
              "not_supported"}) {
            add(errors, name);
        }
    }
    if (is_of_store(path) && is_change) {
        for (const std::string_view name : {"read_only", "disk_full", "outcome_unknown"})
            add(errors, name);
    }
    if (operation.contains("x-errors")) {
        const auto own = operation["x-errors"].get<std::vector<std::string>>();
        for (const std::string& name : own) add(errors, name);
        if (is_change && has_condition(operation)) {
            // What a header field asked for and is not so.
            for (const std::string_view name :
                 {"conflict",
                  "entity_exists",
                  "entity_not_found",
                  "entity_deleted",
                  "entity_type_not_found",
                  "group_exists",
                  "group_not_found"}) {
                if (std::find(own.begin(), own.end(), name) != own.end()) add(errors, name, 412);
            }
        }
    }
    return errors;
}

std::string description_of(int status, const std::vector<std::string>& names) {
    std::string text(status_phrase(status));
    text += names.empty() ? "." : ": ";
    for (const std::string& name : names) {
        if (&name != &names.front()) text += ' ';
        text += "`" + name + "`: ";
        text += error_info(*error_code_from_name(name)).sentence;
    }
    return text;
}

/// Operations share what they answer alike.
Json reference_to(int status, const std::vector<std::string>& names, Json& responses) {
    std::string key = "problem_" + std::to_string(status);
    for (const std::string& name : names) key += "." + name;
    if (!responses.contains(key)) {
        Json response;
        response["description"] = description_of(status, names);
        response["content"]["application/problem+json"]["schema"]["$ref"] =
            "#/components/schemas/Problem";
        responses[key] = std::move(response);
    }
    return Json{{"$ref", "#/components/responses/" + key}};
}

}  // namespace

void describe_errors(Json& document) {
    Json& responses = document["components"]["responses"];
    for (const auto& [path, place] : document["paths"].items()) {
        for (const auto& [method, operation] : place.items()) {
            Json all = Json::array();
            for (const auto& [status, names] : errors_of(method, path, operation)) {
                for (const std::string& name : names) {
                    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
                }
                const std::string key = std::to_string(status);
                if (operation["responses"].contains(key)) continue;
                operation["responses"][key] = reference_to(status, names, responses);
            }
            operation["x-errors"] = std::move(all);
        }
    }
}

}  // namespace annals::http_door::detail
