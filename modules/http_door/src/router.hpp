// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "message.hpp"

namespace annals::http_door::detail {

using Route = std::function<Response(const Request&)>;

/// What is served where. Filled before the door opens, then only read: any thread.
class Router {
  public:
    /// GET routes answer HEAD too.
    void add(std::string_view method, std::string_view path, Route route);
    /// What a path answers to methods that it does not have, instead of a problem with status 405.
    void set_method_not_allowed(std::string_view path, Response response);

    /// Always an answer: 404 and 405 where there is no route, 500 where one throws.
    [[nodiscard]] Response answer(const Request& request) const;

  private:
    struct Place {
        std::map<std::string, Route, std::less<>> routes;  ///< by method
        std::optional<Response> method_not_allowed;
    };
    std::map<std::string, Place, std::less<>> places_;  ///< by path
};

}  // namespace annals::http_door::detail
