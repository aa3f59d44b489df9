// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A group is changed, paused, resumed, reset, rewound, deleted.
#include <utility>

#include "group.hpp"
#include "member.hpp"
#include "start_position.hpp"

namespace annals::groups {

Result<api::GroupStatus> Group::update(const api::UpdateGroupRequest& request) {
    const std::lock_guard admin(admin_);
    const api::GroupSettings next = api::with_group_defaults(request.settings);
    bool begins_anew = false;
    {
        Lock lock(mutex_);
        ANNALS_CHECK(check_running());
        const api::GroupSettings& old = definition_.settings;
        begins_anew = old.stream != next.stream || old.filter != next.filter ||
                      old.strategy != next.strategy || old.key != next.key;
        if (!api::differing_group_settings(old, next).empty()) {
            definition_.settings = next;
            engine_->set_numbers(next);
            collect_changes({}, {});
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
        ANNALS_TRY(from, start_position(tools_.namespaces, *events_, name_space_, start));
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
        std::unique_ptr<api::Subscription> old = std::move(subscription_);
        ++opened_;
        lock.unlock();
        return before;
    }
    lock.unlock();
    ANNALS_CHECK(reopen());
    return status(true);
}

}  // namespace annals::groups
