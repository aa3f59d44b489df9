// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "words.hpp"

#include <unistd.h>

#include <array>
#include <memory>
#include <type_traits>
#include <utility>

#include "failures.hpp"

namespace annals::sdk {
namespace {

/// What events of one batch view.
struct Shared {
    model::EventBatch batch;
    std::string name_space;
};

/// Into an empty event.
void fill(
    Event& event, const model::RecordedEvent& recorded, const std::shared_ptr<const Shared>& owner
) {
    event.name_space = owner->name_space;
    event.stream = recorded.stream;
    event.revision = recorded.revision;
    event.position = recorded.position;
    event.type = recorded.type;
    event.data = recorded.data;
    event.content_type = recorded.content_type;
    event.metadata = recorded.metadata;
    if (!recorded.tags.empty()) event.tags.assign(recorded.tags.begin(), recorded.tags.end());
    event.id = recorded.id;
    event.recorded_time = recorded.recorded_time;
    event.actor = recorded.actor;
    event.correlation_id = recorded.correlation_id;
    event.causation_id = recorded.causation_id;
    event.traceparent = recorded.traceparent;
    event.tracestate = recorded.tracestate;
    if (recorded.valid_time) {
        event.valid_time = {recorded.valid_time->at, recorded.valid_time->offset_minutes};
    }
    event.schema_id = recorded.schema_id;
    event.owner = owner;
}

}  // namespace

Expected expected_of(const model::ExpectedRevision& expected) {
    switch (expected.kind) {
        case model::ExpectedKind::kAny:
            return kAny;
        case model::ExpectedKind::kNoStream:
            return kNoStream;
        case model::ExpectedKind::kExists:
            return kExists;
        case model::ExpectedKind::kDeleted:
            return kDeleted;
        case model::ExpectedKind::kExactly:
            break;
    }
    return at(expected.revision);
}

model::ExpectedRevision expected_of(const Expected& expected) {
    switch (expected.kind) {
        case Expected::Kind::kAny:
            return model::ExpectedRevision::any();
        case Expected::Kind::kNoStream:
            return model::ExpectedRevision::no_stream();
        case Expected::Kind::kExists:
            return model::ExpectedRevision::exists();
        case Expected::Kind::kDeleted:
            return model::ExpectedRevision::deleted();
        case Expected::Kind::kRevision:
            break;
    }
    return model::ExpectedRevision::exactly(expected.revision);
}

api::SubscribeStart subscribe_start(const Start& start) {
    return std::visit(
        [](const auto& from) -> api::SubscribeStart {
            using From = std::decay_t<decltype(from)>;
            if constexpr (std::is_same_v<From, FromRevision>) {
                return api::FromRevision{from.revision};
            } else if constexpr (std::is_same_v<From, After>) {
                if (from.position.empty()) return std::monostate();
                return api::AfterToken{from.position};
            } else if constexpr (std::is_same_v<From, FromPosition>) {
                return api::FromPosition{from.position};
            } else if constexpr (std::is_same_v<From, FromTime>) {
                return api::FromTime{from.time};
            } else if constexpr (std::is_same_v<From, FromEnd>) {
                return api::FromEnd{};
            } else {
                return std::monostate();
            }
        },
        start
    );
}

model::Filter filter_of(const Select& select) {
    model::Filter filter;
    filter.categories = select.categories;
    filter.types = select.types;
    filter.stream_prefixes = select.stream_prefixes;
    filter.tags = select.tags;
    filter.include_system = select.include_system;
    filter.stream_pattern = select.stream_pattern;
    filter.type_pattern = select.type_pattern;
    filter.recorded_since = select.recorded_since;
    filter.recorded_until = select.recorded_until;
    return filter;
}

api::ReadRequest read_request(const Select& select, const ReadOptions& options) {
    api::ReadRequest request;
    request.stream = select.stream;
    request.filter = filter_of(select);
    request.direction = options.backwards ? api::Direction::kBackwards : api::Direction::kForwards;
    request.start = std::visit(
        [](const auto& from) -> api::ReadStart {
            if constexpr (std::is_same_v<std::decay_t<decltype(from)>, api::FromEnd>) {
                fail(Error(
                         ErrorCode::kInvalidArgument,
                         "a read cannot start at the end: subscribe, or read backwards"
                )
                         .with("field", "start"));
            } else {
                return from;
            }
        },
        subscribe_start(select.start)
    );
    request.min_position = options.min_position;
    return request;
}

std::vector<Event> events_of(model::EventBatch batch, const std::string& name_space) {
    std::vector<Event> events;
    if (batch.empty()) return events;
    const auto owner = std::make_shared<const Shared>(Shared{std::move(batch), name_space});
    events.reserve(owner->batch.size());
    value_of(owner->batch.for_each([&](const model::RecordedEvent& recorded) {
        fill(events.emplace_back(), recorded, owner);
        return ok();
    }));
    return events;
}

std::vector<Removed> removed_of(const std::vector<api::RemovedEvents>& removed) {
    std::vector<Removed> told;
    told.reserve(removed.size());
    for (const api::RemovedEvents& from : removed) {
        Removed& to = told.emplace_back();
        to.first_position = from.first_position;
        to.last_position = from.last_position;
        to.events = from.events;
        to.first_revision = from.first_revision;
        to.last_revision = from.last_revision;
        if (from.removed_time.value != 0) to.time = from.removed_time;
        to.is_uncertain = from.is_uncertain;
    }
    return told;
}

Page page_of(api::ReadPage read, const std::string& name_space) {
    Page page;
    page.events = events_of(std::move(read.events), name_space);
    page.position = std::move(read.position);
    page.is_end = read.is_end;
    page.next = std::move(read.next);
    page.last_revision = read.last_revision;
    page.removed = removed_of(read.removed);
    return page;
}

std::string process_name() {
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) != 0) host = {'?'};
    return std::string(host.data()) + "/" + std::to_string(getpid());
}

}  // namespace annals::sdk
