// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/sdk/group.hpp"

#include <algorithm>
#include <exception>
#include <thread>
#include <utility>

#include "group_impl.hpp"
#include "option_checks.hpp"
#include "paged.hpp"
#include "traced.hpp"
#include "words.hpp"

namespace annals {
namespace {

Error not_a_word(std::string_view field, const std::string& value, std::string_view words) {
    return Error(
               ErrorCode::kInvalidArgument,
               std::string(field) + " \"" + value + "\" is none of " + std::string(words)
    )
        .with("field", field)
        .with("value", value);
}

api::GroupSettings settings_of(const GroupSettings& from) {
    api::GroupSettings settings;
    settings.stream = from.select.stream;
    settings.filter = sdk::filter_of(from.select);
    settings.start = sdk::subscribe_start(from.select.start);
    const auto strategy = api::parse_group_strategy(from.strategy);
    if (!strategy) {
        sdk::fail(
            not_a_word("strategy", from.strategy, "per_key, round_robin, dispatch_to_one, pinned")
        );
    }
    settings.strategy = *strategy;
    const auto key = api::parse_group_key(from.key);
    if (!key) {
        sdk::fail(not_a_word("key", from.key, "stream, tag:<key>, field:<pointer>, correlation"));
    }
    settings.key = *key;
    const auto set = [](std::uint32_t& to, std::uint32_t value) {
        if (value != 0) to = value;
    };
    set(settings.members_max, from.members_max);
    set(settings.member_in_flight_max, from.member_in_flight_max);
    set(settings.key_in_flight_max, from.key_in_flight_max);
    set(settings.ack_deadline_ms, from.ack_deadline_ms);
    set(settings.attempts_max, from.attempts_max);
    set(settings.retry_base_ms, from.retry_base_ms);
    set(settings.retry_max_ms, from.retry_max_ms);
    set(settings.checkpoint_interval_ms, from.checkpoint_interval_ms);
    set(settings.checkpoint_events_max, from.checkpoint_events_max);
    set(settings.window_events_max, from.window_events_max);
    set(settings.parked_events_max, from.parked_events_max);
    set(settings.stalled_after_ms, from.stalled_after_ms);
    set(settings.ready_lag_seconds, from.ready_lag_seconds);
    return settings;
}

GroupStatus status_of(api::GroupStatus from) {
    GroupStatus status;
    status.group = std::move(from.group);
    status.state = api::to_string(from.state);
    status.checkpoint = from.checkpoint;
    status.members = from.members.size();
    status.in_flight = from.in_flight;
    status.waiting = from.waiting;
    status.behind = from.behind;
    status.seconds_behind = from.seconds_behind;
    status.handled = from.handled;
    status.redelivered = from.redelivered;
    status.parked_keys = from.parked_keys;
    status.parked_events = from.parked_events;
    status.last_error = std::move(from.last_error);
    status.position = std::move(from.position);
    status.read_up_to = from.read_up_to;
    status.is_behind_exact = from.is_behind_exact;
    status.events_per_second = from.events_per_second;
    status.stalled_for_seconds = from.stalled_for_seconds;
    status.waits_for = std::move(from.waits_for);
    for (api::GroupMemberInfo& member : from.members) {
        status.member_names.push_back(std::move(member.name));
    }
    return status;
}

/// Runs the handler and settles by how it ended. What cannot be settled any more is given out
/// again: no failure of the work.
void work_on(
    const Group::Impl& group,
    const Delivery& delivery,
    const std::function<void(const Delivery&)>& handle
) {
    try {
        try {
            sdk::traced(
                sdk::handling_span(group.client->options, group.name, {&delivery.event, 1}),
                [&] { handle(delivery); }
            );
            delivery.ack();
        } catch (const Park& park) {
            delivery.park(park.reason);
        } catch (const Skip&) {
            delivery.skip();
        } catch (const Failure& failure) {
            if (failure.code() == ErrorCode::kAlreadyTracked) {
                delivery.ack();
            } else if (failure.code() != ErrorCode::kDeliveryOver) {
                delivery.retry(failure.what());
            }
        } catch (const std::exception& error) {
            delivery.retry(error.what());
        }
    } catch (const Failure& failure) {
        if (!failure.is_transient() && failure.code() != ErrorCode::kDeliveryOver) throw;
    }
}

}  // namespace

GroupStatus Group::Impl::control(
    api::GroupCommand command, const std::string& reason, api::SubscribeStart to
) const {
    api::ControlGroupRequest request;
    request.to = std::move(to);
    request.group = name;
    request.command = command;
    request.reason = reason;
    request.actor = sdk::process_name();
    return status_of(client->call(
        [&](const api::CallContext& context) {
            return client->backend->groups().control(context, request);
        },
        Client::Impl::Repeat::kNever
    ));
}

std::uint64_t Group::Impl::change_parked(
    api::ParkedAction action, const std::vector<Position>& positions, const std::string& reason
) const {
    if (positions.empty()) {
        sdk::fail(Error(
                      ErrorCode::kInvalidArgument,
                      "no position is named, so nothing was changed: name those of parked events, "
                      "or call retry_all_parked, skip_all_parked, purge_all_parked for all of them"
        )
                      .with("field", "positions"));
    }
    api::ChangeParkedRequest request;
    request.action = action;
    request.positions = positions;
    request.reason = reason;
    return send(std::move(request));
}

std::uint64_t Group::Impl::change_all_parked(api::ParkedAction action, const std::string& reason)
    const {
    api::ChangeParkedRequest request;
    request.action = action;
    request.all = true;
    request.reason = reason;
    return send(std::move(request));
}

std::uint64_t Group::Impl::send(api::ChangeParkedRequest request) const {
    request.group = name;
    request.actor = sdk::process_name();
    return client->call(
        [&](const api::CallContext& context) {
            return client->backend->groups().change_parked(context, request);
        },
        Client::Impl::Repeat::kNever
    );
}

Group::Group(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

GroupStatus Group::create(const GroupSettings& settings, const std::string& reason) const {
    const api::CreateGroupRequest request{
        impl_->name, settings_of(settings), sdk::process_name(), reason
    };
    return status_of(impl_->client->call([&](const api::CallContext& context) {
        return impl_->client->backend->groups().create(context, request);
    }));
}

GroupStatus Group::update(const GroupSettings& settings, const std::string& reason) const {
    const api::UpdateGroupRequest request{
        impl_->name, settings_of(settings), reason, sdk::process_name()
    };
    return status_of(impl_->client->call([&](const api::CallContext& context) {
        return impl_->client->backend->groups().update(context, request);
    }));
}

GroupStatus Group::status() const {
    return status_of(impl_->client->call([&](const api::CallContext& context) {
        return impl_->client->backend->groups().get(context, impl_->name);
    }));
}

GroupStatus Group::pause(const std::string& reason) const {
    return impl_->control(api::GroupCommand::kPause, reason);
}

GroupStatus Group::resume() const { return impl_->control(api::GroupCommand::kResume, ""); }

GroupStatus Group::reset(const std::string& reason) const {
    return impl_->control(api::GroupCommand::kReset, reason);
}

GroupStatus Group::rewind(Position to, const std::string& reason) const {
    // what is to be handled next is behind it
    return impl_->control(
        api::GroupCommand::kRewind,
        reason,
        to.value == 0 ? api::SubscribeStart() : api::FromPosition{to.next()}
    );
}

GroupStatus Group::remove(const std::string& reason) const {
    return impl_->control(api::GroupCommand::kDelete, reason);
}

std::vector<ParkedEvent> Group::parked() const {
    std::vector<ParkedEvent> parked;
    api::ListParkedRequest request;
    request.group = impl_->name;
    while (true) {
        api::ParkedList page = impl_->client->call([&](const api::CallContext& context) {
            return impl_->client->backend->groups().list_parked(context, request);
        });
        for (api::ParkedEvent& event : page.parked) {
            parked.push_back(
                {std::move(event.key),
                 event.at,
                 event.queued,
                 event.attempts,
                 std::move(event.error),
                 std::move(event.member),
                 event.parked_time,
                 event.is_edited}
            );
        }
        if (!page.has_more || parked.empty()) return parked;
        request.after = parked.back().position;
    }
}

std::uint64_t Group::retry_parked(const std::vector<Position>& positions) const {
    return impl_->change_parked(api::ParkedAction::kRetry, positions, "");
}

std::uint64_t Group::retry_all_parked() const {
    return impl_->change_all_parked(api::ParkedAction::kRetry, "");
}

std::uint64_t Group::skip_parked(const std::vector<Position>& positions, const std::string& reason)
    const {
    return impl_->change_parked(api::ParkedAction::kSkip, positions, reason);
}

std::uint64_t Group::skip_all_parked(const std::string& reason) const {
    return impl_->change_all_parked(api::ParkedAction::kSkip, reason);
}

std::uint64_t Group::purge_parked(const std::vector<Position>& positions, const std::string& reason)
    const {
    return impl_->change_parked(api::ParkedAction::kPurge, positions, reason);
}

std::uint64_t Group::purge_all_parked(const std::string& reason) const {
    return impl_->change_all_parked(api::ParkedAction::kPurge, reason);
}

void Group::edit_parked(Position position, const std::string& data, const std::string& reason)
    const {
    api::EditParkedRequest request;
    request.group = impl_->name;
    request.at = position;
    request.data = data;
    request.reason = reason;
    request.actor = sdk::process_name();
    impl_->client->call([&](const api::CallContext& context) {
        return impl_->client->backend->groups().edit_parked(context, request);
    });
}

Sequence<GroupStatus> Client::groups(std::string prefix) const {
    api::ListGroupsRequest request;
    request.prefix = std::move(prefix);
    return sdk::paged<GroupStatus>(
        [client = impl_, request = std::move(request), is_end = false](
        ) mutable -> std::optional<std::vector<GroupStatus>> {
            if (is_end) return std::nullopt;
            api::GroupList list = client->call([&](const api::CallContext& context) {
                return client->backend->groups().list(context, request);
            });
            std::vector<GroupStatus> page;
            page.reserve(list.groups.size());
            for (api::GroupStatus& one : list.groups) page.push_back(status_of(std::move(one)));
            request.after = std::move(list.next);
            is_end = request.after.empty();
            return page;
        }
    );
}

Member Group::join(std::string member, std::uint32_t in_flight_max) const {
    return Member(std::make_shared<Member::Impl>(impl_, std::move(member), in_flight_max));
}

void Group::run(
    const Work& work,
    const std::function<void(const Delivery&)>& handle,
    const std::stop_token& stop
) const {
    sdk::check_work(work);
    const unsigned concurrency = work.concurrency;
    // one more is on its way while each is handled
    Member member = join(work.member, 2 * concurrency);
    std::stop_source working;
    const std::stop_callback on_stop(stop, [&] { working.request_stop(); });
    std::mutex mutex;
    std::exception_ptr ended;
    std::vector<std::thread> threads;
    threads.reserve(concurrency);
    for (unsigned i = 0; i < concurrency; ++i) {
        threads.emplace_back([&] {
            try {
                while (const auto delivery = member.next(working.get_token())) {
                    work_on(*impl_, *delivery, handle);
                }
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!ended) ended = std::current_exception();
                working.request_stop();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    member.stop();
    if (ended) std::rethrow_exception(ended);
}

}  // namespace annals
