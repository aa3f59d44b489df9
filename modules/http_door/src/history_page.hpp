// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/base/result.hpp"

#include "json_body.hpp"
#include "page_answer.hpp"
#include "parameters.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {

/// Takes `after`, `limit` and `everything` of a request for a history of a group or a consumer.
template <typename HistoryRequest>
Status take_history_parameters(const StoreCall& call, HistoryRequest& request) {
    ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
    ANNALS_TRY(auto after, parameters.text("after"));
    request.after = std::move(after).value_or("");
    ANNALS_TRY(const auto limit, parameters.limit(kPageMax, kUint32Max));
    request.limit = limit.value_or(0);
    ANNALS_TRY(request.is_everything, parameters.boolean("everything"));
    return parameters.end();
}

/// `{"entries": […], "next": "…"}` with a link to the next page; `show` makes an entry's JSON.
template <typename History, typename Show>
Response history_response(const StoreCall& call, const History& page, Show show) {
    nlohmann::ordered_json json;
    json["entries"] = nlohmann::ordered_json::array();
    for (const auto& entry : page.entries) json["entries"].push_back(show(entry));
    if (!page.next.empty()) json["next"] = page.next;
    Response response = json_response(200, text_of(json));
    if (!page.next.empty()) {
        std::string link = "<" + url_after(call, page.next) + ">; rel=\"next\"";
        response.headers.push_back({"Link", std::move(link)});
    }
    return response;
}

}  // namespace annals::http_door::detail
