// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "annals/http_door/testing/http_connection.hpp"

namespace annals::http_door::testing {

/// Holds answers against the OpenAPI description that the door gives of itself, so that each test
/// of a route is one of its description, too. One thread.
class DescribedAnswers {
  public:
    /// Asks the door for /openapi.json.
    explicit DescribedAnswers(int port)
        : document_(nlohmann::json::parse(Connection(port).get("/openapi.json").body)) {}

    /// What the description lacks of an answer; empty: nothing. A path or method that it does not
    /// have may only be answered with 404, 405 or, to OPTIONS, 204; what was no request at all
    /// (status 0: the connection ended) says nothing.
    [[nodiscard]] std::string fault(std::string_view method, std::string_view target, int status)
        const {
        if (status == 0) return "";
        const std::string asked = std::string(method) + " " + std::string(target) + " -> " +
                                  std::to_string(status);
        const nlohmann::json* place = find(target.substr(0, target.find('?')));
        std::string key;
        for (const char c : method)
            key.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
        if (key == "head") key = "get";
        if (place == nullptr || !place->contains(key)) {
            const bool is_refused = status == 404 || status == 405 || status == 400 ||
                                    (key == "options" && status == 204);
            return is_refused ? "" : asked + ": no such operation is described";
        }
        const nlohmann::json& responses = (*place)[key]["responses"];
        return responses.contains(std::to_string(status)) ? ""
                                                          : asked + ": the status is not described";
    }

    [[nodiscard]] const nlohmann::json& document() const { return document_; }

  private:
    static std::vector<std::string_view> segments_of(std::string_view path) {
        std::vector<std::string_view> segments;
        while (!path.empty()) {
            path.remove_prefix(1);
            const std::size_t end = std::min(path.find('/'), path.size());
            segments.push_back(path.substr(0, end));
            path.remove_prefix(end);
        }
        return segments;
    }

    /// The path that fits with the fewest braces: what is spelt out goes before what is any.
    [[nodiscard]] const nlohmann::json* find(std::string_view target) const {
        const auto wanted = segments_of(target);
        const nlohmann::json* best = nullptr;
        std::size_t best_braces = wanted.size() + 1;
        for (const auto& [path, place] : document_["paths"].items()) {
            const auto described = segments_of(path);
            if (described.size() != wanted.size()) continue;
            std::size_t braces = 0;
            bool fits = true;
            for (std::size_t i = 0; i < wanted.size() && fits; ++i) {
                const bool is_any = described[i].starts_with('{');
                fits = is_any ? !wanted[i].empty() : described[i] == wanted[i];
                if (is_any) ++braces;
            }
            if (!fits || braces >= best_braces) continue;
            best = &place;
            best_braces = braces;
        }
        return best;
    }

    nlohmann::json document_;
};

}  // namespace annals::http_door::testing
