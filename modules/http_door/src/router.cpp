// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "router.hpp"

#include <exception>
#include <utility>

#include "annals/telemetry/logging.hpp"

namespace annals::http_door::detail {

void Router::add(std::string_view method, std::string_view path, Route route) {
    places_[std::string(path)].routes[std::string(method)] = std::move(route);
}

void Router::set_method_not_allowed(std::string_view path, Response response) {
    places_[std::string(path)].method_not_allowed = std::move(response);
}

Response Router::answer(const Request& request) const {
    const auto place = places_.find(request.path);
    if (place == places_.end()) {
        return problem(404, "there is nothing at this path; / lists what there is", request.path);
    }
    const auto& routes = place->second.routes;
    const auto route = routes.find(request.method == "HEAD" ? "GET" : request.method);
    if (route == routes.end()) {
        Response response = place->second.method_not_allowed.value_or(
            problem(405, "the path does not take " + request.method, request.path)
        );
        std::string allowed;
        for (const auto& [method, ignored] : routes) {
            if (!allowed.empty()) allowed += ", ";
            allowed += method == "GET" ? "GET, HEAD" : method;
        }
        response.headers.push_back({"Allow", allowed});
        return response;
    }
    try {
        return route->second(request);
    } catch (const std::exception& error) {
        telemetry::log_error("http route threw", {{"path", request.path}, {"what", error.what()}});
        return problem(500, "the server's log has the details", request.path);
    }
}

}  // namespace annals::http_door::detail
