// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "count.hpp"

#include <spdlog/spdlog.h>

namespace metrics {
namespace {

/// Another way of counting gets another number: what was counted the old way is counted anew.
constexpr int kFormat = 1;

}  // namespace

nlohmann::json Count::to_json() const {
    nlohmann::json document = totals.to_json();
    document["format"] = kFormat;
    document["position"] = position;
    document["last"] = last;
    return document;
}

Count Count::from_json(const nlohmann::json& document) {
    try {
        if (document.at("format") == kFormat) {
            return {
                Totals::from_json(document),
                document.at("position").get<std::string>(),
                document.at("last").get<std::uint64_t>()
            };
        }
        spdlog::warn("the stored totals are of another format: counting from the start");
    } catch (const nlohmann::json::exception& error) {
        spdlog::error(
            "the stored totals cannot be read, counting from the start: {}", error.what()
        );
    }
    return {};
}

}  // namespace metrics
