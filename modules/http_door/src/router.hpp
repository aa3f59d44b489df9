// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange.hpp"
#include "media_types.hpp"
#include "message.hpp"

namespace annals::http_door::detail {

/// Answers the exchange now or later, from any thread, once. Must not wait.
using Route = std::function<void(Exchange&)>;

/// What is served where. Filled before the door opens, then only read: any thread.
///
/// A path is written like "/v1/streams/{stream}": a part in braces stands for any one segment,
/// whose text goes to Request::parameters.
class Router {
  public:
    /// GET routes answer HEAD too.
    /// `offers` not empty: a request whose Accept wants none of them is refused with 406, for the
    /// others Request::media_type is the one that is wanted.
    void add(std::string_view method, std::string_view path, Route route, Offers offers = {});
    /// A route that answers at once.
    void add_plain(
        std::string_view method,
        std::string_view path,
        std::function<Response(const Request&)> route
    );
    /// What a path answers to methods that it does not have, instead of a problem with status 405.
    void set_method_not_allowed(std::string_view path, Response response);

    /// A header field that tells what the path takes, in answers to OPTIONS and to methods that it
    /// does not have: Accept-Patch.
    void describe(std::string_view path, Header header);

    /// Asked before any route of a path that is there: an answer refuses the request.
    void set_guard(std::function<std::optional<Response>(const Request&)> guard);

    /// Always an answer: 204 with what the path takes for OPTIONS, 404 and 405 where there is no
    /// route, 406 where it has nothing that is wanted, 500 where one throws.
    void dispatch(Exchange& exchange) const;

    /// Method and path of every route, as they were added: for the description of the interface.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> list() const;

  private:
    struct Offered {
        Route route;
        Offers offers;
    };
    struct Place {
        std::string path;
        std::map<std::string, Offered, std::less<>> routes;  ///< by method
        std::optional<Response> method_not_allowed;
        std::vector<Header> described;
    };
    /// A tree of segments; "" is any.
    struct Node {
        std::map<std::string, Node, std::less<>> children;
        std::optional<Place> place;
    };

    Place& place_at(std::string_view path);
    [[nodiscard]] const Place* find(Request& request) const;
    static bool choose_type(Request& request, Offers offers);
    static void not_found(Exchange& exchange);
    static void method_not_allowed(Exchange& exchange, const Place& place);

    Node root_;
    std::function<std::optional<Response>(const Request&)> guard_;
};

}  // namespace annals::http_door::detail
