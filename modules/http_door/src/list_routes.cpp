// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "list_routes.hpp"

#include <string>
#include <utility>

#include "annals/json_events/answer_json.hpp"

#include "conditions.hpp"
#include "page_answer.hpp"
#include "parameters.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

Result<api::ListRequest> list_request(const Request& request) {
    api::ListRequest list;
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    ANNALS_TRY(const auto prefix, parameters.text("prefix"));
    list.prefix = prefix.value_or("");
    ANNALS_TRY(const auto after, parameters.text("after"));
    list.after = after.value_or("");
    ANNALS_TRY(const auto limit, parameters.limit(kPageMax, kUint32Max));
    if (limit) list.limit = *limit;
    ANNALS_CHECK(parameters.end());
    return list;
}

/// A full list has perhaps more behind it.
template <typename Names>
Response list_response(
    const StoreCall& call,
    std::string body,
    const std::string& position,
    const Names& names,
    std::uint32_t limit
) {
    body.push_back('\n');
    Response response = json_response(200, std::move(body));
    response.headers.push_back({"Position", position});
    if (names.size() == limit) {
        const std::string url = url_after(call, names.back().name);
        response.headers.push_back({"Link", "<" + url + ">; rel=\"next\""});
    }
    return response;
}

Response stream_list(
    api::EventStore& store,
    const StoreCall& call,
    std::string_view name,
    Result<api::StreamList> (api::EventStore::*
                                 list_of)(const api::CallContext&, const api::ListRequest&)
) {
    const Request& request = call.exchange.request();
    const Result<api::ListRequest> wanted = list_request(request);
    if (!wanted) return problem(wanted.error(), request);
    const Result<api::StreamList> list = (store.*list_of)(context_of(call), *wanted);
    if (!list) return problem(list.error(), request);
    std::string body;
    json_events::append_answer(body, *list, name);
    return list_response(call, std::move(body), list->position, list->streams, wanted->limit);
}

Response category_list(api::EventStore& store, const StoreCall& call) {
    const Request& request = call.exchange.request();
    const Result<api::ListRequest> wanted = list_request(request);
    if (!wanted) return problem(wanted.error(), request);
    const Result<api::CategoryList> list = store.list_categories(context_of(call), *wanted);
    if (!list) return problem(list.error(), request);
    std::string body;
    json_events::append_answer(body, *list);
    return list_response(call, std::move(body), list->position, list->categories, wanted->limit);
}

Response stream_info(api::EventStore& store, const StoreCall& call) {
    const Request& request = call.exchange.request();
    if (const Status none = no_parameters(request); !none) return problem(none.error(), request);
    const Result<api::StreamInfo> info = store.get_stream(context_of(call), *call.parameters);
    if (!info) return problem(info.error(), request);
    std::string body;
    json_events::append_answer(body, *info);
    body.push_back('\n');
    Response response = json_response(200, std::move(body));
    response.headers.push_back({"ETag", etag_of(info->last_revision)});
    return response;
}

}  // namespace

void add_list_routes(Router& router, Desk& desk) {
    const auto add = [&](std::string_view path, BlockingAnswer make) {
        add_store_route(router, desk, "GET", path, [make = std::move(make)](const StoreCall& call) {
            answer_blocking(call.desk.readers, call, make);
        });
    };
    add("streams", [](api::EventStore& store, const StoreCall& call) {
        return stream_list(store, call, "streams", &api::EventStore::list_streams);
    });
    add("types", [](api::EventStore& store, const StoreCall& call) {
        return stream_list(store, call, "types", &api::EventStore::list_types);
    });
    add("categories", category_list);
    add("streams/{stream}/info", stream_info);
}

}  // namespace annals::http_door::detail
