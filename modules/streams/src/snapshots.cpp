// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/snapshots.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <tuple>

#include "annals/codec/text.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"
#include "annals/streams/requests.hpp"
#include "annals/streams/snapshot_fold.hpp"

namespace annals::streams {
namespace {

using model::refused;

/// Events of a page where the newest will do, and where all are wanted.
constexpr std::uint32_t kFewEvents = 4;
constexpr std::uint32_t kManyEvents = 100;

Status check_key(const api::SnapshotKey& key) {
    ANNALS_CHECK(model::check_stream_name(key.stream));
    return model::check_type_name(key.reducer, "reducer");
}

}  // namespace

Result<Revision> Snapshots::check_stream(std::string_view stream) {
    ANNALS_TRY(const api::StreamInfo info, parts_.reader.get_stream(stream));
    if (info.is_deleted) return stream_is_deleted(stream);
    return info.last_revision;
}

template <typename Visit>
Result<std::optional<Revision>> Snapshots::visit(
    std::string_view stream, std::uint32_t page_events, const Visit& visit
) {
    ANNALS_TRY(const auto life, lives_.own(stream, parts_.events.visible_end().get()));
    const std::uint64_t hidden = life ? life->hidden : 0;
    SnapshotFold fold(hidden);
    StreamReader reader(parts_.system);
    api::ReadRequest request;
    request.stream = snapshot_stream_of(stream);
    request.direction = api::Direction::kBackwards;
    request.limit = page_events;
    std::optional<Revision> last;
    for (std::size_t looked_at = 0; looked_at < SnapshotFold::kLookedAtMax;) {
        Result<api::ReadPage> page = reader.read({}, request);
        if (!page && page.error().code() == ErrorCode::kStreamNotFound) return last;
        if (!page) return std::move(page).take_error();
        last = page->last_revision;
        ANNALS_TRY(const std::vector<model::RecordedEvent> events, page->events.decode());
        for (const model::RecordedEvent& event : events) {
            if (++looked_at > SnapshotFold::kLookedAtMax) return last;
            if (fold.take(event) != SnapshotFold::Verdict::kShown) continue;
            if (!visit(parse_snapshot(stream, event))) return last;
        }
        if (page->is_end) return last;
        request.start = api::AfterToken{page->next};
    }
    return last;
}

Status Snapshots::append(const api::CallContext& context, const model::AppendRequest& request) {
    using Answer = Result<model::AppendResult>;
    // Joins the orderer's thread, which may be inside set_value still, with this one.
    const auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> answer = promise->get_future();
    const commit::SubmitContext submitter{
        context.principal, context.traceparent, context.tracestate
    };
    parts_.system.submit(submitter, request, [promise](Answer result) {
        promise->set_value(std::move(result));
    });
    Answer result = answer.get();
    return result ? ok() : Status(std::move(result).take_error());
}

Status Snapshots::store(const api::CallContext& context, const api::Snapshot& snapshot) {
    ANNALS_CHECK(check_key(snapshot.key));
    if (snapshot.data.size() > api::kSnapshotBytesMax) {
        const std::string limit = std::to_string(api::kSnapshotBytesMax);
        return Error(
                   ErrorCode::kLimitExceeded,
                   "data has " + std::to_string(snapshot.data.size()) + " bytes, at most " + limit +
                       " are taken"
        )
            .with("field", "data")
            .with("value", std::to_string(snapshot.data.size()))
            .with("limit", limit);
    }
    if (snapshot.content_type.size() > model::Limits::kContentTypeBytesMax ||
        !codec::is_printable_ascii(snapshot.content_type)) {
        return refused(
            "content_type",
            snapshot.content_type,
            "it must be at most " + std::to_string(model::Limits::kContentTypeBytesMax) +
                " printable ASCII characters"
        );
    }
    ANNALS_TRY(const Revision last, check_stream(snapshot.key.stream));
    const std::string revision = std::to_string(snapshot.revision.value);
    if (snapshot.revision > last) {
        const std::string rule = "the stream's last revision is " + std::to_string(last.value);
        return refused("revision", revision, rule);
    }
    const std::string stream = snapshot_stream_of(snapshot.key.stream);
    const std::string schema_version = std::to_string(snapshot.key.schema_version);
    const std::string reducer_version = std::to_string(snapshot.key.reducer_version);
    model::AppendRequest request;
    request.stream = stream;
    model::NewEvent& event = request.events.emplace_back();
    event.stream = stream;
    event.type = kSnapshotStoredType;
    event.content_type = snapshot.content_type;
    event.data = snapshot.data;
    event.dialect = {
        {kSnapshotReducer, snapshot.key.reducer},
        {kSnapshotSchemaVersion, schema_version},
        {kSnapshotReducerVersion, reducer_version},
        {kSnapshotRevision, revision}
    };
    // True as of the events that were looked at: so only if no other came between.
    bool is_rising = true;
    ANNALS_TRY(
        const std::optional<Revision> last_snapshot,
        visit(
            snapshot.key.stream,
            kFewEvents,
            [&](const StoredSnapshot& before) {
                if (before.key != snapshot.key) return true;
                is_rising = before.is_rising && before.revision <= snapshot.revision;
                return false;
            }
        )
    );
    if (!is_rising) return append(context, request);
    event.dialect.push_back({kSnapshotRising, "1"});
    const auto expected = last_snapshot ? model::ExpectedRevision::exactly(*last_snapshot)
                                        : model::ExpectedRevision::no_stream();
    request.checks.emplace_back(model::StreamCheck{stream, expected});
    Status stored = append(context, request);
    if (stored || stored.error().code() != ErrorCode::kConflict) return stored;
    event.dialect.pop_back();
    request.checks.clear();
    return append(context, request);
}

Result<std::optional<api::Snapshot>> Snapshots::load(const api::LoadSnapshotRequest& request) {
    ANNALS_CHECK(check_key(request.key));
    ANNALS_CHECK(check_stream(request.key.stream));
    std::optional<api::Snapshot> best;
    ANNALS_CHECK(visit(request.key.stream, kFewEvents, [&](const StoredSnapshot& snapshot) {
        if (snapshot.key != request.key) return true;
        if (request.max_revision && snapshot.revision > *request.max_revision) return true;
        if (best && best->revision >= snapshot.revision) return !snapshot.is_rising;
        best = api::Snapshot{
            snapshot.key,
            snapshot.revision,
            std::string(snapshot.content_type),
            std::string(snapshot.data),
            snapshot.stored_time
        };
        return !snapshot.is_rising;
    }));
    return best;
}

Result<std::vector<api::SnapshotSummary>> Snapshots::list(const api::SnapshotSelection& selection) {
    ANNALS_CHECK(check_stream(selection.stream));
    std::optional<std::uint64_t> revision;
    if (selection.revision) revision = selection.revision->value;
    std::vector<api::SnapshotSummary> found;
    ANNALS_CHECK(visit(selection.stream, kManyEvents, [&](const StoredSnapshot& snapshot) {
        if (!is_selected(snapshot, selection.reducer, revision)) return true;
        found.push_back(
            {snapshot.key, snapshot.revision, snapshot.data.size(), snapshot.stored_time}
        );
        return true;
    }));
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return std::tie(a.key.reducer, a.key.schema_version, a.key.reducer_version, b.revision) <
               std::tie(b.key.reducer, b.key.schema_version, b.key.reducer_version, a.revision);
    });
    return found;
}

Result<std::uint64_t> Snapshots::remove(
    const api::CallContext& context, const api::SnapshotSelection& selection
) {
    ANNALS_TRY(const std::vector<api::SnapshotSummary> found, list(selection));
    if (found.empty()) return std::uint64_t{0};
    const std::string stream = snapshot_stream_of(selection.stream);
    const std::string revision = selection.revision ? std::to_string(selection.revision->value)
                                                    : std::string();
    model::AppendRequest request;
    request.stream = stream;
    model::NewEvent& event = request.events.emplace_back();
    event.stream = stream;
    event.type = kSnapshotDeletedType;
    event.data = "{}";
    event.dialect = {{kSnapshotReducer, selection.reducer}};
    if (!revision.empty()) event.dialect.push_back({kSnapshotRevision, revision});
    ANNALS_CHECK(append(context, request));
    return found.size();
}

}  // namespace annals::streams
