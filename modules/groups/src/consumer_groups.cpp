// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/groups/consumer_groups.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <utility>

#include "annals/codec/text.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"
#include "annals/runtime/thread.hpp"
#include "annals/streams/requests.hpp"
#include "annals/streams/tokens.hpp"
#include "annals/telemetry/logging.hpp"

#include "group.hpp"
#include "history.hpp"
#include "start_position.hpp"

namespace annals::groups {
namespace {

using api::CallContext;
using api::GroupStatus;

constexpr std::size_t kTasksMax = 65'536;
constexpr std::uint32_t kUsualLimit = 100;
constexpr std::size_t kGroupsMax = 1'000;  ///< of one namespace
/// Those beyond are opened by the first call that names them.
constexpr std::size_t kNamespacesAtStart = 1'000;

Status check_text(std::string_view field, std::string_view text, bool must_be_given = false) {
    if (must_be_given && text.empty()) return model::refused(field, text, "it must be given");
    if (text.size() > api::kGroupTextBytesMax) {
        return model::too_large(field, text.size(), api::kGroupTextBytesMax, "bytes");
    }
    if (!codec::is_utf8(text)) return model::refused(field, text, "it must be UTF-8");
    return ok();
}

/// Positions, or all.
Status check_choice(const api::ChangeParkedRequest& request) {
    if (!request.all && request.positions.empty()) {
        return model::refused("positions", "", "name those of parked events, or say all");
    }
    if (!request.all || request.positions.empty()) return ok();
    const std::string named = std::to_string(request.positions.front().value) +
                              (request.positions.size() > 1 ? ", …" : "");
    return model::refused("positions", named, "leave them out beside all");
}

Status check_group(std::string_view name, std::string_view field = "group") {
    if (name.empty()) return model::refused(field, name, "it must be given");
    if (name.size() > api::kGroupNameBytesMax) {
        return model::too_large(field, name.size(), api::kGroupNameBytesMax, "bytes");
    }
    return model::check_stream_name(name, field);
}

Error group_not_found(std::string_view name) {
    return Error(
               ErrorCode::kGroupNotFound,
               "there is no consumer group \"" + model::shown(name) +
                   "\" in this namespace: annals group list shows what is there"
    )
        .with("group", model::shown(name));
}

class Groups final : public DirectConsumerGroups {
  public:
    Groups(namespaces::Namespaces& namespaces, const Clock& clock)
        : tools_{namespaces, pool_, clock, [this] { look_again(); }},
          timer_("groups-timer", [this] { keep_time(); }) {
        // What was there before the start goes on without being asked for.
        (void)pool_->post([this] { load_all(); });
    }
    ~Groups() override { close(); }

    Result<GroupStatus> create(const CallContext& context, const api::CreateGroupRequest& request)
        override;
    Result<GroupStatus> update(const CallContext& context, const api::UpdateGroupRequest& request)
        override {
        ANNALS_CHECK(api::check_group_settings(request.settings));
        ANNALS_CHECK(check_text("reason", request.reason));
        ANNALS_CHECK(check_text("actor", request.actor));
        ANNALS_TRY(const auto group, find(context, request.group));
        return group->update(request);
    }
    Result<api::GroupList> list(const CallContext& context, const api::ListGroupsRequest& request)
        override;
    Result<GroupStatus> get(const CallContext& context, const std::string& name) override {
        ANNALS_TRY(const auto group, find(context, name));
        return group->status(true);
    }
    Result<GroupStatus> control(const CallContext& context, const api::ControlGroupRequest& request)
        override {
        const bool is_light = request.command == api::GroupCommand::kPause ||
                              request.command == api::GroupCommand::kResume;
        ANNALS_CHECK(check_text("reason", request.reason, !is_light));
        ANNALS_CHECK(check_text("actor", request.actor));
        if (std::holds_alternative<api::FromRevision>(request.to)) {
            return model::refused("to", "revision", "name a token, a position, a time or the end");
        }
        ANNALS_TRY(const auto group, find(context, request.group));
        ANNALS_TRY(GroupStatus status, group->control(request));
        if (request.command == api::GroupCommand::kDelete) forget(*group);
        return status;
    }
    Result<api::GroupHistory> history(
        const CallContext& context, const api::GroupHistoryRequest& request
    ) override {
        ANNALS_CHECK(check_group(request.group));
        api::GroupHistoryRequest bounded = request;
        ANNALS_TRY(bounded.limit, streams::events_limit(request.limit, kUsualLimit, "limit"));
        ANNALS_TRY(const auto system, namespaces().system_log(context.name_space));
        ANNALS_TRY(auto page, read_history(*system, bounded));
        if (!page) return group_not_found(request.group);
        return std::move(*page);
    }
    Result<api::ParkedList> list_parked(
        const CallContext& context, const api::ListParkedRequest& request
    ) override {
        ANNALS_TRY(const auto group, find(context, request.group));
        api::ListParkedRequest bounded = request;
        ANNALS_TRY(bounded.limit, streams::events_limit(request.limit, kUsualLimit, "limit"));
        return group->list_parked(bounded);
    }
    Result<api::ParkedDetails> get_parked(
        const CallContext& context, const std::string& name, Position at
    ) override {
        ANNALS_TRY(const auto group, find(context, name));
        return group->get_parked(at);
    }
    Result<std::uint64_t> change_parked(
        const CallContext& context, const api::ChangeParkedRequest& request
    ) override {
        ANNALS_CHECK(
            check_text("reason", request.reason, request.action != api::ParkedAction::kRetry)
        );
        ANNALS_CHECK(check_text("actor", request.actor));
        ANNALS_CHECK(check_choice(request));
        if (!request.all && request.limit != 0) {
            return model::refused("limit", "", "it is of all: leave it out beside positions");
        }
        if (request.positions.size() > api::kGroupSettlementsMax) {
            return model::too_large(
                "positions", request.positions.size(), api::kGroupSettlementsMax, "positions"
            );
        }
        ANNALS_TRY(const auto group, find(context, request.group));
        return group->change_parked(request);
    }
    Status edit_parked(const CallContext& context, const api::EditParkedRequest& request) override {
        ANNALS_CHECK(check_text("reason", request.reason, true));
        ANNALS_CHECK(check_text("actor", request.actor));
        const std::size_t bytes = request.data.size() + request.metadata.value_or("").size();
        if (bytes > api::kGroupEditBytesMax) {
            return model::too_large("data", bytes, api::kGroupEditBytesMax, "bytes");
        }
        if (request.content_type.size() > model::Limits::kContentTypeBytesMax) {
            return model::too_large(
                "content_type",
                request.content_type.size(),
                model::Limits::kContentTypeBytesMax,
                "bytes"
            );
        }
        ANNALS_TRY(const auto group, find(context, request.group));
        return group->edit_parked(request);
    }
    Result<std::unique_ptr<api::GroupMembership>> join(
        const CallContext& context, const api::JoinGroupRequest& request
    ) override {
        ANNALS_CHECK(check_text("member", request.member, true));
        ANNALS_TRY(const auto group, find(context, request.group));
        return group->join(request);
    }

    std::vector<GroupGauge> gauges() override {
        std::vector<GroupGauge> gauges;
        for (const auto& group : running()) {
            gauges.push_back({group->name_space(), group->status(true)});
        }
        return gauges;
    }

    std::optional<std::string> late_group() override {
        for (const auto& group : running()) {
            const GroupStatus status = group->status(false);
            const std::uint32_t limit = status.settings.ready_lag_seconds;
            if (limit == 0) continue;
            if (status.state == api::GroupState::kFailed) {
                return "consumer group " + group->name_space() + "/" + status.group +
                       " has failed: " + status.last_error;
            }
            if (status.seconds_behind <= limit) continue;
            return "consumer group " + group->name_space() + "/" + status.group + " is " +
                   std::to_string(static_cast<std::uint64_t>(status.seconds_behind)) +
                   " s behind, its objective is " + std::to_string(limit) + " s" +
                   (status.waits_for.empty() ? "" : "; it waits for " + status.waits_for);
        }
        return std::nullopt;
    }

    void close() override {
        {
            const std::lock_guard lock(timer_mutex_);
            if (is_closing_) return;
            is_closing_ = true;
            timer_woken_.notify_all();
        }
        timer_.join();
        for (const auto& group : running()) group->close();
        pool_->stop();
        for (const auto& group : running()) group->close();  // begun meanwhile
        const std::lock_guard lock(mutex_);
        groups_.clear();
    }

  private:
    using Key = std::pair<std::string, std::string>;  ///< namespace, group

    std::vector<std::shared_ptr<Group>> running() {
        std::vector<std::shared_ptr<Group>> list;
        const std::lock_guard lock(mutex_);
        list.reserve(groups_.size());
        for (const auto& [key, group] : groups_) list.push_back(group);
        return list;
    }

    /// At the start: one namespace after the other, as far as kNamespacesAtStart.
    void load_all();
    [[nodiscard]] bool is_closing() {
        const std::lock_guard lock(timer_mutex_);
        return is_closing_;
    }
    /// Loads the groups of a namespace when it is named for the first time.
    Status load(const std::string& name_space);
    Result<std::vector<std::shared_ptr<Group>>> all_of(const std::string& name_space);
    Result<std::shared_ptr<Group>> find(const CallContext& context, const std::string& name);
    Result<std::shared_ptr<Group>> add(const std::string& name_space, const std::string& name);
    void forget(const Group& group) {
        const std::lock_guard lock(mutex_);
        const auto found = groups_.find({group.name_space(), group.name()});
        if (found == groups_.end() || found->second.get() != &group) return;
        const std::shared_ptr<Group> kept = std::move(found->second);
        groups_.erase(found);
        (void)pool_->post([kept] { kept->close(); });
    }

    void look_again() {
        const std::lock_guard lock(timer_mutex_);
        must_look_ = true;
        timer_woken_.notify_one();
    }
    void keep_time();

    namespaces::Namespaces& namespaces() { return tools_.namespaces; }

    /// Joins this and an answer of a writer's thread that still hands its task over.
    const std::shared_ptr<runtime::WorkerPool> pool_ = std::make_shared<runtime::WorkerPool>(
        "groups", 2, kTasksMax
    );
    GroupTools tools_;
    std::mutex load_;   ///< one loading or creation at a time; before mutex_
    std::mutex mutex_;  ///< of the two below
    std::map<Key, std::shared_ptr<Group>> groups_;
    std::map<std::string, Uuid, std::less<>> loaded_;  ///< and the log they are of
    std::mutex timer_mutex_;
    std::condition_variable timer_woken_;
    bool must_look_ = false;
    bool is_closing_ = false;
    runtime::Thread timer_;
};

void Groups::keep_time() {
    std::unique_lock lock(timer_mutex_);
    while (!is_closing_) {
        must_look_ = false;
        lock.unlock();
        constexpr std::int64_t kLookNs = 1'000'000'000;
        const std::int64_t now = tools_.clock.monotonic_ns();
        std::int64_t next = now + kLookNs;
        for (const auto& group : running()) {
            if (group->is_gone()) {
                forget(*group);
                continue;
            }
            if (group->due_ns() > now) {
                next = std::min(next, group->due_ns());
                continue;
            }
            if (!group->begin_run()) continue;
            if (!pool_->post([group] { group->run(); })) group->cancel_run();
        }
        lock.lock();
        timer_woken_.wait_for(lock, std::chrono::nanoseconds(next - now), [&] {
            return must_look_ || is_closing_;
        });
    }
}

void Groups::load_all() {
    const auto names = namespaces().with_system_log();
    if (!names) {
        telemetry::log_error(
            "consumer groups did not begin", {{"error", names.error().to_string()}}
        );
        return;
    }
    if (names->size() > kNamespacesAtStart) {
        telemetry::log_warning(
            "groups of some namespaces begin with the first call that names them",
            {{"namespaces", std::to_string(names->size())},
             {"begin_now", std::to_string(kNamespacesAtStart)}}
        );
    }
    for (std::size_t i = 0; i < std::min(names->size(), kNamespacesAtStart); ++i) {
        if (is_closing()) return;
        const std::string& name = (*names)[i];
        const Status loaded = load(name);
        if (loaded || loaded.error().code() == ErrorCode::kNamespaceNotFound) continue;
        if (loaded.error().code() == ErrorCode::kShuttingDown) return;
        telemetry::log_error(
            "consumer groups of a namespace did not begin",
            {{"namespace", name}, {"error", loaded.error().to_string()}}
        );
    }
}

Status Groups::load(const std::string& name_space) {
    ANNALS_TRY(const auto events, namespaces().events_log(name_space));
    const Uuid log_id = events->log().identity().log_id;
    const std::lock_guard loading(load_);
    {
        const std::lock_guard lock(mutex_);
        const auto found = loaded_.find(name_space);
        if (found != loaded_.end() && found->second == log_id) return ok();
        // A namespace of this name was deleted and made anew.
        std::erase_if(groups_, [&](const auto& one) { return one.first.first == name_space; });
    }
    ANNALS_TRY(const auto system, namespaces().system_log(name_space));
    std::string after;
    while (true) {
        ANNALS_TRY(
            const auto found,
            system->index().list_streams(std::string(kGroupStreams), after, kUsualLimit)
        );
        for (const index::StreamSummary& stream : found) {
            const std::string name = stream.name.substr(kGroupStreams.size());
            ANNALS_TRY(const auto stored, read_definition(*system, name));
            if (!stored || stored->definition.is_deleted()) continue;
            const auto added = add(name_space, name);
            if (!added) {
                telemetry::log_error(
                    "consumer group did not begin",
                    {{"namespace", name_space},
                     {"group", name},
                     {"error", added.error().to_string()}}
                );
            }
        }
        if (found.size() < kUsualLimit) break;
        after = found.back().name;
    }
    const std::lock_guard lock(mutex_);
    loaded_[name_space] = log_id;
    return ok();
}

Result<std::vector<std::shared_ptr<Group>>> Groups::all_of(const std::string& name_space) {
    ANNALS_CHECK(load(name_space));
    std::vector<std::shared_ptr<Group>> list;
    const std::lock_guard lock(mutex_);
    for (auto at = groups_.lower_bound({name_space, ""});
         at != groups_.end() && at->first.first == name_space;
         ++at) {
        if (!at->second->is_gone()) list.push_back(at->second);
    }
    return list;
}

/// One that failed stays in the list, and begins again by itself.
Result<std::shared_ptr<Group>> Groups::add(const std::string& name_space, const std::string& name) {
    auto group = Group::make(tools_, name_space, name);
    Status opened = group->open();
    if (!opened && group->is_gone()) return std::move(opened).take_error();
    {
        const std::lock_guard lock(mutex_);
        groups_[{name_space, name}] = group;
    }
    look_again();
    if (!opened) return std::move(opened).take_error();
    return group;
}

Result<std::shared_ptr<Group>> Groups::find(const CallContext& context, const std::string& name) {
    ANNALS_CHECK(check_group(name));
    const std::string name_space(context.name_space);
    ANNALS_CHECK(load(name_space));
    const std::lock_guard lock(mutex_);
    const auto found = groups_.find({name_space, name});
    if (found == groups_.end() || found->second->is_gone()) return group_not_found(name);
    return found->second;
}

Result<GroupStatus> Groups::create(
    const CallContext& context, const api::CreateGroupRequest& request
) {
    ANNALS_CHECK(check_group(request.group));
    ANNALS_CHECK(check_text("reason", request.reason));
    ANNALS_CHECK(check_text("actor", request.actor));
    ANNALS_CHECK(api::check_group_settings(request.settings));
    // Patterns, too: what could not be read is not stored.
    ANNALS_CHECK(streams::check_selection(request.settings.stream, request.settings.filter));
    const std::string name_space(context.name_space);
    ANNALS_CHECK(load(name_space));
    const std::lock_guard loading(load_);
    Definition next;
    next.settings = api::with_group_defaults(request.settings);
    std::shared_ptr<Group> existing;
    {
        const std::lock_guard lock(mutex_);
        const auto found = groups_.find({name_space, request.group});
        if (found != groups_.end() && !found->second->is_gone()) existing = found->second;
        const auto count = std::ranges::count_if(groups_, [&](const auto& one) {
            return one.first.first == name_space;
        });
        if (!existing && static_cast<std::size_t>(count) >= kGroupsMax) {
            return model::too_large(
                "groups of the namespace", kGroupsMax + 1, kGroupsMax, "groups"
            );
        }
    }
    if (existing) {
        GroupStatus status = existing->status(true);
        std::string differs;
        for (const auto& name : api::differing_group_settings(status.settings, next.settings)) {
            differs += (differs.empty() ? "" : ", ") + name;
        }
        if (differs.empty()) return status;
        return Error(
                   ErrorCode::kGroupExists,
                   "consumer group \"" + model::shown(request.group) +
                       "\" is there with other settings: " + differs +
                       ". Update it, or choose another name"
        )
            .with("group", model::shown(request.group))
            .with("differs", differs);
    }
    ANNALS_TRY(const auto events, namespaces().events_log(name_space));
    ANNALS_TRY(const auto system, namespaces().system_log(name_space));
    ANNALS_TRY(const auto before, read_definition(*system, request.group));
    ANNALS_TRY(
        next.from, start_position(namespaces(), *events, name_space, next.settings.start, "start")
    );
    next.created_time = tools_.clock.now();
    next.reason = request.reason;
    if (before) {
        next.generation = before->definition.generation + 1;
        next.parked_from = before->definition.parked_from;
    }
    const std::string stream = definition_stream(request.group);
    const std::string data = encode_definition(next);
    model::AppendRequest append;
    append.checks.emplace_back(model::StreamCheck{
        stream,
        before ? model::ExpectedRevision::exactly(before->revision)
               : model::ExpectedRevision::no_stream()
    });
    model::NewEvent& event = append.events.emplace_back();
    event.stream = stream;
    event.type = type_of(DefinitionKind::kCreated);
    event.actor = request.actor;
    event.data = data;
    using Answer = std::promise<Result<model::AppendResult>>;
    const auto promise = std::make_shared<Answer>();  // joins the orderer's thread with this one
    std::future<Result<model::AppendResult>> answer = promise->get_future();
    system->submit(
        {context.principal, context.traceparent, context.tracestate},
        append,
        [promise](Result<model::AppendResult> result) { promise->set_value(std::move(result)); }
    );
    ANNALS_CHECK(answer.get());
    ANNALS_TRY(const auto group, add(name_space, request.group));
    return group->status(true);
}

Result<api::GroupList> Groups::list(
    const CallContext& context, const api::ListGroupsRequest& request
) {
    if (!request.prefix.empty()) ANNALS_CHECK(check_group(request.prefix, "prefix"));
    if (!request.after.empty()) ANNALS_CHECK(check_group(request.after, "after"));
    ANNALS_TRY(
        const std::uint32_t limit, streams::events_limit(request.limit, kUsualLimit, "limit")
    );
    ANNALS_TRY(const auto all, all_of(std::string(context.name_space)));
    api::GroupList list;
    for (const auto& group : all) {
        const bool is_asked_for = group->name().starts_with(request.prefix) &&
                                  group->name() > request.after;
        if (!is_asked_for) continue;
        if (list.groups.size() == limit) {
            list.next = list.groups.back().group;
            break;
        }
        list.groups.push_back(group->status(true));
    }
    return list;
}

}  // namespace

std::unique_ptr<DirectConsumerGroups> make_consumer_groups(
    namespaces::Namespaces& namespaces, const Clock& clock
) {
    return std::make_unique<Groups>(namespaces, clock);
}

}  // namespace annals::groups
