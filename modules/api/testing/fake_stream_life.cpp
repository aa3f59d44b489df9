// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
// The life of a stream, as the fake store keeps it.
#include <utility>

#include "fake_log.hpp"

namespace annals::api::testing {

Result<StreamMetadataInfo> FakeEventStore::get_stream_metadata(
    const CallContext& context, const MetadataTarget& target
) {
    const std::lock_guard lock(mutex_);
    ANNALS_TRY(Log * log, log_of(context));
    const std::string subject = target.category.empty()
                                    ? target.stream
                                    : model::category_stream_of(target.category);
    ANNALS_CHECK(log->check_alive(subject));
    const Said said = log->said_of(subject);
    StreamMetadataInfo info;
    info.target = target;
    info.metadata = said.metadata;
    info.effective = log->effective(subject);
    if (said.hidden > 0) {
        info.effective.truncate_before = std::max(
            info.effective.truncate_before.value_or(Revision(0)), Revision(said.hidden)
        );
    }
    info.revision = said.revision;
    if (said.revision) info.recorded_time = TimeNs(1);
    info.is_deleted = said.is_deleted;
    info.position = token_of(log->name, log->end());
    return info;
}

template <typename Change>
Result<LifeResponse> FakeEventStore::change_life(
    const CallContext& context,
    const std::string& stream,
    const model::ExpectedRevision& expected,
    const Change& change
) {
    const std::lock_guard lock(mutex_);
    note(context);
    ANNALS_TRY(Log * log, log_of(context));
    ANNALS_CHECK(model::check_stream_name(stream));
    ANNALS_CHECK(log->check_alive(stream));
    if (auto failed = log->failed(stream, expected)) return model::make_conflict({*failed});
    Said changed = log->said_of(stream);
    ANNALS_CHECK(change(*log, changed));
    changed.revision = changed.revision ? changed.revision->next() : Revision(0);
    LifeResponse response;
    response.metadata_revision = *changed.revision;
    response.at = log->end();
    response.position = token_of(log->name, log->end());
    response.recorded_time = TimeNs(1);
    log->said.insert_or_assign(stream, std::move(changed));
    return response;
}

Result<LifeResponse> FakeEventStore::set_stream_metadata(
    const CallContext& context, const SetMetadataRequest& request
) {
    ANNALS_CHECK(model::check_stream_metadata(request.metadata));
    const std::string subject = request.target.category.empty()
                                    ? request.target.stream
                                    : model::category_stream_of(request.target.category);
    return change_life(context, subject, {}, [&](const Log&, Said& said) -> Status {
        // The expectation is of the metadata, whose revisions are counted here.
        using Kind = model::ExpectedKind;
        const Kind kind = request.expected.kind;
        const bool is_met = kind == Kind::kAny || (kind == Kind::kNoStream && !said.revision) ||
                            (kind == Kind::kExists && said.revision) ||
                            (kind == Kind::kExactly && said.revision == request.expected.revision);
        if (!is_met) {
            model::FailedCheck check;
            check.stream = model::metadata_stream_of(subject);
            check.expected = request.expected;
            check.current_revision = said.revision;
            return model::make_conflict({check});
        }
        said.metadata = request.metadata;
        said.is_deleted = false;
        return ok();
    });
}

Result<LifeResponse> FakeEventStore::delete_stream(
    const CallContext& context, const DeleteStreamRequest& request
) {
    const auto change = [&](const Log& log, Said& said) -> Status {
        if (log.count(request.stream) == 0) {
            model::FailedCheck check;
            check.stream = request.stream;
            check.expected = request.expected;
            return model::make_conflict({check});
        }
        said.metadata = {};
        said.hidden = log.count(request.stream);
        said.is_deleted = true;
        return ok();
    };
    return change_life(context, request.stream, request.expected, change);
}

Result<LifeResponse> FakeEventStore::tombstone_stream(
    const CallContext& context, const DeleteStreamRequest& request
) {
    return change_life(
        context,
        request.stream,
        request.expected,
        [](const Log&, Said& said) -> Status {
            said.is_tombstoned = true;
            return ok();
        }
    );
}

Result<LifeResponse> FakeEventStore::truncate_stream(
    const CallContext& context, const TruncateStreamRequest& request
) {
    const auto change = [&](const Log& log, Said& said) -> Status {
        ANNALS_CHECK(log.check_found(request.stream));
        if (log.count(request.stream) == 0) {
            return Error(ErrorCode::kStreamNotFound, "there is no such stream")
                .with("stream", request.stream);
        }
        if (request.before.value > log.count(request.stream)) {
            return Error(ErrorCode::kInvalidArgument, "beyond the end").with("field", "before");
        }
        said.metadata.truncate_before = request.before;
        return ok();
    };
    return change_life(context, request.stream, request.expected, change);
}

}  // namespace annals::api::testing
