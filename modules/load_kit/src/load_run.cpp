// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/load_run.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "annals/base/uuid.hpp"
#include "annals/load_kit/dice.hpp"

#include "run_state.hpp"
#include "timeline.hpp"

namespace annals::load_kit {
namespace {

constexpr std::int64_t kTickNs = 100'000'000;

bool is_asking(const Actor& actor) { return !is_listener(actor.does); }

std::string drawn_tag() { return make_uuid_v4().to_string().substr(0, 8); }

/// One run from its beginning to its result.
class LoadRun {
  public:
    LoadRun(
        const Profile& profile,
        const Stores& stores,
        const LoadOptions& options,
        LoadObserver& observer
    )
        : profile_(profile), options_(options), observer_(observer), run_(options, stores) {}

    Result<LoadResult> work() {
        ANNALS_CHECK(prepare());
        begin();
        attend();
        observer_.on_checking();
        settle();
        return finish();
    }

  private:
    Status prepare() {
        ANNALS_TRY(const api::ServerInfo info, run_.stores.events->info(run_.context()));
        result_.server = "annals " + info.version +
                         (info.durability.empty() ? "" : ", " + info.durability);
        run_.tag = options_.tag.empty() ? drawn_tag() : options_.tag;
        run_.seed = profile_.seed;
        ANNALS_CHECK(find_start());
        for (const Actor& actor : profile_.actors) add_actor(actor);
        return make_groups();
    }

    /// Where the log ends now: listeners and checks begin behind it.
    Status find_start() {
        api::ReadRequest request;
        request.direction = api::Direction::kBackwards;
        request.limit = 1;
        ANNALS_TRY(const api::ReadPage page, run_.stores.events->read(run_.context(), request));
        ANNALS_CHECK(page.events.for_each([&](const model::RecordedEvent& event) {
            run_.first = event.position;
            return ok();
        }));
        ++run_.first;
        run_.start_token = page.position;
        return ok();
    }

    void add_actor(const Actor& actor) {
        std::unique_ptr<Category>& category = categories_[actor.category];
        if (!category) {
            std::uint64_t keys = 1;
            for (const Actor& other : profile_.actors) {
                if (other.category == actor.category && is_asking(other)) {
                    keys = std::max(keys, other.keys.count);
                }
            }
            category = std::make_unique<Category>(
                actor.category + "_" + run_.tag, keys, run_.first
            );
        }
        category->is_of_objects = category->is_of_objects || is_crud(actor.does);
        if (begins_keys(actor.does)) ++category->beginners;
        actors_.push_back(std::make_unique<ActorRun>(actor, *category));
        ActorRun& added = *actors_.back();
        if (actor.does != Does::kSubscribe) return;
        for (std::uint32_t worker = 0; worker < actor.workers; ++worker) {
            added.heard.push_back(std::make_unique<Heard>(*category, run_.first));
            added.heard.back()->shown = actor.name + " " + std::to_string(worker + 1);
        }
    }

    Status make_groups() {
        for (const std::unique_ptr<ActorRun>& actor : actors_) {
            if (actor->actor.does != Does::kGroupMember) continue;
            std::unique_ptr<Heard>& group = groups_[actor->actor.group];
            if (!group) {
                auto made = std::make_unique<Heard>(actor->category, run_.first);
                made->name = "load-" + run_.tag + "-" + actor->actor.group;
                made->shown = "group " + actor->actor.group;
                api::CreateGroupRequest request;
                request.group = made->name;
                request.settings.filter.categories = {actor->category.keys.category()};
                request.settings.start = run_.start();
                request.settings.strategy = actor->actor.strategy;
                request.settings.members_max = Bounds::kThreadsMax;
                request.settings.member_in_flight_max = Bounds::kBatchMax;
                request.actor = "annals bench load";
                ANNALS_CHECK(run_.stores.groups->create(run_.context(), request));
                group = std::move(made);
            }
            actor->group = group.get();
        }
        return ok();
    }

    void begin() {
        result_.started = run_.clock.now();
        began_ns_ = run_.clock.monotonic_ns();
        if (profile_.duration_ns > 0) run_.end_ns = began_ns_ + profile_.duration_ns;
        timeline_ = std::make_unique<Timeline>(profile_, began_ns_);
        for (const std::unique_ptr<ActorRun>& actor : actors_) {
            actor->recorder.measure_from(began_ns_ + profile_.warm_up_ns);
            timeline_->add(actor->recorder);
        }
        begin_what_is_due();
    }

    void begin_what_is_due() {
        for (const std::unique_ptr<ActorRun>& actor : actors_) {
            if (actor->is_begun()) continue;
            std::int64_t from_ns = began_ns_;
            if (const std::string& after = actor->actor.after; !after.empty()) {
                const auto before = std::ranges::find_if(actors_, [&](const auto& other) {
                    return other->actor.name == after;
                });
                if (!(*before)->is_done()) continue;
                from_ns = (*before)->done_ns;
            }
            from_ns += actor->actor.delay_ns;
            if (from_ns > run_.clock.monotonic_ns()) continue;
            begin_actor(*actor, from_ns);
        }
    }

    void begin_actor(ActorRun& actor, std::int64_t from_ns) {
        const Actor& played = actor.actor;
        actor.begun_ns = from_ns;
        actor.pace = std::make_unique<Pace>(
            Pace::Plan{played.rate, played.operations, from_ns, run_.end_ns}, run_.clock
        );
        void (*work)(RunState&, ActorRun&, std::uint64_t) = run_asking_lane;
        std::uint32_t lanes = played.workers;
        if (played.does == Does::kAppend) {
            work = run_append_lane;
        } else if (played.does == Does::kSubscribe) {
            work = run_subscriber;
        } else if (played.does == Does::kGroupMember) {
            work = run_group_member;
        } else {
            lanes *= played.in_flight;
        }
        actor.lanes_left = lanes;
        for (std::uint32_t lane = 0; lane < lanes; ++lane) {
            actor.lanes.emplace_back("load " + played.name, [this, &actor, work, lane] {
                wake_exactly();
                work(run_, actor, lane);
                end_lane(actor);
            });
        }
    }

    void end_lane(ActorRun& actor) {
        // The last one out notes the time, and only then is the actor done.
        const std::lock_guard lock(ending_);
        if (actor.lanes_left.load() == 1) {
            actor.done_ns = run_.clock.monotonic_ns();
            if (begins_keys(actor.actor.does)) --actor.category.beginners;
        }
        --actor.lanes_left;
    }

    /// Until the time is over, or everybody who asks is done.
    void attend() {
        std::int64_t next_ns = began_ns_ + kTickNs;
        while (true) {
            run_.asking.wait_until(next_ns);
            next_ns += kTickNs;
            const std::int64_t now_ns = run_.clock.monotonic_ns();
            if (timeline_->tick(now_ns)) observer_.on_progress(progress(now_ns));
            if (observer_.is_cancelled()) {
                result_.is_interrupted = true;
                break;
            }
            if (now_ns >= run_.end_ns || is_all_done()) break;
            begin_what_is_due();
        }
        asked_until_ns_ = std::min(run_.clock.monotonic_ns(), run_.end_ns);
        run_.asking.stop();
        for (const std::unique_ptr<ActorRun>& actor : actors_) {
            if (is_asking(actor->actor)) actor->lanes.clear();  // joins
        }
        if (is_all_done() && profile_.duration_ns == 0) asked_until_ns_ = last_done_ns();
    }

    /// Of a run with a duration: whether nobody is left who could still ask. Without one: whether
    /// those with a number of operations are done.
    [[nodiscard]] bool is_all_done() const {
        return std::ranges::all_of(actors_, [&](const std::unique_ptr<ActorRun>& actor) {
            if (!is_asking(actor->actor)) return true;
            if (actor->is_done()) return true;
            return profile_.duration_ns == 0 && actor->actor.operations == 0;
        });
    }

    [[nodiscard]] std::int64_t last_done_ns() const {
        std::int64_t last_ns = began_ns_;
        for (const std::unique_ptr<ActorRun>& actor : actors_) {
            if (is_asking(actor->actor)) last_ns = std::max(last_ns, actor->done_ns);
        }
        return last_ns;
    }

    [[nodiscard]] LoadProgress progress(std::int64_t now_ns) const {
        LoadProgress progress = timeline_->lately(profile_);
        progress.seconds = static_cast<double>(now_ns - began_ns_) / 1e9;
        if (profile_.duration_ns > 0) {
            progress.seconds_left = static_cast<double>(
                                        std::max<std::int64_t>(0, run_.end_ns - now_ns)
                                    ) /
                                    1e9;
            return progress;
        }
        for (const Actor& actor : profile_.actors) progress.operations_wanted += actor.operations;
        if (progress.operations > 0 && progress.operations_wanted > progress.operations) {
            const double share = static_cast<double>(progress.operations) /
                                 static_cast<double>(progress.operations_wanted);
            progress.seconds_left = progress.seconds / share - progress.seconds;
        }
        return progress;
    }

    /// Reads the store back, lets listeners hear the rest, takes the groups away.
    void settle() {
        std::vector<Category*> categories;
        categories.reserve(categories_.size());
        for (const auto& [name, category] : categories_) categories.push_back(category.get());
        result_.checks = check_store(run_, categories);
        run_.is_stored_known = true;
        const std::int64_t grace_ends_ns = run_.clock.monotonic_ns() + options_.grace_ns;
        const auto has_listener = [&] {
            return std::ranges::any_of(actors_, [](const std::unique_ptr<ActorRun>& actor) {
                return actor->is_begun() && !actor->is_done();
            });
        };
        while (has_listener() && run_.clock.monotonic_ns() < grace_ends_ns) {
            run_.listening.wait_until(run_.clock.monotonic_ns() + kTickNs / 10);
        }
        run_.listening.stop();
        for (const std::unique_ptr<ActorRun>& actor : actors_) actor->lanes.clear();
        for (const std::unique_ptr<ActorRun>& actor : actors_) {
            for (const std::unique_ptr<Heard>& heard : actor->heard) {
                if (actor->is_begun()) result_.checks.push_back(check_heard(run_, *heard));
            }
        }
        for (const auto& [name, group] : groups_) end_group(*group);
    }

    void end_group(Heard& group) {
        const bool is_begun = std::ranges::any_of(actors_, [&](const auto& actor) {
            return actor->group == &group && actor->is_begun();
        });
        if (is_begun) result_.checks.push_back(check_heard(run_, group));
        api::ControlGroupRequest request;
        request.group = group.name;
        request.command = api::GroupCommand::kDelete;
        request.reason = "the load run is over";
        request.actor = "annals bench load";
        const auto deleted = run_.stores.groups->control(run_.context(), request);
        if (deleted) return;
        result_.checks.push_back(
            {"group " + group.name, false, "was not deleted: " + deleted.error().to_string()}
        );
    }

    LoadResult finish() {
        const std::int64_t now_ns = run_.clock.monotonic_ns();
        timeline_->close(now_ns);
        result_.profile = profile_;
        result_.tag = run_.tag;
        result_.machine = options_.machine;
        result_.seconds = static_cast<double>(asked_until_ns_ - began_ns_) / 1e9;
        std::uint64_t wrong = 0;
        for (std::size_t at = 0; at < actors_.size(); ++at) {
            const ActorRun& actor = *actors_[at];
            ActorResult one = timeline_->take(at);
            one.name = actor.actor.name;
            one.does = actor.actor.does;
            one.category = actor.category.keys.category();
            if (actor.is_begun()) {
                const std::int64_t from_ns = std::max(
                    actor.begun_ns, began_ns_ + profile_.warm_up_ns
                );
                const std::int64_t to_ns = actor.done_ns > 0 && is_asking(actor.actor)
                                               ? std::min(actor.done_ns, asked_until_ns_)
                                               : asked_until_ns_;
                one.measured_seconds = static_cast<double>(to_ns - from_ns) / 1e9;
                one.missed = is_asking(actor.actor)
                                 ? actor.pace->missed(asked_until_ns_, one.missed)
                                 : 0;
            }
            wrong += one.all.wrong;
            check_operations(one, actor.actor);
            result_.actors.push_back(std::move(one));
        }
        result_.checks.push_back(
            {"answers", wrong == 0, std::to_string(wrong) + " contradict what was acknowledged"}
        );
        result_.log = timeline_->log_text(result_.started);
        return std::move(result_);
    }

    /// Of a finite actor: each operation was done, once.
    void check_operations(const ActorResult& one, const Actor& actor) {
        if (actor.operations == 0) return;
        CheckResult check;
        check.name = "operations: " + one.name;
        check.is_held = one.all.operations() == actor.operations && one.all.errors == 0;
        check.said = std::to_string(one.all.operations()) + " of " +
                     std::to_string(actor.operations) + " done, " + std::to_string(one.all.errors) +
                     " with an error";
        result_.checks.push_back(std::move(check));
    }

    const Profile& profile_;
    const LoadOptions& options_;
    LoadObserver& observer_;
    RunState run_;
    LoadResult result_;
    std::map<std::string, std::unique_ptr<Category>> categories_;
    std::map<std::string, std::unique_ptr<Heard>> groups_;
    std::vector<std::unique_ptr<ActorRun>> actors_;
    std::unique_ptr<Timeline> timeline_;
    std::mutex ending_;
    std::int64_t began_ns_ = 0;
    std::int64_t asked_until_ns_ = 0;
};

}  // namespace

void wake_exactly() { ::prctl(PR_SET_TIMERSLACK, 1'000UL, 0UL, 0UL, 0UL); }

std::uint64_t seed_of(const RunState& run, const ActorRun& actor, std::uint64_t lane) {
    std::uint64_t hash = run.seed;
    for (const char sign : actor.actor.name) {
        hash = (hash ^ static_cast<unsigned char>(sign)) * 0x100000001B3u;
    }
    return Dice(hash + lane * 0x9E3779B97F4A7C15u)();
}

bool needs_entities(const Profile& profile) {
    return std::ranges::any_of(profile.actors, [](const Actor& actor) {
        return is_crud(actor.does);
    });
}

bool needs_groups(const Profile& profile) {
    return std::ranges::any_of(profile.actors, [](const Actor& actor) {
        return actor.does == Does::kGroupMember;
    });
}

Result<LoadResult> run_load(
    const Profile& profile, const Stores& stores, const LoadOptions& options, LoadObserver& observer
) {
    return LoadRun(profile, stores, options, observer).work();
}

}  // namespace annals::load_kit
