// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "append_routes.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "annals/json_events/answer_json.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/json_events/parsed_append.hpp"
#include "annals/json_events/sent_names.hpp"
#include "annals/model/limits.hpp"

#include "conditions.hpp"
#include "parameters.hpp"
#include "sent_names.hpp"
#include "store_routes.hpp"

namespace annals::http_door::detail {
namespace {

using json_events::AppendFormat;
using json_events::ParsedAppend;

/// Larger ones are parsed by a worker: a lane's thread must not be held for milliseconds.
constexpr std::size_t kParsedAtOnceBytes = 64u << 10u;

bool is_prefix_without_case(std::string_view text, std::string_view prefix) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return text.size() > prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [&](char a, char b) {
               return a == lower(b);
           });
}

/// The attributes in the header fields `ce-…`.
Result<std::vector<json_events::CloudAttribute>> cloud_attributes(const Request& request) {
    std::vector<json_events::CloudAttribute> attributes;
    std::string broken;
    std::string value_of_broken;
    request.fields->for_each([&](std::string_view name, std::string_view value) {
        if (!is_prefix_without_case(name, "ce-")) return;
        std::string attribute(name.substr(3));
        for (char& c : attribute) {
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        }
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.substr(1, value.size() - 2);
        std::optional<std::string> decoded = percent_decoded(value);
        if (!decoded) {
            broken = name;
            value_of_broken = value;
            return;
        }
        attributes.push_back({std::move(attribute), std::move(*decoded)});
    });
    if (!broken.empty()) {
        return bad_parameter(
            broken, value_of_broken, "percent-encoded: % and two hex digits, not zero"
        );
    }
    return attributes;
}

std::string_view media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.ends_with(' ')) type.remove_suffix(1);
    return type;
}

Response unsupported_type(const Request& request, std::string_view type) {
    Response response = problem(
        415,
        "events do not come as " + std::string(type.substr(0, 64)) +
            ": say Content-Type: application/json, application/cloudevents+json or "
            "application/cloudevents-batch+json, or send ce-… header fields",
        request
    );
    response.headers.push_back(
        {"Accept-Post",
         "application/json, application/cloudevents+json, application/cloudevents-batch+json"}
    );
    return response;
}

/// What came, as an append; nothing when its media type is none of ours.
std::optional<Result<ParsedAppend>> parse(Request& request, const std::string& stream) {
    const std::string_view content_type = request.header("Content-Type");
    if (!request.header("ce-specversion").empty()) {
        auto attributes = cloud_attributes(request);
        if (!attributes) return Result<ParsedAppend>(std::move(attributes).take_error());
        return ParsedAppend::parse_binary(
            std::move(request.body), std::string(content_type), *attributes, stream
        );
    }
    const std::string_view type = media_type(content_type);
    AppendFormat format = AppendFormat::kPlain;
    if (type == "application/cloudevents+json") {
        format = AppendFormat::kCloudEvent;
    } else if (type == "application/cloudevents-batch+json") {
        format = AppendFormat::kCloudBatch;
    } else if (!type.empty() && type != "application/json") {
        return std::nullopt;
    }
    return ParsedAppend::parse(std::move(request.body), format, stream);
}

/// An append under way: the store's answer comes on its thread and goes back to the door's.
class AppendCall final : public runtime::Task {
  public:
    AppendCall(const StoreCall& call, StoreLease lease)
        : desk_(call.desk),
          exchange_(call.exchange),
          base_(base_path(call)),
          lease_(std::move(lease)) {}

    /// Parses and appends; then the call is the store's, and after its answer nobody's.
    static void run(std::unique_ptr<AppendCall> call, const StoreCall& where, bool has_stream);

  private:
    void run() override {
        const std::unique_ptr<AppendCall> self(this);
        lease_ = {};
        exchange_.answer(*outcome_ ? accepted(**outcome_) : refused(outcome_->error()));
    }

    [[nodiscard]] Response refused(const Error& error) const {
        const auto* conflict = error.details<model::ConflictDetails>();
        const bool is_condition = conflict != nullptr && condition_index_ &&
                                  std::any_of(
                                      conflict->failed_checks.begin(),
                                      conflict->failed_checks.end(),
                                      [&](const model::FailedCheck& check) {
                                          return check.kind == model::FailedCheck::Kind::kStream &&
                                                 check.check_index == *condition_index_;
                                      }
                                  );
        const std::string_view field = error.field("field");
        const std::string name = json_events::event_field_as_sent(
            field, sent_events_, is_stream_named_
        );
        if (conflict == nullptr && name != field) {
            return problem_of_content(renamed(error, name), exchange_.request());
        }
        return problem(error, exchange_.request(), is_condition ? 412 : 0);
    }

    [[nodiscard]] Response accepted(const api::AppendResponse& response) const {
        std::string body;
        json_events::append_answer(body, response);
        body.push_back('\n');
        Response out = json_response(201, std::move(body));
        constexpr std::size_t kHeaders = 4;
        out.headers.reserve(kHeaders);
        out.headers.push_back({"Location", location(response)});
        out.headers.push_back({"Position", response.position});
        if (response.streams.size() == 1) {
            out.headers.push_back({"ETag", etag_of(response.streams.front().last)});
        }
        if (response.is_replay) out.headers.push_back({"Idempotency-Replayed", "true"});
        return out;
    }

    [[nodiscard]] std::string location(const api::AppendResponse& response) const {
        constexpr std::size_t kUsualBytes = 96;
        std::string text;
        text.reserve(kUsualBytes);
        text += base_;
        std::uint64_t first = response.first_position.value;
        std::uint64_t count = response.last_position.value - first + 1;
        if (response.streams.size() == 1) {
            const model::StreamRevisions& stream = response.streams.front();
            text += "/streams/";
            json_events::append_percent_encoded(text, stream.stream);
            first = stream.first.value;
            count = stream.last.value - first + 1;
        } else {
            text += "/events";
        }
        count = std::min<std::uint64_t>(count, model::Limits::kReadEventsMax);
        text += "?from=";
        text += std::to_string(first);
        text += "&limit=";
        text += std::to_string(count);
        return text;
    }

    Desk& desk_;
    Exchange& exchange_;
    const std::string base_;
    StoreLease lease_;
    std::optional<std::uint32_t> condition_index_;
    json_events::SentEvents sent_events_ = json_events::SentEvents::kMember;
    bool is_stream_named_ = false;
    std::optional<Result<api::AppendResponse>> outcome_;
};

void AppendCall::run(std::unique_ptr<AppendCall> call, const StoreCall& where, bool has_stream) {
    Request& request = where.exchange.request();
    const std::string stream = has_stream ? *where.parameters : std::string();
    const auto fail = [&](const Error& error) {
        call.reset();
        where.exchange.fail(error);
    };
    if (!request.query.empty()) {
        const Result<Parameters> parameters = Parameters::parse(request.query);
        const Status checked = parameters ? parameters->end() : Status(parameters.error());
        if (!checked) return fail(checked.error());
    }
    Result<Conditions> conditions = conditions_of(request);
    if (!conditions) return fail(conditions.error());
    if (conditions->expected && !has_stream) {
        const bool is_match = !request.header("If-Match").empty();
        return fail(no_precondition(
            request,
            is_match ? "If-Match" : "If-None-Match",
            "an append over several streams says it in checks"
        ));
    }
    std::optional<Result<ParsedAppend>> parsed = parse(request, stream);
    if (!parsed) {
        call.reset();
        where.exchange.answer(unsupported_type(request, media_type(request.header("Content-Type")))
        );
        return;
    }
    if (!*parsed) {
        call.reset();
        where.exchange.answer(problem_of_content(parsed->error(), request));
        return;
    }
    call->sent_events_ = (*parsed)->sent_events();
    call->is_stream_named_ = has_stream;
    model::AppendRequest& append = (*parsed)->request();
    if (conditions->expected) {
        call->condition_index_ = static_cast<std::uint32_t>(append.checks.size());
        append.checks.emplace_back(model::StreamCheck{stream, *conditions->expected});
    }
    append.idempotency_key = conditions->idempotency_key;
    // The answer may come, and the request go, before append() returns.
    const std::string name_space(where.name_space);
    api::CallContext context = context_of(where);
    const std::string traceparent(context.traceparent);
    const std::string tracestate(context.tracestate);
    context.name_space = name_space;
    context.traceparent = traceparent;
    context.tracestate = tracestate;
    AppendCall* running = call.release();
    running->lease_->append(context, append, [running](Result<api::AppendResponse> outcome) {
        running->outcome_.emplace(std::move(outcome));
        running->desk_.mailbox.post(*running);
    });
}

void append_route(const StoreCall& where, bool has_stream) {
    Result<StoreLease> lease = where.desk.gate.enter();
    if (!lease) {
        where.exchange.fail(lease.error());
        return;
    }
    auto call = std::make_unique<AppendCall>(where, std::move(*lease));
    if (where.exchange.request().body.size() <= kParsedAtOnceBytes) {
        AppendCall::run(std::move(call), where, has_stream);
        return;
    }
    // std::function wants to copy what it holds.
    auto shared = std::make_shared<std::unique_ptr<AppendCall>>(std::move(call));
    const bool is_taken = where.desk.readers.post([shared, where, has_stream] {
        AppendCall::run(std::move(*shared), where, has_stream);
    });
    if (is_taken) return;
    shared->reset();
    where.exchange.fail(Desk::workers_busy());
}

}  // namespace

void add_append_routes(Router& router, Desk& desk) {
    add_store_route(router, desk, "POST", "streams/{stream}", [](const StoreCall& call) {
        append_route(call, true);
    });
    add_store_route(router, desk, "POST", "append", [](const StoreCall& call) {
        append_route(call, false);
    });
}

}  // namespace annals::http_door::detail
