// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A group's parked events, for administrators.
#include <algorithm>
#include <limits>
#include <utility>

#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"

#include "group.hpp"
#include "member.hpp"

namespace annals::groups {
namespace {

constexpr std::size_t kQueuedShownMax = 1'000;
/// Parked events that are retried, skipped or purged with one append.
constexpr std::size_t kChangedAtOnce = 512;

Error no_such_parked_event(const std::string& group, Position at) {
    return Error(
               ErrorCode::kParkedEventNotFound,
               "no event at position " + std::to_string(at.value) + " is parked in group \"" +
                   model::shown(group) +
                   "\": it was retried or skipped, waits behind another one, or was never parked"
    )
        .with("group", model::shown(group))
        .with("position", std::to_string(at.value));
}

Error nothing_left(const std::string& group, Position at) {
    return Error(
               ErrorCode::kPositionRemoved,
               "of the parked event at position " + std::to_string(at.value) + " of group \"" +
                   model::shown(group) +
                   "\" not even its id is left in the log, so that nothing can be delivered in its "
                   "place: skip it, or purge it"
    )
        .with("group", model::shown(group))
        .with("position", std::to_string(at.value));
}

/// Takes over what the event would lose if it were removed later. Of one that is removed already
/// `before`, the edit that this one replaces, may know it; null: there is none.
Status complete(Edit& edit, const log::StoredEvent& original, const Edit* before) {
    model::RecordedEvent event;
    ANNALS_CHECK(model::decode_event_fields(original.envelope, event));
    edit.event_id = event.id;
    std::string_view content_type = event.content_type;
    if (original.is_removed && before != nullptr) {
        edit.event_id = before->event_id;
        content_type = before->content_type;
    }
    if (edit.event_id.is_nil()) edit.event_id = event.id;
    if (edit.content_type.empty()) edit.content_type = content_type;
    return ok();
}

}  // namespace

Result<api::ParkedList> Group::list_parked(const api::ListParkedRequest& request) {
    const Lock lock(mutex_);
    ANNALS_CHECK(check_running());
    api::ParkedList list;
    list.parked = engine_->parked(request.after, std::size_t{request.limit} + 1);
    if (list.parked.size() > request.limit) {
        list.parked.pop_back();
        list.has_more = true;
    }
    return list;
}

Result<api::ParkedDetails> Group::get_parked(Position at) {
    api::ParkedDetails details;
    std::optional<Edit> edit;
    std::shared_ptr<commit::Orderer> events;
    {
        const Lock lock(mutex_);
        ANNALS_CHECK(check_running());
        const api::ParkedEvent* const parked = engine_->find_parked(at);
        if (parked == nullptr) return no_such_parked_event(name_, at);
        details.parked = *parked;
        details.queued = engine_->queued_behind(at, kQueuedShownMax);
        if (const auto found = edits_.find(at); found != edits_.end()) edit = found->second;
        events = events_;
    }
    log::LogReader reader = events->log().reader();
    ANNALS_CHECK(add_message(reader, at, edit ? &*edit : nullptr, details.event));
    return details;
}

Status Group::change_some(
    Lock& lock, std::span<const Position> positions, const api::ChangeParkedRequest& request
) {
    ANNALS_CHECK(check_running());
    collect_changes({}, {});
    const Now moment = now();
    const bool was_paused = engine_->is_paused();
    engine_->set_paused(true);  // given out at the end, together
    for (const Position at : positions) {
        switch (request.action) {
            case api::ParkedAction::kRetry:
                engine_->retry_parked(at, moment);
                break;
            case api::ParkedAction::kSkip:
                engine_->skip_parked(at, moment);
                break;
            case api::ParkedAction::kPurge:
                engine_->purge_parked(at, moment);
                break;
        }
    }
    collect_changes(request.actor, request.reason);
    engine_->set_paused(was_paused);
    engine_->tick(moment);
    return write_and_wait(lock);
}

/// All: what is parked now. What is parked again, or behind what was skipped, while this goes on is
/// left as it is.
Result<std::uint64_t> Group::change_parked(const api::ChangeParkedRequest& request) {
    const std::lock_guard admin(admin_);
    Lock lock(mutex_);
    ANNALS_CHECK(check_running());
    std::vector<Position> positions = request.positions;
    if (request.all) {
        constexpr std::size_t kAny = std::numeric_limits<std::size_t>::max();
        positions = engine_->parked_positions(request.limit == 0 ? kAny : request.limit);
    }
    std::ranges::sort(positions);
    positions.erase(std::ranges::unique(positions).begin(), positions.end());
    for (const Position at : positions) {
        if (engine_->find_parked(at) == nullptr) return no_such_parked_event(name_, at);
    }
    // One part after the other is durable, and the lock is free between them: members and who asks
    // wait for one part at most. Nobody else changes what is parked meanwhile.
    const std::span<const Position> all(positions);
    for (std::size_t done = 0; done < all.size(); done += kChangedAtOnce) {
        const auto part = all.subspan(done, std::min(kChangedAtOnce, all.size() - done));
        ANNALS_CHECK(change_some(lock, part, request));
    }
    return std::uint64_t{positions.size()};
}

Status Group::edit_parked(const api::EditParkedRequest& request) {
    const std::lock_guard admin(admin_);
    Lock lock(mutex_);
    ANNALS_CHECK(check_running());
    if (engine_->find_parked(request.at) == nullptr) {
        return no_such_parked_event(name_, request.at);
    }
    Edit edit;
    edit.data = request.data;
    edit.content_type = request.content_type;
    edit.has_metadata = request.metadata.has_value();
    edit.metadata = request.metadata.value_or("");
    std::optional<Edit> before;
    if (const auto found = edits_.find(request.at); found != edits_.end()) before = found->second;
    const std::shared_ptr<commit::Orderer> events = events_;
    lock.unlock();
    {
        log::LogReader reader = events->log().reader();
        ANNALS_TRY(const log::StoredEvent original, reader.at(request.at));
        ANNALS_CHECK(complete(edit, original, before ? &*before : nullptr));
        if (edit.event_id.is_nil()) return nothing_left(name_, request.at);
    }
    lock.lock();
    ANNALS_CHECK(check_running());
    const api::ParkedEvent* const parked = engine_->find_parked(request.at);
    if (parked == nullptr) return no_such_parked_event(name_, request.at);
    const auto old = edits_.find(request.at);
    const std::size_t others = edit_bytes_ - (old == edits_.end() ? 0 : old->second.bytes());
    if (others + edit.bytes() > api::kGroupEditsBytesMax) {
        return model::too_large(
            "data of all edited events", others + edit.bytes(), api::kGroupEditsBytesMax, "bytes"
        );
    }
    Change change;
    change.kind = ChangeKind::kEdited;
    change.key = parked->key;
    change.positions = {request.at};
    change.data = edit.data;
    change.content_type = edit.content_type;
    change.metadata = edit.metadata;
    change.has_metadata = edit.has_metadata;
    change.event_id = edit.event_id;
    change.reason = request.reason;
    collect_changes({}, {});
    edit_bytes_ = others + edit.bytes();
    edits_[request.at] = std::move(edit);
    engine_->mark_edited(request.at);
    pending_.push_back(
        {PendingEvent::Stream::kParked,
         std::string(type_of(change.kind)),
         encode_change(change),
         request.actor}
    );
    return write_and_wait(lock);
}

}  // namespace annals::groups
