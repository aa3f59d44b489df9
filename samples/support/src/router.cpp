// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/router.hpp"

#include <exception>
#include <utility>

#include <spdlog/spdlog.h>

namespace samples {

void Router::add(const std::string& method, const std::string& path, Handle handle) {
    paths_[path][method] = std::move(handle);
}

HttpAnswer Router::answer(const HttpRequest& request) const {
    const auto begun = std::chrono::steady_clock::now();
    HttpAnswer answer;
    try {
        answer = route(request);
    } catch (const std::exception& error) {
        spdlog::error("{} {}: {}", request.method, request.target.path, error.what());
        answer = problem(500, "internal_error", "the service failed; its log says why");
    }
    if (observe_) {
        const bool is_known = paths_.contains(request.target.path);
        observe_(
            is_known ? request.target.path : "other",
            answer.status,
            std::chrono::steady_clock::now() - begun
        );
    }
    return answer;
}

HttpAnswer Router::route(const HttpRequest& request) const {
    const auto path = paths_.find(request.target.path);
    if (path == paths_.end()) {
        return problem(404, "not_found", "there is nothing at " + request.target.path);
    }
    const auto& methods = path->second;
    const auto found = methods.find(request.method == "HEAD" ? "GET" : request.method);
    if (found != methods.end()) return found->second(request);
    std::string allowed;
    for (const auto& [method, handle] : methods) {
        allowed += (allowed.empty() ? "" : ", ") + method;
        if (method == "GET") allowed += ", HEAD";
    }
    HttpAnswer answer = problem(
        405, "method_not_allowed", request.target.path + " takes " + allowed
    );
    answer.fields.emplace_back("Allow", allowed);
    return answer;
}

}  // namespace samples
