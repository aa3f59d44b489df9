// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "annals/base/result.hpp"
#include "annals/json_events/time_text.hpp"

namespace annals::http_client {

// Members of a JSON object; they throw, inside of read_object().

inline TimeNs time_in(const nlohmann::json& object, const char* name) {
    const auto time = json_events::parse_time(object.at(name).get<std::string>(), name);
    if (!time) throw std::runtime_error(std::string(time.error().message()));
    return time->at;
}

template <typename Named>
Named number_in(const nlohmann::json& object, const char* name) {
    return Named(object.at(name).get<std::uint64_t>());
}

/// The library throws where members are missing or of another type: caught here, once.
template <typename Read>
auto read_object(const std::string& body, Read read) -> Result<decltype(read(nlohmann::json()))> {
    try {
        return read(nlohmann::json::parse(body));
    } catch (const std::exception& error) {
        return Error(
                   ErrorCode::kInternal,
                   std::string("the server's answer is not understood: ") + error.what()
        )
            .with("reason", error.what());
    }
}

}  // namespace annals::http_client
