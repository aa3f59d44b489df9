// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "tracking_term.hpp"

#include <initializer_list>
#include <string_view>

namespace annals::order_local {

std::string tracking_term(const model::Tracking& tracking) {
    std::string term = "\u0001tracking";
    for (const std::string_view part : {tracking.source, tracking.consumer, tracking.key}) {
        term += ':';
        term += std::to_string(part.size());
        term += ':';
        term += part;
    }
    return term;
}

}  // namespace annals::order_local
