// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/stream_changes.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"
#include "annals/model/stream_life.hpp"
#include "annals/model/stream_metadata.hpp"
#include "annals/model/token.hpp"
#include "annals/streams/requests.hpp"

namespace annals::streams {
namespace {

using model::refused;

/// How often a truncation is tried when others change the same metadata.
constexpr int kTriesMax = 32;

Status check_subject(
    const api::CallContext& context, std::string_view stream, std::string_view field
) {
    if (!context.is_server) return model::check_user_stream_name(stream, field);
    ANNALS_CHECK(model::check_stream_name(stream, field));
    if (!stream.starts_with("$$")) return ok();
    return refused(field, stream, "a metadata stream has no metadata: name its stream");
}

Status check_key(std::string_view key) {
    if (key.size() <= model::Limits::kIdempotencyKeyBytesMax) return ok();
    const std::string limit = std::to_string(model::Limits::kIdempotencyKeyBytesMax);
    return Error(
               ErrorCode::kLimitExceeded,
               "idempotency_key has " + std::to_string(key.size()) + " bytes, at most " + limit +
                   " are taken"
    )
        .with("field", "idempotency_key")
        .with("value", std::to_string(key.size()))
        .with("limit", limit);
}

struct Change {
    std::string_view subject;
    model::LifeChange change = model::LifeChange::kMetadata;
    std::string data = "{}";
    std::vector<model::Check> checks = {};
    std::string_view idempotency_key = {};
};

Result<api::LifeResponse> submit(
    commit::Orderer& orderer, const api::CallContext& context, const Change& change
) {
    const std::string stream = model::metadata_stream_of(change.subject);
    const std::string tag = model::deletion_tag_of(change.subject);
    model::AppendRequest request;
    request.stream = stream;
    request.idempotency_key = change.idempotency_key;
    request.checks = change.checks;
    model::NewEvent& event = request.events.emplace_back();
    event.stream = stream;
    event.type = model::type_of(change.change);
    event.data = change.data;
    if (change.change == model::LifeChange::kDelete) event.tags.push_back(tag);

    using Answer = Result<model::AppendResult>;
    // Joins the orderer's thread, which may be inside set_value still, with this one.
    const auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = promise->get_future();
    const commit::SubmitContext submitter{
        context.principal, context.traceparent, context.tracestate
    };
    orderer.submit(submitter, request, [promise](Answer result) {
        promise->set_value(std::move(result));
    });
    ANNALS_TRY(const model::AppendResult result, answer.get());
    api::LifeResponse response;
    response.metadata_revision = result.streams.front().last;
    response.at = result.last_position;
    response.position = model::format_token(
        model::make_token(orderer.log().identity(), result.last_position, result.chain_bits)
    );
    response.recorded_time = result.recorded_time;
    response.is_replay = result.is_replay;
    response.is_durable = result.is_durable;
    return response;
}

Result<api::LifeResponse> end_stream(
    commit::Orderer& orderer,
    const api::CallContext& context,
    const api::DeleteStreamRequest& request,
    model::LifeChange how
) {
    ANNALS_CHECK(check_subject(context, request.stream, "stream"));
    ANNALS_CHECK(check_key(request.idempotency_key));
    Change change{.subject = request.stream, .change = how};
    change.checks = {model::StreamCheck{request.stream, request.expected}};
    change.idempotency_key = request.idempotency_key;
    return submit(orderer, context, change);
}

/// Whether nothing but the metadata had changed.
bool is_race(const Error& error, std::string_view metadata_stream) {
    const auto* conflict = error.details<model::ConflictDetails>();
    if (error.code() != ErrorCode::kConflict || conflict == nullptr) return false;
    return std::all_of(
        conflict->failed_checks.begin(),
        conflict->failed_checks.end(),
        [&](const model::FailedCheck& check) { return check.stream == metadata_stream; }
    );
}

model::ExpectedRevision at_revision(const std::optional<Revision>& revision) {
    return revision ? model::ExpectedRevision::exactly(*revision)
                    : model::ExpectedRevision::no_stream();
}

}  // namespace

Result<std::string> subject_of_target(
    const api::CallContext& context, const api::MetadataTarget& target
) {
    if (target.stream.empty() == target.category.empty()) {
        return refused(
            "stream", target.stream, "name either a stream or a category whose metadata are meant"
        );
    }
    if (!target.stream.empty()) {
        ANNALS_CHECK(check_subject(context, target.stream, "stream"));
        return target.stream;
    }
    ANNALS_CHECK(model::check_user_stream_name(target.category, "category"));
    if (target.category.find('-') != std::string::npos) {
        return refused("category", target.category, "a category has no `-`: it ends there");
    }
    return model::category_stream_of(target.category);
}

Result<api::LifeResponse> StreamChanges::set_metadata(
    const api::CallContext& context, const api::SetMetadataRequest& request
) {
    ANNALS_TRY(const std::string subject, subject_of_target(context, request.target));
    ANNALS_CHECK(check_key(request.idempotency_key));
    ANNALS_CHECK(model::check_stream_metadata(request.metadata));
    if (!request.target.category.empty() && request.metadata.truncate_before) {
        return refused(
            "metadata.truncate_before",
            std::to_string(request.metadata.truncate_before->value),
            "revisions are each stream's own: set it on streams"
        );
    }
    const std::string metadata_stream = model::metadata_stream_of(subject);
    Change change{.subject = subject};
    change.data = model::format_stream_metadata(request.metadata);
    change.checks = {model::StreamCheck{metadata_stream, request.expected}};
    change.idempotency_key = request.idempotency_key;
    return submit(orderer_, context, change);
}

Result<api::LifeResponse> StreamChanges::remove(
    const api::CallContext& context, const api::DeleteStreamRequest& request
) {
    return end_stream(orderer_, context, request, model::LifeChange::kDelete);
}

Result<api::LifeResponse> StreamChanges::tombstone(
    const api::CallContext& context, const api::DeleteStreamRequest& request
) {
    return end_stream(orderer_, context, request, model::LifeChange::kTombstone);
}

Result<api::LifeResponse> StreamChanges::truncate(
    const api::CallContext& context, const api::TruncateStreamRequest& request
) {
    ANNALS_CHECK(check_subject(context, request.stream, "stream"));
    const std::string metadata_stream = model::metadata_stream_of(request.stream);
    for (int tries = 1;; ++tries) {
        ANNALS_TRY(const api::StreamInfo stream, reader_.get_stream(request.stream));
        if (stream.is_deleted) return stream_is_deleted(request.stream);
        if (request.before.value > stream.last_revision.value + 1) {
            return refused(
                "before",
                std::to_string(request.before.value),
                "the stream's last revision is " + std::to_string(stream.last_revision.value) +
                    ": at most one more hides everything"
            );
        }
        ANNALS_TRY(
            api::StreamMetadataInfo said, reader_.get_metadata({request.stream, std::string()})
        );
        said.metadata.truncate_before = request.before;
        Change change{.subject = request.stream};
        change.data = model::format_stream_metadata(said.metadata);
        change.checks = {
            model::StreamCheck{request.stream, request.expected},
            model::StreamCheck{metadata_stream, at_revision(said.revision)}
        };
        Result<api::LifeResponse> response = submit(orderer_, context, change);
        if (response || tries == kTriesMax || !is_race(response.error(), metadata_stream)) {
            return response;
        }
    }
}

}  // namespace annals::streams
