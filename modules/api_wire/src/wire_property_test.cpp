// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Our codecs against protoc's, in both directions: what we write, protobuf reads and writes again
// as the same bytes' worth; what protobuf writes, we read.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "annals/api_wire/append_wire.hpp"
#include "annals/api_wire/criteria_wire.hpp"
#include "annals/api_wire/error_wire.hpp"
#include "annals/api_wire/life_wire.hpp"
#include "annals/api_wire/read_wire.hpp"
#include "annals/api_wire/scavenge_wire.hpp"
#include "annals/api_wire/snapshot_wire.hpp"
#include "annals/api_wire/subscribe_wire.hpp"
#include "annals/v1/event_store.pb.h"

namespace annals::api_wire {
namespace {

namespace v1 = annals::v1;

std::string text(int max = 20) {
    const auto letters = *rc::gen::container<std::vector<char>>(rc::gen::inRange('a', 'z'));
    std::string made(letters.begin(), letters.end());
    if (made.size() > static_cast<std::size_t>(max)) made.resize(static_cast<std::size_t>(max));
    return made;
}
std::string bytes() { return *rc::gen::arbitrary<std::string>(); }
bool coin() { return *rc::gen::arbitrary<bool>(); }
int count(int max) { return *rc::gen::inRange(0, max + 1); }
template <typename Number>
Number number() {
    return *rc::gen::oneOf(rc::gen::arbitrary<Number>(), rc::gen::just(Number{0}));
}

void fill(v1::NewEvent& event) {
    if (coin()) event.set_stream(text());
    if (coin()) event.set_id(make_uuid_v4().view().data(), 16);
    event.set_type(text());
    if (coin()) event.set_content_type("text/plain");
    if (coin()) {
        event.set_valid_time_ns(number<std::int64_t>());
        event.set_valid_time_offset_minutes(number<std::int32_t>());
    }
    event.set_schema_id(number<std::uint32_t>());
    event.set_actor(text());
    event.set_correlation_id(text());
    event.set_causation_id(text());
    event.set_traceparent(text());
    event.set_tracestate(text());
    for (int i = count(3); i > 0; --i) event.add_tags(text() + ":" + text());
    for (int i = count(2); i > 0; --i) {
        v1::DialectField& field = *event.add_dialect();
        field.set_name("n" + text());
        field.set_value("v" + bytes());
    }
    event.set_metadata(bytes());
    event.set_data(bytes());
}

void fill(v1::ExpectedRevision& expected) {
    switch (count(4)) {
        case 0:
            expected.set_any(true);
            break;
        case 1:
            expected.set_no_stream(true);
            break;
        case 2:
            expected.set_exists(true);
            break;
        case 3:
            expected.set_deleted(true);
            break;
        default:
            expected.set_revision(number<std::uint64_t>());
            break;
    }
}

void fill(v1::Query& query) {
    for (int i = count(3); i > 0; --i) {
        v1::QueryItem& item = *query.add_items();
        for (int n = count(3); n > 0; --n) item.add_types(text());
        for (int n = count(3); n > 0; --n) item.add_tags(text());
    }
}

void fill(v1::Filter& filter) {
    for (int n = count(3); n > 0; --n) filter.add_categories(text());
    for (int n = count(3); n > 0; --n) filter.add_types(text());
    for (int n = count(3); n > 0; --n) filter.add_stream_prefixes(text());
    for (int n = count(3); n > 0; --n) filter.add_tags(text());
    filter.set_include_system(coin());
    if (coin()) filter.set_stream_pattern(text());
    if (coin()) filter.set_type_pattern(text());
    if (coin()) filter.set_recorded_since_ns(count(1'000'000));
    if (coin()) filter.set_recorded_until_ns(-count(1'000'000));
}

void fill(v1::AppendRequest& request) {
    if (coin()) request.set_namespace_(text());
    if (coin()) request.set_stream(text(300));
    for (int i = count(5); i > 0; --i) fill(*request.add_events());
    for (int i = count(4); i > 0; --i) {
        v1::Check& check = *request.add_checks();
        if (coin()) {
            check.mutable_stream()->set_stream(text());
            fill(*check.mutable_stream()->mutable_expected());
        } else {
            fill(*check.mutable_query()->mutable_query());
            check.mutable_query()->set_after(text());
        }
    }
    if (coin()) {
        v1::Tracking& tracking = *request.mutable_tracking();
        tracking.set_source(text());
        tracking.set_consumer(text());
        tracking.set_key(text());
        tracking.set_position(number<std::uint64_t>());
    }
    request.set_idempotency_key(text());
}

/// What protobuf reads in these bytes, as its own canonical bytes.
template <typename Message>
std::string canonical(const std::string& encoded) {
    Message message;
    RC_ASSERT(message.ParseFromString(encoded));
    return message.SerializeAsString();
}

RC_GTEST_PROP(AppendWireProperty, RequestsOfProtobufComeThroughWhole, ()) {
    v1::AppendRequest made;
    fill(made);
    const std::string theirs = made.SerializeAsString();
    AppendCall call;
    const Status decoded = decode_append_request(theirs, call);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(call.request.events.size() == static_cast<std::size_t>(made.events_size()));
    std::string ours;
    encode_append_request(ours, call.name_space, call.request);
    RC_ASSERT(ours == theirs);
    RC_ASSERT(append_request_bytes_min(call.request) <= ours.size());
}

RC_GTEST_PROP(AppendWireProperty, ResponsesReadTheSameOnBothSides, ()) {
    api::AppendResponse made;
    made.first_position = Position(number<std::uint64_t>());
    made.last_position = Position(number<std::uint64_t>());
    made.position = text();
    made.recorded_time = TimeNs(number<std::int64_t>());
    for (int i = count(4); i > 0; --i) {
        made.streams.push_back(
            {text(200), Revision(number<std::uint64_t>()), Revision(number<std::uint64_t>())}
        );
    }
    made.is_replay = coin();
    made.is_durable = coin();
    std::string ours;
    encode_append_response(ours, made);
    RC_ASSERT(canonical<v1::AppendResponse>(ours) == ours);
    const auto decoded = decode_append_response(ours);
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(decoded->streams == made.streams);
    std::string again;
    encode_append_response(again, *decoded);
    RC_ASSERT(again == ours);

    std::string outcome;
    encode_append_outcome(outcome, made);
    v1::AppendStreamResponse theirs;
    RC_ASSERT(theirs.ParseFromString(outcome));
    RC_ASSERT(theirs.response().SerializeAsString() == ours);
    const auto back = decode_append_outcome(outcome);
    RC_ASSERT(back.has_value() && back->has_value());
    RC_ASSERT((*back)->position == made.position);
}

RC_GTEST_PROP(AppendWireProperty, PartsReadTheSameOnBothSides, ()) {
    v1::AppendRequest made;
    fill(made);
    const std::string append = made.SerializeAsString();
    const bool is_part = coin();
    std::string ours;
    begin_append_part(ours, append.size(), is_part);
    ours += append;
    v1::AppendStreamRequest theirs;
    RC_ASSERT(theirs.ParseFromString(ours));
    RC_ASSERT(theirs.is_part() == is_part);
    RC_ASSERT(theirs.append().SerializeAsString() == append);
    const auto back = decode_append_part(theirs.SerializeAsString());
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->is_part == is_part);
}

RC_GTEST_PROP(ReadWireProperty, RequestsReadTheSameOnBothSides, ()) {
    v1::ReadRequest made;
    if (coin()) made.set_namespace_(text());
    if (coin()) made.set_stream(text());
    if (coin()) {
        fill(*made.mutable_filter());
        made.mutable_filter()->set_include_system(true);  // so that it is not empty
    }
    if (coin()) made.set_direction(v1::DIRECTION_BACKWARDS);
    switch (count(4)) {
        case 0:
            made.set_from_revision(number<std::uint64_t>());
            break;
        case 1:
            made.set_after(text());
            break;
        case 2:
            made.set_from_position(number<std::uint64_t>());
            break;
        case 3:
            made.set_from_time_ns(number<std::int64_t>());
            break;
        default:
            break;
    }
    made.set_limit(number<std::uint32_t>());
    made.set_min_position(text());
    made.set_max_wait_ms(number<std::uint32_t>());
    const std::string theirs = made.SerializeAsString();
    const auto call = decode_read_request(theirs);
    RC_ASSERT(call.has_value());
    std::string ours;
    encode_read_request(ours, call->name_space, call->request);
    RC_ASSERT(ours == theirs);
}

void fill(v1::RemovedEvents& removed) {
    removed.set_first_position(number<std::uint64_t>());
    removed.set_last_position(number<std::uint64_t>());
    removed.set_events(number<std::uint64_t>());
    if (coin()) removed.set_first_revision(number<std::uint64_t>());
    if (coin()) removed.set_last_revision(number<std::uint64_t>());
    removed.set_removed_time_ns(number<std::int64_t>());
    removed.set_is_uncertain(coin());
}

RC_GTEST_PROP(ReadWireProperty, ResponsesReadTheSameOnBothSides, ()) {
    v1::ReadResponse made;
    for (int i = count(4); i > 0; --i) {
        v1::RecordedEvent& event = *made.add_events();
        event.set_stream(text());
        event.set_type(text());
        event.set_data(bytes());
        event.set_position(number<std::uint64_t>() | 1u);
        event.set_revision(number<std::uint64_t>() | 1u);
        event.set_recorded_time_ns(1);
    }
    made.set_position(text());
    made.set_is_end(coin());
    made.set_next(text());
    if (coin()) made.set_last_revision(number<std::uint64_t>());
    for (int i = count(3); i > 0; --i) fill(*made.add_removed());
    const std::string theirs = made.SerializeAsString();
    auto page = decode_read_response(theirs);
    RC_ASSERT(page.has_value());
    RC_ASSERT(page->events.size() == static_cast<std::size_t>(made.events_size()));
    RC_ASSERT(page->events.decode().has_value());
    std::string ours(page->events.bytes());
    encode_read_response_tail(ours, *page);
    RC_ASSERT(ours == theirs);
}

RC_GTEST_PROP(SubscribeWireProperty, BothSidesReadTheSame, ()) {
    v1::SubscribeRequest made;
    if (coin()) made.set_stream(text());
    if (coin()) {
        fill(*made.mutable_filter());
        made.mutable_filter()->set_include_system(true);
    }
    switch (count(5)) {
        case 0:
            made.set_from_revision(number<std::uint64_t>());
            break;
        case 1:
            made.set_after(text());
            break;
        case 2:
            made.set_from_position(number<std::uint64_t>());
            break;
        case 3:
            made.set_from_time_ns(number<std::int64_t>());
            break;
        case 4:
            made.set_from_end(true);
            break;
        default:
            break;
    }
    made.set_batch_events_max(1 + static_cast<std::uint32_t>(count(1'000)));
    made.set_checkpoint_interval(1 + static_cast<std::uint32_t>(count(1'000)));
    const std::string theirs = made.SerializeAsString();
    const auto call = decode_subscribe_request(theirs);
    RC_ASSERT(call.has_value());
    std::string ours;
    encode_subscribe_request(ours, call->name_space, call->request);
    RC_ASSERT(ours == theirs);

    api::SubscriptionFrame frame;
    frame.position = text();
    frame.mark = static_cast<api::SubscriptionMark>(count(3));
    for (int i = count(3); i > 0; --i) {
        v1::RemovedEvents removed;
        fill(removed);
        v1::ReadResponse page;  // the same field of another message
        *page.add_removed() = removed;
        frame.removed.push_back(decode_read_response(page.SerializeAsString())->removed.front());
    }
    std::string tail;
    encode_subscribe_response_tail(tail, frame);
    RC_ASSERT(canonical<v1::SubscribeResponse>(tail) == tail);
    const auto back = decode_subscribe_response(tail);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->mark == frame.mark && back->position == frame.position);
    RC_ASSERT(back->removed == frame.removed);
}

void fill(v1::StreamMetadata& metadata) {
    if (coin()) metadata.set_max_age_s(number<std::uint64_t>());
    if (coin()) metadata.set_max_count(number<std::uint64_t>());
    if (coin()) metadata.set_truncate_before(number<std::uint64_t>());
    metadata.set_compact_by(text());
    metadata.set_custom(text());
}

/// Anything but `any`, which is written by leaving it out.
void fill_unless_any(v1::ExpectedRevision& expected) {
    fill(expected);
    if (expected.expected_case() == v1::ExpectedRevision::kAny) expected.set_no_stream(true);
}

RC_GTEST_PROP(LifeWireProperty, RequestsReadTheSameOnBothSides, ()) {
    v1::GetStreamMetadataRequest get;
    get.set_namespace_(text());
    get.set_stream(text());
    get.set_category(text());
    std::string theirs = get.SerializeAsString();  // what is decoded looks into it
    const auto got = decode_get_metadata_request(theirs);
    RC_ASSERT(got.has_value());
    std::string ours;
    encode_get_metadata_request(ours, got->name_space, got->target);
    RC_ASSERT(ours == theirs);

    v1::SetStreamMetadataRequest set;
    set.set_namespace_(text());
    set.set_stream(text());
    set.set_category(text());
    fill(*set.mutable_metadata());
    if (coin()) fill_unless_any(*set.mutable_expected());
    set.set_idempotency_key(text());
    theirs = set.SerializeAsString();
    const auto setting = decode_set_metadata_request(theirs);
    RC_ASSERT(setting.has_value());
    ours.clear();
    encode_set_metadata_request(ours, setting->name_space, setting->request);
    RC_ASSERT(ours == theirs);

    v1::DeleteStreamRequest remove;
    remove.set_namespace_(text());
    remove.set_stream(text());
    if (coin()) fill_unless_any(*remove.mutable_expected());
    remove.set_idempotency_key(text());
    v1::TombstoneStreamRequest tombstone;
    RC_ASSERT(tombstone.ParseFromString(remove.SerializeAsString()));
    RC_ASSERT(tombstone.SerializeAsString() == remove.SerializeAsString());
    theirs = remove.SerializeAsString();
    const auto removing = decode_delete_stream_request(theirs);
    RC_ASSERT(removing.has_value());
    ours.clear();
    encode_delete_stream_request(ours, removing->name_space, removing->request);
    RC_ASSERT(ours == theirs);

    v1::TruncateStreamRequest truncate;
    truncate.set_namespace_(text());
    truncate.set_stream(text());
    truncate.set_before(number<std::uint64_t>());
    if (coin()) fill_unless_any(*truncate.mutable_expected());
    theirs = truncate.SerializeAsString();
    const auto truncating = decode_truncate_stream_request(theirs);
    RC_ASSERT(truncating.has_value());
    ours.clear();
    encode_truncate_stream_request(ours, truncating->name_space, truncating->request);
    RC_ASSERT(ours == theirs);
}

RC_GTEST_PROP(LifeWireProperty, ResponsesReadTheSameOnBothSides, ()) {
    v1::StreamMetadataInfo info;
    info.set_stream(text());
    info.set_category(text());
    fill(*info.mutable_metadata());
    fill(*info.mutable_effective());
    if (coin()) info.set_revision(number<std::uint64_t>());
    info.set_recorded_time_ns(number<std::int64_t>());
    info.set_is_deleted(coin());
    info.set_position(text());
    const auto said = decode_metadata_info(info.SerializeAsString());
    RC_ASSERT(said.has_value());
    std::string ours;
    encode_metadata_info(ours, *said);
    RC_ASSERT(ours == info.SerializeAsString());

    v1::LifeResponse life;
    life.set_metadata_revision(number<std::uint64_t>());
    life.set_at(number<std::uint64_t>());
    life.set_position(text());
    life.set_recorded_time_ns(number<std::int64_t>());
    life.set_is_replay(coin());
    life.set_is_durable(coin());
    const auto response = decode_life_response(life.SerializeAsString());
    RC_ASSERT(response.has_value());
    ours.clear();
    encode_life_response(ours, *response);
    RC_ASSERT(ours == life.SerializeAsString());
}

void fill(v1::SnapshotKey& key) {
    key.set_stream(text());
    key.set_reducer(text());
    key.set_schema_version(number<std::uint32_t>());
    key.set_reducer_version(number<std::uint32_t>());
}

void fill(v1::Snapshot& snapshot) {
    fill(*snapshot.mutable_key());
    snapshot.set_revision(number<std::uint64_t>());
    snapshot.set_content_type(text());
    snapshot.set_data(bytes());
    snapshot.set_stored_time_ns(number<std::int64_t>());
}

RC_GTEST_PROP(SnapshotWireProperty, BothSidesReadTheSame, ()) {
    v1::StoreSnapshotRequest store;
    store.set_namespace_(text());
    fill(*store.mutable_snapshot());
    std::string theirs = store.SerializeAsString();
    const auto storing = decode_store_snapshot_request(theirs);
    RC_ASSERT(storing.has_value());
    std::string ours;
    encode_store_snapshot_request(ours, storing->name_space, storing->snapshot);
    RC_ASSERT(ours == theirs);

    v1::LoadSnapshotRequest load;
    load.set_namespace_(text());
    fill(*load.mutable_key());
    if (coin()) load.set_max_revision(number<std::uint64_t>());
    theirs = load.SerializeAsString();
    const auto loading = decode_load_snapshot_request(theirs);
    RC_ASSERT(loading.has_value());
    ours.clear();
    encode_load_snapshot_request(ours, loading->name_space, loading->request);
    RC_ASSERT(ours == theirs);

    v1::LoadSnapshotResponse found;
    if (coin()) fill(*found.mutable_snapshot());
    const auto loaded = decode_loaded_snapshot(found.SerializeAsString());
    RC_ASSERT(loaded.has_value());
    ours.clear();
    encode_loaded_snapshot(ours, *loaded);
    RC_ASSERT(ours == found.SerializeAsString());

    v1::ListSnapshotsRequest select;
    select.set_namespace_(text());
    select.set_stream(text());
    select.set_reducer(text());
    if (coin()) select.set_revision(number<std::uint64_t>());
    theirs = select.SerializeAsString();
    const auto selecting = decode_snapshot_selection(theirs);
    RC_ASSERT(selecting.has_value());
    ours.clear();
    encode_snapshot_selection(ours, selecting->name_space, selecting->selection);
    RC_ASSERT(ours == theirs);
    v1::DeleteSnapshotsRequest same;
    RC_ASSERT(same.ParseFromString(theirs) && same.SerializeAsString() == theirs);

    v1::ListSnapshotsResponse list;
    for (int i = count(3); i > 0; --i) {
        v1::SnapshotSummary& summary = *list.add_snapshots();
        fill(*summary.mutable_key());
        summary.set_revision(number<std::uint64_t>());
        summary.set_bytes(number<std::uint64_t>());
        summary.set_stored_time_ns(number<std::int64_t>());
    }
    const auto listed = decode_snapshot_list(list.SerializeAsString());
    RC_ASSERT(listed.has_value());
    ours.clear();
    encode_snapshot_list(ours, *listed);
    RC_ASSERT(ours == list.SerializeAsString());

    v1::DeleteSnapshotsResponse removed;
    removed.set_deleted(number<std::uint64_t>());
    const auto deleted = decode_deleted_snapshots(removed.SerializeAsString());
    RC_ASSERT(deleted.has_value() && *deleted == removed.deleted());
}

RC_GTEST_PROP(ConflictWireProperty, ComesBackWhole, ()) {
    std::vector<model::FailedCheck> failed;
    for (int i = count(10); i > 0; --i) {
        model::FailedCheck& check = failed.emplace_back();
        check.check_index = number<std::uint32_t>();
        if (coin()) {
            check.kind = model::FailedCheck::Kind::kQuery;
            check.matching_position = Position(number<std::uint64_t>());
            continue;
        }
        check.stream = text();
        check.expected = coin() ? model::ExpectedRevision::no_stream()
                                : model::ExpectedRevision::exactly(Revision(3));
        if (coin()) check.current_revision = Revision(number<std::uint64_t>());
        check.is_deleted = coin();
    }
    std::string ours;
    RC_ASSERT(encode_conflict(ours, failed, 1u << 20u) == failed.size());
    RC_ASSERT(canonical<v1::Conflict>(ours) == ours);
    std::vector<model::FailedCheck> back;
    RC_ASSERT(decode_conflict(ours, back).has_value());
    RC_ASSERT(back == failed);
}

RC_GTEST_PROP(ScavengeWireProperty, ComesBackWhole, ()) {
    api::StartScavengeRequest request;
    request.name_space = text();
    request.is_dry_run = coin();
    request.throttle_bytes_per_s = number<std::uint64_t>();
    request.confirms_clock = coin();
    std::string ours;
    encode_start_scavenge_request(ours, request);
    RC_ASSERT(canonical<v1::StartScavengeRequest>(ours) == ours);
    const auto request_back = decode_start_scavenge_request(ours);
    RC_ASSERT(request_back.has_value());
    RC_ASSERT(request_back->name_space == request.name_space);
    RC_ASSERT(request_back->is_dry_run == request.is_dry_run);
    RC_ASSERT(request_back->throttle_bytes_per_s == request.throttle_bytes_per_s);
    RC_ASSERT(request_back->confirms_clock == request.confirms_clock);

    const auto command = static_cast<api::ScavengeCommand>(number<std::uint32_t>() % 3);
    ours.clear();
    encode_control_scavenge_request(ours, command);
    RC_ASSERT(canonical<v1::ControlScavengeRequest>(ours) == ours);
    RC_ASSERT(*decode_control_scavenge_request(ours) == command);

    api::ScavengeStatus status;
    status.id = text();
    status.state = static_cast<api::ScavengeState>(number<std::uint32_t>() % 6);
    status.is_dry_run = coin();
    status.started_time = TimeNs(number<std::int64_t>());
    status.ended_time = TimeNs(number<std::int64_t>());
    status.name_space = text();
    status.segments_done = number<std::uint64_t>();
    status.segments = number<std::uint64_t>();
    status.bytes_done = number<std::uint64_t>();
    status.bytes = number<std::uint64_t>();
    status.rewritten_segments = number<std::uint64_t>();
    status.removed_events = number<std::uint64_t>();
    status.freed_bytes = number<std::uint64_t>();
    status.error = text();
    status.ages_held_in = text();
    status.folded_events = number<std::uint64_t>();
    ours.clear();
    encode_scavenge_status(ours, status);
    RC_ASSERT(canonical<v1::ScavengeStatus>(ours) == ours);
    const auto status_back = decode_scavenge_status(ours);
    RC_ASSERT(status_back.has_value() && *status_back == status);
}

RC_GTEST_PROP(WireProperty, HostileBytesAreRefusedOrRead, ()) {
    v1::AppendRequest made;
    fill(made);
    std::string hostile = made.SerializeAsString();
    for (int i = count(4); i > 0 && !hostile.empty(); --i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, hostile.size());
        if (coin()) {
            hostile[at] = *rc::gen::arbitrary<char>();
        } else {
            hostile.resize(at);
        }
    }
    AppendCall call;
    (void)decode_append_request(hostile, call);
    (void)decode_append_response(hostile);
    (void)decode_append_part(hostile);
    (void)decode_append_outcome(hostile);
    (void)decode_read_request(hostile);
    (void)decode_read_response(hostile);
    (void)decode_subscribe_request(hostile);
    (void)decode_subscribe_response(hostile);
    (void)decode_metadata_info(hostile);
    (void)decode_set_metadata_request(hostile);
    (void)decode_delete_stream_request(hostile);
    (void)decode_truncate_stream_request(hostile);
    (void)decode_life_response(hostile);
    (void)decode_store_snapshot_request(hostile);
    (void)decode_load_snapshot_request(hostile);
    (void)decode_loaded_snapshot(hostile);
    (void)decode_snapshot_selection(hostile);
    (void)decode_snapshot_list(hostile);
    (void)decode_start_scavenge_request(hostile);
    (void)decode_control_scavenge_request(hostile);
    (void)decode_scavenge_status(hostile);
    (void)decode_error(2, "", hostile);
}

}  // namespace
}  // namespace annals::api_wire
