// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "router.hpp"

#include <exception>
#include <utility>

#include "annals/base/assert.hpp"

namespace annals::http_door::detail {
namespace {

/// In a tree key: any segment.
constexpr std::string_view kAnySegment;

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> segments;
    while (path.size() > 1) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return segments;
}

}  // namespace

Router::Place& Router::place_at(std::string_view path) {
    Node* node = &root_;
    for (const std::string_view segment : segments_of(path)) {
        node = &node->children[std::string(segment.starts_with('{') ? kAnySegment : segment)];
    }
    if (!node->place) node->place.emplace().path = path;
    ANNALS_ASSERT(node->place->path == path, "one name for a place in a path");
    return *node->place;
}

void Router::add(std::string_view method, std::string_view path, Route route, Offers offers) {
    place_at(path).routes[std::string(method)] = {std::move(route), offers};
}

void Router::add_plain(
    std::string_view method, std::string_view path, std::function<Response(const Request&)> route
) {
    add(method, path, [route = std::move(route)](Exchange& exchange) {
        exchange.answer(route(exchange.request()));
    });
}

void Router::set_method_not_allowed(std::string_view path, Response response) {
    place_at(path).method_not_allowed = std::move(response);
}

void Router::describe(std::string_view path, Header header) {
    place_at(path).described.push_back(std::move(header));
}

void Router::set_guard(std::function<std::optional<Response>(const Request&)> guard) {
    guard_ = std::move(guard);
}

const Router::Place* Router::find(Request& request) const {
    const Node* node = &root_;
    for (const std::string& segment : request.segments) {
        // An empty segment names nothing.
        auto child = segment.empty() ? node->children.end() : node->children.find(segment);
        if (child == node->children.end()) {
            child = node->children.find(kAnySegment);
            if (child == node->children.end() || segment.empty()) return nullptr;
            request.parameters.push_back(segment);
        }
        node = &child->second;
    }
    return node->place ? &*node->place : nullptr;
}

bool Router::choose_type(Request& request, Offers offers) {
    if (offers.empty()) return true;
    const auto chosen = negotiated(accept_of(request), offers);
    if (chosen) request.media_type = *chosen;
    return chosen.has_value();
}

void Router::not_found(Exchange& exchange) {
    exchange.answer(
        problem(404, "there is nothing at this path; / lists what there is", exchange.request())
    );
}

void Router::method_not_allowed(Exchange& exchange, const Place& place) {
    const Request& request = exchange.request();
    std::string allowed;
    for (const auto& [method, ignored] : place.routes) {
        if (!allowed.empty()) allowed += ", ";
        allowed += method == "GET" ? "GET, HEAD" : method;
    }
    Response response;
    response.status = 204;
    const bool is_question = request.method == "OPTIONS" && !place.method_not_allowed;
    if (!is_question) {
        const std::string detail = "the path does not take " + request.method + "; it takes " +
                                   allowed;
        response = place.method_not_allowed.value_or(problem(405, detail, request));
    }
    if (is_question) allowed += ", OPTIONS";
    response.headers.push_back({"Allow", allowed});
    response.headers.insert(response.headers.end(), place.described.begin(), place.described.end());
    exchange.answer(std::move(response));
}

void Router::dispatch(Exchange& exchange) const {
    Request& request = exchange.request();
    const Place* place = find(request);
    if (place == nullptr || place->routes.empty()) {
        not_found(exchange);
        return;
    }
    if (request.method == "HEAD") request.method = "GET";
    const auto route = place->routes.find(request.method);
    if (route == place->routes.end()) {
        method_not_allowed(exchange, *place);
        return;
    }
    try {
        if (std::optional<Response> refusal = guard_ ? guard_(request) : std::nullopt) {
            exchange.answer(std::move(*refusal));
            return;
        }
        if (!choose_type(request, route->second.offers)) {
            exchange.answer(not_acceptable(request, route->second.offers));
            return;
        }
        route->second.route(exchange);
    } catch (const std::exception& error) {
        // Routes throw before they answer or hand the exchange on, or not at all.
        exchange.answer(thrown(request, error.what()));
    }
}

std::vector<std::pair<std::string, std::string>> Router::list() const {
    std::vector<std::pair<std::string, std::string>> all;
    std::vector<const Node*> open{&root_};
    while (!open.empty()) {
        const Node* node = open.back();
        open.pop_back();
        if (node->place) {
            for (const auto& [method, ignored] : node->place->routes) {
                all.emplace_back(method, node->place->path);
            }
        }
        for (const auto& [segment, child] : node->children) open.push_back(&child);
    }
    return all;
}

}  // namespace annals::http_door::detail
