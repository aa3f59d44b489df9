// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A group is changed, paused, resumed, reset, rewound, deleted.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "annals/model/append.hpp"
#include "annals/model/names.hpp"
#include "annals/streams/requests.hpp"

#include "group.hpp"
#include "member.hpp"
#include "start_position.hpp"
#include "stored_group.hpp"

namespace annals::groups {
namespace {

Error not_at_revision(const std::string& group, Revision expected, Revision current) {
    model::FailedCheck check;
    check.stream = definition_stream(group);
    check.expected = model::ExpectedRevision::exactly(expected);
    check.current_revision = current;
    return Error(
               ErrorCode::kConflict,
               "consumer group \"" + model::shown(group) + "\" is at revision " +
                   std::to_string(current.value) + ", not " + std::to_string(expected.value) +
                   ": somebody changed it since. Read it and decide again"
    )
        .with("group", model::shown(group))
        .with("expected_revision", std::to_string(expected.value))
        .with("current_revision", std::to_string(current.value))
        .with_details(std::make_shared<model::ConflictDetails>(std::vector{std::move(check)}));
}

Error keys_are_parked(const std::string& group, std::uint64_t events) {
    return Error(
               ErrorCode::kGroupState,
               "consumer group \"" + model::shown(group) + "\" has " + std::to_string(events) +
                   " events parked under the keys of now: retry and handle them, skip or purge "
                   "them, then choose another key"
    )
        .with("group", model::shown(group))
        .with("state", "parked")
        .with("parked_events", std::to_string(events));
}

}  // namespace

Result<api::GroupStatus> Group::update(const api::UpdateGroupRequest& request) {
    const std::lock_guard admin(admin_);
    const api::GroupSettings next = api::with_group_defaults(request.settings);
    ANNALS_CHECK(streams::check_selection(next.stream, next.filter));
    bool begins_anew = false;
    {
        Lock lock(mutex_);
        if (is_gone_) return gone();
        // Other settings may lead out of a failure.
        const bool is_broken = is_failed_ || engine_ == nullptr;
        if (is_closed_ || system_ == nullptr) ANNALS_CHECK(check_running());
        const auto& expected = request.expected_revision;
        if (expected && *expected != definition_revision_) {
            return not_at_revision(name_, *expected, definition_revision_);
        }
        const api::GroupSettings& old = definition_.settings;
        // members track what they have handled in the order of keys: they must know when it ends
        const bool was_ordered = old.key_in_flight_max <= 1;
        if (engine_ != nullptr && old.key != next.key && engine_->counts().backlog > 0) {
            return keys_are_parked(name_, engine_->counts().backlog);
        }
        begins_anew = is_broken || old.stream != next.stream || old.filter != next.filter ||
                      old.strategy != next.strategy || old.key != next.key ||
                      was_ordered != (next.key_in_flight_max <= 1);
        if (!api::differing_group_settings(old, next).empty()) {
            definition_.settings = next;
            if (engine_ != nullptr) {
                engine_->set_numbers(next);
                collect_changes({}, {});
            }
            add_definition(DefinitionKind::kUpdated, request.actor, request.reason);
            ANNALS_CHECK(write_and_wait(lock));
        }
    }
    if (begins_anew) ANNALS_CHECK(reopen());
    return status(true);
}

Result<api::GroupStatus> Group::control(const api::ControlGroupRequest& request) {
    const std::lock_guard admin(admin_);
    Position from;
    const bool is_reset = request.command == api::GroupCommand::kReset;
    if (is_reset || request.command == api::GroupCommand::kRewind) {
        api::SubscribeStart start = request.to;
        {
            const Lock lock(mutex_);
            if (is_gone_) return gone();
            if (events_ == nullptr) return failed();
            if (is_reset) start = definition_.settings.start;
        }
        const std::string_view field = is_reset ? "start" : "to";
        ANNALS_TRY(from, start_position(tools_.namespaces, *events_, name_space_, start, field));
    }
    Lock lock(mutex_);
    if (is_gone_) return gone();
    // These lead out of a failure.
    const bool is_new_start = is_reset || request.command == api::GroupCommand::kRewind ||
                              request.command == api::GroupCommand::kDelete;
    if (!is_new_start || system_ == nullptr) ANNALS_CHECK(check_running());
    if (engine_) collect_changes({}, {});
    api::GroupStatus before;
    switch (request.command) {
        case api::GroupCommand::kPause:
        case api::GroupCommand::kResume: {
            const bool is_pause = request.command == api::GroupCommand::kPause;
            if (definition_.is_paused != is_pause) {
                definition_.is_paused = is_pause;
                engine_->set_paused(is_pause);
                add_definition(
                    is_pause ? DefinitionKind::kPaused : DefinitionKind::kResumed,
                    request.actor,
                    request.reason
                );
                engine_->tick(now());
                ANNALS_CHECK(write_and_wait(lock));
            }
            lock.unlock();
            return status(true);
        }
        case api::GroupCommand::kReset:
        case api::GroupCommand::kRewind:
        case api::GroupCommand::kDelete:
            break;
    }
    if (request.command == api::GroupCommand::kDelete) {
        lock.unlock();
        before = status(false);
        lock.lock();
    }
    // Acknowledgements from here on would count for the old beginning.
    end_members();
    ++definition_.generation;
    definition_.from = from;
    if (request.command != api::GroupCommand::kRewind) {
        std::uint64_t parked = 0;
        for (const PendingEvent& one : pending_) {
            if (one.stream == PendingEvent::Stream::kParked) ++parked;
        }
        definition_.parked_from = parked_next_.plus(parked);
    }
    const DefinitionKind kind = is_reset ? DefinitionKind::kReset
                                : request.command == api::GroupCommand::kRewind
                                    ? DefinitionKind::kRewound
                                    : DefinitionKind::kDeleted;
    add_definition(kind, request.actor, request.reason);
    Status written = write_and_wait(lock);
    if (!written) {
        // What the log says counts.
        lock.unlock();
        (void)reopen();
        return std::move(written).take_error();
    }
    if (kind == DefinitionKind::kDeleted) {
        is_gone_ = true;
        const std::unique_ptr<api::Subscription> old = end_reading(lock);
        lock.unlock();
        return before;
    }
    lock.unlock();
    ANNALS_CHECK(reopen());
    return status(true);
}

}  // namespace annals::groups
