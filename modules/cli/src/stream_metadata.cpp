// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/stream_metadata.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "argument.hpp"
#include "expected.hpp"
#include "json_text.hpp"
#include "program.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

struct SetOptions {
    api::MetadataTarget target;
    std::optional<std::uint64_t> max_age_s;
    std::optional<std::uint64_t> max_count;
    std::optional<std::uint64_t> truncate_before;
    std::optional<std::string> compact_by;
    std::optional<std::string> custom;
    bool is_replacing = false;
    std::string expected;
    std::string idempotency_key;
};

/// A duration, or seconds as they are, becomes seconds.
std::string to_seconds(std::string& text) {
    const bool is_number = !text.empty() &&
                           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (is_number) return {};
    const Result<std::int64_t> parsed = parse_duration_ms(text);
    if (!parsed) return std::string(parsed.error().message());
    if (*parsed % 1'000 != 0) return "'" + text + "' is no whole number of seconds";
    text = std::to_string(*parsed / 1'000);
    return {};
}

Json metadata_to_json(const model::StreamMetadata& metadata) {
    Json json = Json::object();
    if (metadata.max_age_s) json["max_age_s"] = *metadata.max_age_s;
    if (metadata.max_count) json["max_count"] = *metadata.max_count;
    if (metadata.truncate_before) json["truncate_before"] = metadata.truncate_before->value;
    if (!metadata.compact_by.empty()) json["compact_by"] = metadata.compact_by;
    if (!metadata.custom.empty()) {
        json["custom"] = parse_exact(metadata.custom).value_or(Json(metadata.custom));
    }
    return json;
}

Result<ExitCode> get(Session& session, const api::MetadataTarget& target) {
    ANNALS_TRY(api::EventStore * store, session.store());
    ANNALS_TRY(const auto info, store->get_stream_metadata(session.context(), target));
    Json json;
    if (!info.target.stream.empty()) json["stream"] = info.target.stream;
    if (!info.target.category.empty()) json["category"] = info.target.category;
    json["revision"] = info.revision ? Json(info.revision->value) : Json(nullptr);
    if (info.revision) json["recorded_time"] = time_text(info.recorded_time);
    json["metadata"] = metadata_to_json(info.metadata);
    model::StreamMetadata effective = info.effective;
    effective.custom.clear();
    json["effective"] = metadata_to_json(effective);
    if (info.is_deleted) json["is_deleted"] = true;
    json["position"] = info.position;
    session.printer().object(json);
    return ExitCode::kOk;
}

void change(const SetOptions& options, model::StreamMetadata& metadata) {
    if (options.max_age_s) metadata.max_age_s = options.max_age_s;
    if (options.max_count) metadata.max_count = options.max_count;
    if (options.truncate_before) metadata.truncate_before = Revision(*options.truncate_before);
    if (options.compact_by) metadata.compact_by = *options.compact_by;
}

Result<ExitCode> set(Session& session, const SetOptions& options) {
    api::SetMetadataRequest request;
    request.target = options.target;
    request.idempotency_key = options.idempotency_key;
    std::optional<model::ExpectedRevision> expected;
    if (!options.expected.empty()) {
        ANNALS_TRY(expected, parse_expected(options.expected));
        request.expected = expected.value_or(model::ExpectedRevision::any());
    }
    ANNALS_TRY(api::EventStore * store, session.store());
    if (!options.is_replacing) {
        // What is not named stays; on the revision that was read, unless another is expected.
        ANNALS_TRY(const auto info, store->get_stream_metadata(session.context(), options.target));
        request.metadata = info.metadata;
        if (options.expected.empty()) {
            request.expected = info.revision ? model::ExpectedRevision::exactly(*info.revision)
                                             : model::ExpectedRevision::no_stream();
        }
    }
    change(options, request.metadata);
    if (options.custom) {
        ANNALS_TRY(request.metadata.custom, read_argument(*options.custom, session.terminal()));
    }
    ANNALS_TRY(const auto response, store->set_stream_metadata(session.context(), request));
    if (session.printer().is_table()) {
        session.remark(
            "metadata are at revision " + std::to_string(response.metadata_revision.value)
        );
        return ExitCode::kOk;
    }
    session.printer().object(life_to_json(response));
    return ExitCode::kOk;
}

void declare_target(CLI::App& command, api::MetadataTarget& target) {
    auto* stream = command.add_option("stream", target.stream, "the stream");
    auto* category = command.add_option(
        "--category", target.category, "the defaults of all streams of this category instead"
    );
    category->excludes(stream);
}

}  // namespace

Json life_to_json(const api::LifeResponse& response) {
    Json json;
    json["metadata_revision"] = response.metadata_revision.value;
    json["at"] = response.at.value;
    json["position"] = response.position;
    json["recorded_time"] = time_text(response.recorded_time);
    if (response.is_replay) json["is_replay"] = true;
    if (!response.is_durable) json["is_durable"] = false;
    return json;
}

void add_stream_metadata(Program& program, CLI::App& stream_group) {
    CLI::App& group = *stream_group.add_subcommand(
        "metadata", "how much of a stream is shown, and free keys"
    );
    group.require_subcommand(1);

    CLI::App& getting = program.command(
        group, "get", "tell what was said about a stream", "annals stream metadata get order-1001"
    );
    auto target = std::make_shared<api::MetadataTarget>();
    declare_target(getting, *target);
    program.on(getting, [target](Session& session) { return get(session, *target); });

    CLI::App& setting = program.command(
        group,
        "set",
        "say something about a stream; what is not named stays",
        "annals stream metadata set order-1001 --max-count 100 --max-age 86400"
    );
    auto options = std::make_shared<SetOptions>();
    declare_target(setting, options->target);
    setting
        .add_option("--max-age", options->max_age_s, "older events are not shown: seconds, or 720h")
        ->transform(CLI::Validator(to_seconds, "DURATION", "seconds"));
    setting.add_option("--max-count", options->max_count, "only so many of the newest are shown");
    setting.add_option(
        "--truncate-before", options->truncate_before, "events below this revision are not shown"
    );
    setting.add_option(
        "--compact-by",
        options->compact_by,
        "key of a tag: of events with the same tag only the last is kept"
    );
    setting.add_option(
        "--custom", options->custom, "free keys: a JSON object, @file, or - for the standard input"
    );
    setting.add_flag("--replace", options->is_replacing, "forget what is not named");
    setting.add_option(
        "--expect",
        options->expected,
        "of the metadata: any, none, exists or a revision; by default what was read"
    );
    setting.add_option("--idempotency-key", options->idempotency_key, "makes repeating harmless");
    program.on(setting, [options](Session& session) { return set(session, *options); });
}

}  // namespace annals::cli
