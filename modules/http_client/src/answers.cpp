// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "answers.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/json_events/expected_text.hpp"
#include "annals/json_events/sent_names.hpp"
#include "annals/json_events/time_text.hpp"
#include "annals/model/append.hpp"

#include "json_answer.hpp"

namespace annals::http_client {
namespace {

using nlohmann::json;

model::ExpectedRevision expected_of(const json& value) {
    if (value.is_number()) {
        return model::ExpectedRevision::exactly(Revision(value.get<std::uint64_t>()));
    }
    const auto word = json_events::parse_expected_word(value.get<std::string>());
    return word.value_or(model::ExpectedRevision::any());
}

model::FailedCheck failed_check_of(const json& object) {
    model::FailedCheck check;
    check.check_index = object.at("check_index").get<std::uint32_t>();
    if (object.contains("matching_position")) {
        check.kind = model::FailedCheck::Kind::kQuery;
        check.matching_position = number_in<Position>(object, "matching_position");
        return check;
    }
    check.stream = object.at("stream").get<std::string>();
    check.expected = expected_of(object.at("expected"));
    if (object.contains("current_revision"))
        check.current_revision = number_in<Revision>(object, "current_revision");
    check.is_deleted = object.value("is_deleted", false);
    return check;
}

Error error_in(const json& problem) {
    const auto code = error_code_from_name(problem.at("code").get<std::string>());
    Error error(code.value_or(ErrorCode::kInternal), problem.at("detail").get<std::string>());
    if (problem.contains("fields")) {
        for (const auto& [name, value] : problem.at("fields").items()) {
            error = std::move(error).with(name, value.get<std::string>());
        }
    }
    if (problem.contains("failed_checks")) {
        std::vector<model::FailedCheck> failed;
        for (const json& check : problem.at("failed_checks")) {
            failed.push_back(failed_check_of(check));
        }
        error = std::move(error).with_details(
            std::make_shared<model::ConflictDetails>(std::move(failed))
        );
    }
    return error;
}

bool has(const HttpRequest& request, const json_events::SentName& sent) {
    switch (sent.place) {
        case json_events::SentPlace::kQuery: {
            const std::string parameter = std::string(sent.name) + "=";
            return request.target.find("?" + parameter) != std::string::npos ||
                   request.target.find("&" + parameter) != std::string::npos;
        }
        case json_events::SentPlace::kHeader:
            return std::any_of(
                request.headers.begin(),
                request.headers.end(),
                [&](const auto& header) { return header.first == sent.name; }
            );
        case json_events::SentPlace::kContent:
            break;
    }
    return json_events::has_member(request.body, sent.name);
}

api::NamespaceInfo namespace_in(const json& object) {
    api::NamespaceInfo info;
    info.name = object.at("name").get<std::string>();
    info.created_time = time_in(object, "created_time");
    info.last_position = number_in<Position>(object, "last_position");
    return info;
}

}  // namespace

Error error_of(const HttpAnswer& answer) {
    auto error = read_object(answer.body, [](const json& problem) {
        return std::make_optional(error_in(problem));
    });
    if (error) return **error;
    const bool is_passing = answer.status == 503 || answer.status == 429;
    return Error(
        is_passing ? ErrorCode::kUnavailable : ErrorCode::kInternal,
        "the server answered " + std::to_string(answer.status) + " without a reason"
    );
}

Error error_of(const HttpAnswer& answer, const HttpRequest& request) {
    Error error = error_of(answer);
    const std::string_view field = error.field("field");
    if (field.empty()) return error;
    const auto sent = std::find_if(
        json_events::kSentNames.begin(),
        json_events::kSentNames.end(),
        [&](const json_events::SentName& one) { return one.name == field && has(request, one); }
    );
    if (sent == json_events::kSentNames.end()) return error;
    Error asked(error.code(), std::string(error.message()));
    for (const ErrorField& one : error.fields()) {
        asked = std::move(asked).with(one.name, one.name == "field" ? sent->field : one.value);
    }
    return asked;
}

Result<api::AppendResponse> append_response_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        api::AppendResponse response;
        response.first_position = number_in<Position>(object, "first_position");
        response.last_position = number_in<Position>(object, "last_position");
        response.position = object.at("position").get<std::string>();
        response.recorded_time = time_in(object, "recorded_time");
        for (const json& stream : object.at("streams")) {
            response.streams.push_back(
                {stream.at("stream").get<std::string>(),
                 number_in<Revision>(stream, "first_revision"),
                 number_in<Revision>(stream, "last_revision")}
            );
        }
        response.is_replay = object.at("is_replay").get<bool>();
        response.is_durable = object.at("is_durable").get<bool>();
        return response;
    });
}

Result<api::StreamList> stream_list_of(const std::string& body, const char* name) {
    return read_object(body, [&](const json& object) {
        api::StreamList list;
        for (const json& stream : object.at(name)) {
            list.streams.push_back(
                {stream.at("name").get<std::string>(),
                 stream.at("events").get<std::uint64_t>(),
                 number_in<Position>(stream, "last_position"),
                 time_in(stream, "last_time")}
            );
        }
        list.position = object.at("position").get<std::string>();
        return list;
    });
}

Result<api::CategoryList> category_list_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        api::CategoryList list;
        for (const json& category : object.at("categories")) {
            list.categories.push_back(
                {category.at("name").get<std::string>(),
                 category.at("streams").get<std::uint64_t>(),
                 category.at("events").get<std::uint64_t>(),
                 number_in<Position>(category, "last_position"),
                 time_in(category, "last_time")}
            );
        }
        list.position = object.at("position").get<std::string>();
        return list;
    });
}

Result<api::StreamInfo> stream_info_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        api::StreamInfo info;
        info.name = object.at("name").get<std::string>();
        info.events = object.at("events").get<std::uint64_t>();
        info.first_revision = number_in<Revision>(object, "first_revision");
        info.last_revision = number_in<Revision>(object, "last_revision");
        info.last_position = number_in<Position>(object, "last_position");
        info.first_time = time_in(object, "first_time");
        info.last_time = time_in(object, "last_time");
        info.is_deleted = object.at("is_deleted").get<bool>();
        return info;
    });
}

Result<api::NamespaceInfo> namespace_info_of(const std::string& body) {
    return read_object(body, namespace_in);
}

Result<std::vector<api::NamespaceInfo>> namespace_list_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        std::vector<api::NamespaceInfo> list;
        for (const json& one : object.at("namespaces")) list.push_back(namespace_in(one));
        return list;
    });
}

Result<api::LifeResponse> life_response_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        api::LifeResponse response;
        response.metadata_revision = number_in<Revision>(object, "metadata_revision");
        response.at = number_in<Position>(object, "at");
        response.position = object.at("position").get<std::string>();
        response.recorded_time = time_in(object, "recorded_time");
        response.is_replay = object.at("is_replay").get<bool>();
        response.is_durable = object.at("is_durable").get<bool>();
        return response;
    });
}

Result<std::vector<api::SnapshotSummary>> snapshot_list_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        std::vector<api::SnapshotSummary> list;
        for (const json& one : object.at("snapshots")) {
            list.push_back(
                {{one.at("stream").get<std::string>(),
                  one.at("reducer").get<std::string>(),
                  one.at("schema_version").get<std::uint32_t>(),
                  one.at("reducer_version").get<std::uint32_t>()},
                 number_in<Revision>(one, "revision"),
                 one.at("bytes").get<std::uint64_t>(),
                 time_in(one, "stored_time")}
            );
        }
        return list;
    });
}

Result<api::Snapshot> snapshot_of(const api::SnapshotKey& key, HttpAnswer answer) {
    const auto at = json_events::parse_expected(answer.header("Snapshot-Revision"));
    const auto time = json_events::parse_time(answer.header("Snapshot-Time"), "Snapshot-Time");
    if (!at || at->kind != model::ExpectedKind::kExactly || !time) {
        return Error(
                   ErrorCode::kInternal,
                   "the server's answer is not understood: Snapshot-Revision or Snapshot-Time is "
                   "not as it should be"
        )
            .with("reason", "header fields");
    }
    return api::Snapshot{
        key, at->revision, answer.header("Content-Type"), std::move(answer.body), time->at
    };
}

Result<std::uint64_t> deleted_count_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        return object.at("deleted").get<std::uint64_t>();
    });
}

Result<api::ServerInfo> server_info_of(const std::string& body) {
    return read_object(body, [](const json& object) {
        api::ServerInfo info;
        info.version = object.at("version").get<std::string>();
        info.log_id = object.at("log_id").get<std::string>();
        info.incarnation = object.at("incarnation").get<std::uint32_t>();
        info.last_position = number_in<Position>(object, "last_position");
        info.position = object.at("position").get<std::string>();
        info.durability = object.at("durability").get<std::string>();
        info.is_read_only = object.at("is_read_only").get<bool>();
        info.read_only_reason = object.value("read_only_reason", "");
        info.started_time = time_in(object, "started_time");
        info.log_bytes = object.at("log_bytes").get<std::uint64_t>();
        info.index_position = number_in<Position>(object, "index_position");
        return info;
    });
}

}  // namespace annals::http_client
