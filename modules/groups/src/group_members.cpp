// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A group's deliveries to its members, and what they say of them.
#include <algorithm>
#include <utility>

#include "group.hpp"
#include "member.hpp"

namespace annals::groups {
namespace {

constexpr std::size_t kTakeEventsMax = 512;
constexpr std::size_t kTakeBytesMax = 512u << 10u;
constexpr std::size_t kFieldBytes = 8;  ///< what an event has around it, at most

/// Whether all of them are at hand as they are; adds them then.
bool add_plain(const std::vector<Delivery>& taken, api::GroupDeliveries& deliveries) {
    std::size_t bytes = 0;
    for (const Delivery& one : taken) {
        if (one.message.empty() || one.is_edited) return false;
        bytes += one.message.size() + kFieldBytes;
    }
    deliveries.events.reserve(bytes);
    deliveries.deliveries.reserve(taken.size());
    deliveries.attempts.reserve(taken.size());
    for (const Delivery& one : taken) {
        deliveries.events.add_message(one.message);
        deliveries.deliveries.push_back(one.id);
        deliveries.attempts.push_back(one.attempt);
    }
    return true;
}

}  // namespace

Result<std::unique_ptr<api::GroupMembership>> Group::join(const api::JoinGroupRequest& request) {
    const std::lock_guard admin(admin_);
    Woken woken;
    std::shared_ptr<Member> member;
    {
        const Lock lock(mutex_);
        ANNALS_CHECK(check_running());
        const Now moment = now();
        ANNALS_TRY(
            const MemberId id,
            engine_->join({request.member, request.in_flight_max, request.is_polling}, moment)
        );
        member = std::make_shared<Member>(id, request.is_polling);
        members_[id] = member;
        woken = service(moment);
    }
    wake(woken);
    post_run();
    return std::unique_ptr<api::GroupMembership>(
        std::make_unique<Membership>(shared_from_this(), std::move(member))
    );
}

Status Group::add_message(
    log::LogReader& reader, Position at, const Edit* edit, model::EventBatch& batch
) const {
    ANNALS_TRY(const log::StoredEvent stored, reader.at(at));
    model::RecordedEvent event;
    if (edit != nullptr) {
        ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
        ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
        // Of a removed event not even that may be left.
        if (event.id.is_nil()) event.id = edit->event_id;
    }
    const bool is_edited = edit != nullptr && !event.id.is_nil();
    if (stored.is_removed && !is_edited) {
        return Error(ErrorCode::kEventNotFound, "the event was removed since it was read")
            .with("position", std::to_string(at.value));
    }
    if (edit == nullptr) {
        batch.add(
            stored.envelope, stored.payload, stored.position, stored.revision, stored.recorded_time
        );
        return ok();
    }
    event.data = edit->data;
    if (!edit->content_type.empty()) event.content_type = edit->content_type;
    if (edit->has_metadata) event.metadata = edit->metadata;
    std::string envelope;
    std::string payload;
    model::encode_envelope(envelope, event, event.id);
    model::encode_payload(payload, event);
    batch.add(envelope, payload, stored.position, stored.revision, stored.recorded_time);
    return ok();
}

Result<bool> Group::take(
    Member& member, api::GroupDeliveries& deliveries, std::uint32_t events_max
) {
    deliveries = {};
    while (true) {
        std::vector<Delivery> taken;
        std::map<Position, Edit> edits;
        std::shared_ptr<commit::Orderer> events;
        Woken woken;
        bool wants_more = false;
        {
            const Lock lock(mutex_);
            // One that was deleted is closed, too, while the server goes on.
            if (is_closed_ && !is_gone_) {
                return Error(ErrorCode::kShuttingDown, "the server is stopping");
            }
            if (engine_ == nullptr || is_gone_) {
                return Error(
                           ErrorCode::kMemberGone,
                           "the group began anew: join again; what was not acknowledged is "
                           "delivered again"
                )
                    .with("member", std::to_string(member.id()));
            }
            const Now moment = now();
            if (member.is_polling()) ANNALS_CHECK(engine_->want(member.id(), events_max, moment));
            const std::size_t limit = events_max == 0
                                          ? kTakeEventsMax
                                          : std::min<std::size_t>(events_max, kTakeEventsMax);
            ANNALS_TRY(
                const bool has_some, engine_->take(member.id(), limit, kTakeBytesMax, taken)
            );
            if (!has_some) member.arm();
            if (has_some && member.is_polling()) {
                ANNALS_CHECK(engine_->want(member.id(), 0, moment));
            }
            for (const Delivery& one : taken) {
                if (one.is_edited) edits[one.position] = edits_[one.position];
            }
            events = events_;
            woken = service(moment);
            wants_more = wants_events();
        }
        // Not from here: the caller may hold what their wakers want.
        std::erase_if(woken, [&](const auto& other) { return other.get() == &member; });
        if (!woken.empty()) (void)tools_.pool->post([woken] { wake(woken); });
        if (wants_more) post_run();
        if (taken.empty()) return false;
        if (add_plain(taken, deliveries)) return true;
        std::vector<DeliveryId> removed;
        for (const Delivery& one : taken) {
            if (!one.message.empty() && !one.is_edited) {
                deliveries.events.add_message(one.message);
            } else {
                if (!member.reader) member.reader.emplace(events->log().reader());
                const auto edit = edits.find(one.position);
                const Status added = add_message(
                    *member.reader,
                    one.position,
                    edit == edits.end() ? nullptr : &edit->second,
                    deliveries.events
                );
                if (!added) {
                    if (added.error().code() != ErrorCode::kEventNotFound) return added.error();
                    removed.push_back(one.id);
                    continue;
                }
            }
            deliveries.deliveries.push_back(one.id);
            deliveries.attempts.push_back(one.attempt);
        }
        member.reader.reset();
        if (!removed.empty()) {
            const Lock lock(mutex_);
            for (const DeliveryId id : removed) {
                if (engine_) engine_->drop(id, now());
            }
        }
        if (!deliveries.empty()) return true;
    }
}

Result<std::vector<api::RefusedSettlement>> Group::settle(
    MemberId member, const std::vector<api::Settlement>& settled
) {
    std::vector<api::RefusedSettlement> refused;
    Woken woken;
    bool wants_more = false;
    {
        const Lock lock(mutex_);
        if (engine_ == nullptr) {
            return Error(ErrorCode::kMemberGone, "the group began anew: join again")
                .with("member", std::to_string(member));
        }
        const Now moment = now();
        ANNALS_CHECK(engine_->settle(member, settled, moment, refused));
        note_progress(moment);
        woken = service(moment);
        wants_more = wants_events();
    }
    wake(woken);
    if (wants_more) post_run();
    return refused;
}

void Group::leave(MemberId member) {
    Woken woken;
    {
        const Lock lock(mutex_);
        members_.erase(member);
        if (engine_ == nullptr) return;
        const Now moment = now();
        engine_->leave(member, true, moment);
        woken = service(moment);
    }
    wake(woken);
}

}  // namespace annals::groups
