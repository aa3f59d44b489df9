// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "samples/http.hpp"

namespace samples {

/// Handlers by path and method. Filled first, then asked by any number of threads.
class Router {
  public:
    using Handle = std::function<HttpAnswer(const HttpRequest&)>;
    /// Told of each answer: the route ("other": none), for figures with a bounded number of labels.
    using Observe = std::function<
        void(const std::string& route, unsigned status, std::chrono::nanoseconds took)>;

    void add(const std::string& method, const std::string& path, Handle handle);
    void observe(Observe observe) { observe_ = std::move(observe); }

    /// The handler's answer; 404 for an unknown path, 405 with Allow for an unknown method, 500 for
    /// an exception that a handler lets through, which is logged. HEAD is asked as GET.
    [[nodiscard]] HttpAnswer answer(const HttpRequest& request) const;

  private:
    [[nodiscard]] HttpAnswer route(const HttpRequest& request) const;

    std::map<std::string, std::map<std::string, Handle>, std::less<>> paths_;
    Observe observe_;
};

}  // namespace samples
