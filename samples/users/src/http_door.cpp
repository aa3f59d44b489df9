// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "http_door.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "openapi_text.hpp"
#include "refused.hpp"
#include "samples/store_failure.hpp"
#include "user_json.hpp"

namespace users {
namespace {

using nlohmann::json;
using samples::HttpAnswer;
using samples::HttpRequest;
using samples::problem;

std::string etag_of(std::uint64_t version) { return '"' + std::to_string(version) + '"'; }

/// Whether a version that is another one is a failed precondition (412), not a conflict (409).
bool has_precondition(const HttpRequest& request) {
    const std::string_view match = request.field("if-match");
    return !match.empty() && match != "*";
}

std::string id_of(const HttpRequest& request) {
    std::string id(request.parameter("id"));
    if (id.empty()) throw Refused(Reason::kInvalid, "missing id");
    return id;
}

/// The user and the version that a request names, as parameter or as If-Match.
UserAt condition_of(const HttpRequest& request) {
    UserAt at{id_of(request), parse_version(request.parameter("version"))};
    if (!has_precondition(request)) return at;
    const std::string_view match = request.field("if-match");
    if (match.size() < 3 || !match.starts_with('"') || !match.ends_with('"')) {
        throw Refused(Reason::kInvalid, "If-Match takes one ETag of this service, or *");
    }
    const auto version = parse_version(match.substr(1, match.size() - 2));
    if (at.version && at.version != version) {
        throw Refused(Reason::kInvalid, "version and If-Match name different versions");
    }
    at.version = version;
    return at;
}

bool flag_of(const HttpRequest& request, std::string_view name) {
    const std::string_view text = request.parameter(name);
    if (text.empty() || text == "false" || text == "0") return false;
    if (text == "true" || text == "1") return true;
    throw Refused(Reason::kInvalid, std::string(name) + " is true or false");
}

/// A parameter that is misspelt would be a condition that nobody checks.
void check_parameters(const HttpRequest& request, std::initializer_list<std::string_view> known) {
    for (const auto& [name, value] : request.target.query) {
        if (std::ranges::find(known, std::string_view(name)) != known.end()) continue;
        std::string names;
        for (const std::string_view each : known) {
            names += (names.empty() ? "" : ", ") + std::string(each);
        }
        throw Refused(
            Reason::kInvalid,
            "there is no parameter " + name + ": give " + (names.empty() ? "none" : names)
        );
    }
}

HttpAnswer user_answer(unsigned status, const User& user) {
    HttpAnswer answer = samples::json_answer(status, json_of(user));
    answer.fields.emplace_back("ETag", etag_of(user.version));
    return answer;
}

HttpAnswer refusal(const Refused& refused, bool is_precondition) {
    switch (refused.reason()) {
        case Reason::kInvalid:
            return problem(400, "invalid_request", refused.message());
        case Reason::kNotFound:
        case Reason::kDeleted:
            return problem(404, "not_found", refused.message());
        case Reason::kEmailTaken:
            return problem(409, name_of(refused.reason()), refused.message());
        case Reason::kChanged:
            break;
    }
    const std::uint64_t current = refused.current_version().value_or(0);
    HttpAnswer answer = problem(
        is_precondition ? 412 : 409,
        name_of(refused.reason()),
        refused.message(),
        {{"current_version", current}}
    );
    answer.fields.emplace_back("ETag", etag_of(current));
    return answer;
}

/// What `call` answers, and what it throws as an answer.
template <typename Call>
HttpAnswer answered(const HttpRequest& request, const Call& call) {
    try {
        return call();
    } catch (const Refused& refused) {
        return refusal(refused, has_precondition(request));
    } catch (const annals::Failure& failure) {
        return samples::store_problem(failure);
    }
}

HttpAnswer create(const UserStore& users, const HttpRequest& request) {
    check_parameters(request, {});
    if (auto refused = samples::refusal_unless_json(request)) return std::move(*refused);
    const User user = users.create(changed(Profile(), parse_body(request.body)));
    HttpAnswer answer = user_answer(201, user);
    answer.fields.emplace_back("Location", "/v1/users?id=" + user.id);
    return answer;
}

HttpAnswer get(const UserStore& users, const HttpRequest& request) {
    check_parameters(request, {"id", "version", "fetchDeleted"});
    const UserAt at{id_of(request), parse_version(request.parameter("version"))};
    return user_answer(200, users.get(at, flag_of(request, "fetchDeleted")));
}

HttpAnswer update(const UserStore& users, const HttpRequest& request) {
    check_parameters(request, {"id", "version"});
    if (auto refused = samples::refusal_unless_json(request)) return std::move(*refused);
    return user_answer(200, users.update(condition_of(request), parse_body(request.body)));
}

HttpAnswer remove(const UserStore& users, const HttpRequest& request) {
    check_parameters(request, {"id", "version"});
    const UserAt at = condition_of(request);
    const std::uint64_t version = users.remove(at);
    return samples::json_answer(200, {{"originator", originator_json(at.id, version)}});
}

/// As eskit's gateway answers.
HttpAnswer healtz(const UserStore& users) {
    try {
        users.probe();
    } catch (const annals::Failure& failure) {
        const std::string message(failure.message());
        return samples::json_answer(503, {{"error", message}, {"code", 14}, {"message", message}});
    }
    return samples::json_answer(200, json::object());
}

}  // namespace

void add_user_routes(samples::Router& router, const UserStore& users) {
    using Route = HttpAnswer (*)(const UserStore&, const HttpRequest&);
    const auto add = [&](const char* method, Route route) {
        router.add(method, "/v1/users", [=](const HttpRequest& request) {
            return answered(request, [&] { return route(users, request); });
        });
    };
    add("POST", create);
    add("GET", get);
    add("PUT", update);
    add("DELETE", remove);
    router.add("GET", "/v1/health", [=](const HttpRequest& request) {
        return answered(request, [&] {
            users.probe();
            return samples::json_answer(200, {{"status", "ok"}});
        });
    });
    router.add("GET", "/v1/healtz", [=](const HttpRequest&) { return healtz(users); });
    router.add("GET", "/openapi.json", [](const HttpRequest&) {
        return HttpAnswer{.body = kOpenApi};
    });
}

}  // namespace users
