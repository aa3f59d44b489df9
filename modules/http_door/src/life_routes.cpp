// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "life_routes.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "annals/json_events/expected_text.hpp"
#include "annals/json_events/life_json.hpp"
#include "annals/model/names.hpp"

#include "conditions.hpp"
#include "parameters.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

/// On what a change is made.
struct Change {
    model::ExpectedRevision expected;
    bool is_of_header = false;  ///< If-Match, If-None-Match: refused with 412
    bool is_said = false;       ///< there or as the parameter, be it `any`
    std::string idempotency_key;
};

/// The parameter `expected`, or a header field that says the same.
Result<Change> change_of(const Request& request, Parameters& parameters) {
    ANNALS_TRY(Conditions conditions, conditions_of(request));
    ANNALS_TRY(const auto text, parameters.text("expected"));
    Change change;
    change.idempotency_key = std::move(conditions.idempotency_key);
    if (conditions.expected) {
        if (text)
            return bad_parameter("expected", *text, "left out beside If-Match or If-None-Match");
        change.expected = *conditions.expected;
        change.is_of_header = true;
        change.is_said = true;
    } else if (text) {
        const auto expected = json_events::parse_expected(*text);
        if (!expected) {
            return bad_parameter(
                "expected", *text, "any, no_stream, exists, deleted or a revision"
            );
        }
        change.expected = *expected;
        change.is_said = true;
    }
    return change;
}

/// What is said in content would be lost: these take none.
Status check_no_content(const Request& request) {
    if (request.body.empty()) return ok();
    return bad_parameter("body", request.body, "empty: what is meant stands in the query");
}

Response answer(
    const StoreCall& call, const Change& change, const Result<api::LifeResponse>& outcome
) {
    if (!outcome) {
        const bool is_condition = change.is_of_header &&
                                  outcome.error().code() == ErrorCode::kConflict;
        return problem(outcome.error(), call.exchange.request(), is_condition ? 412 : 0);
    }
    std::string body;
    json_events::append_answer(body, *outcome);
    body.push_back('\n');
    Response response = json_response(200, std::move(body));
    response.headers.push_back({"Position", outcome->position});
    if (outcome->is_replay) response.headers.push_back({"Idempotency-Replayed", "true"});
    return response;
}

enum class Subject : std::uint8_t { kStream, kCategory };

api::MetadataTarget target_of(Subject subject, const StoreCall& call) {
    api::MetadataTarget target;
    (subject == Subject::kStream ? target.stream : target.category) = *call.parameters;
    return target;
}

auto get_metadata(Subject subject) {
    return [subject](api::EventStore& store, const StoreCall& call) -> Result<Response> {
        ANNALS_TRY(Parameters parameters, Parameters::parse(call.exchange.request().query));
        ANNALS_CHECK(parameters.end());
        ANNALS_TRY(
            const api::StreamMetadataInfo info,
            store.get_stream_metadata(context_of(call), target_of(subject, call))
        );
        std::string body;
        json_events::append_answer(body, info);
        body.push_back('\n');
        Response response = json_response(200, std::move(body));
        if (info.revision) response.headers.push_back({"ETag", etag_of(*info.revision)});
        response.headers.push_back({"Position", info.position});
        return response;
    };
}

auto put_metadata(Subject subject) {
    return [subject](api::EventStore& store, const StoreCall& call) -> Result<Response> {
        const Request& request = call.exchange.request();
        ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
        ANNALS_TRY(const Change change, change_of(request, parameters));
        ANNALS_CHECK(parameters.end());
        api::SetMetadataRequest wanted;
        wanted.target = target_of(subject, call);
        // Errors look at the content, it stays.
        ANNALS_TRY(wanted.metadata, json_events::parse_metadata(request.body));
        wanted.expected = change.expected;
        wanted.idempotency_key = change.idempotency_key;
        const auto outcome = store.set_stream_metadata(context_of(call), wanted);
        Response response = answer(call, change, outcome);
        if (outcome) response.headers.push_back({"ETag", etag_of(outcome->metadata_revision)});
        return response;
    };
}

using DeleteCall = Result<
    api::
        LifeResponse> (api::
                           EventStore::*)(const api::CallContext&, const api::DeleteStreamRequest&);

/// The store refuses a deletion of what is not there as a check that failed, also one that expects
/// nothing: so do KurrentDB's clients hear it. Who sent no condition asked for no check.
Error nothing_to_delete(const std::string& stream) {
    return Error(
               ErrorCode::kStreamNotFound,
               "there is no stream \"" + model::shown(stream) + "\" to delete: check the name"
    )
        .with("stream", model::shown(stream));
}

auto delete_by(DeleteCall remove) {
    return [remove](api::EventStore& store, const StoreCall& call) -> Result<Response> {
        const Request& request = call.exchange.request();
        ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
        ANNALS_TRY(const Change change, change_of(request, parameters));
        ANNALS_CHECK(parameters.end());
        ANNALS_CHECK(check_no_content(request));
        const api::DeleteStreamRequest wanted{
            *call.parameters, change.expected, change.idempotency_key
        };
        const auto outcome = (store.*remove)(context_of(call), wanted);
        if (!outcome && !change.is_said && outcome.error().code() == ErrorCode::kConflict)
            return nothing_to_delete(*call.parameters);
        return answer(call, change, outcome);
    };
}

Result<Response> truncate(api::EventStore& store, const StoreCall& call) {
    const Request& request = call.exchange.request();
    ANNALS_TRY(Parameters parameters, Parameters::parse(request.query));
    ANNALS_TRY(const Change change, change_of(request, parameters));
    ANNALS_TRY(
        const auto before, parameters.number("before", std::numeric_limits<std::uint64_t>::max())
    );
    ANNALS_CHECK(parameters.end());
    ANNALS_CHECK(check_no_content(request));
    if (!before) return left_out("before", "the first revision that is still to be shown");
    const api::TruncateStreamRequest wanted{*call.parameters, Revision(*before), change.expected};
    return answer(call, change, store.truncate_stream(context_of(call), wanted));
}

}  // namespace

void add_life_routes(Router& router, Desk& desk) {
    const auto add = [&](std::string_view method, std::string_view path, auto route) {
        add_store_route(
            router,
            desk,
            method,
            path,
            [make = or_problem(route)](const StoreCall& call) {
                answer_blocking(call.desk.readers, call, make);
            }
        );
    };
    add("GET", "streams/{stream}/metadata", get_metadata(Subject::kStream));
    add("PUT", "streams/{stream}/metadata", put_metadata(Subject::kStream));
    add("GET", "categories/{category}/metadata", get_metadata(Subject::kCategory));
    add("PUT", "categories/{category}/metadata", put_metadata(Subject::kCategory));
    add("DELETE", "streams/{stream}", delete_by(&api::EventStore::delete_stream));
    add("POST", "streams/{stream}/tombstone", delete_by(&api::EventStore::tombstone_stream));
    add("POST", "streams/{stream}/truncate", truncate);
}

}  // namespace annals::http_door::detail
