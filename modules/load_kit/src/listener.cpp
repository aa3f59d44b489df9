// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "payload.hpp"
#include "run_state.hpp"

namespace annals::load_kit {
namespace {

/// How often listeners look whether the run is over, and how long they wait before they try again
/// what broke.
constexpr std::int64_t kLookNs = 50'000'000;

/// What subscribers and members have in common: events are noted, until all that is stored came.
class Listener {
  public:
    Listener(RunState& run, ActorRun& actor, Heard& heard)
        : run_(run), actor_(actor), heard_(heard) {}

  protected:
    [[nodiscard]] std::int64_t next_look() const { return run_.clock.monotonic_ns() + kLookNs; }

    /// Whether there is nothing to wait for any more.
    [[nodiscard]] bool is_over() {
        if (run_.listening.is_stopped()) return true;
        if (!run_.is_stored_known.load()) return false;
        const std::lock_guard lock(heard_.mutex);
        return heard_.seen.count() >= heard_.category.stored.count();
    }

    Status note(const model::EventBatch& events, bool is_ordered) {
        const std::int64_t arrived_ns = run_.clock.monotonic_ns();
        const std::int64_t now_us = run_.clock.now().value / 1'000;
        Counts counts;
        std::vector<std::int64_t> latencies_us;
        latencies_us.reserve(events.size());
        const std::lock_guard lock(heard_.mutex);
        const Status status = events.for_each([&](const model::RecordedEvent& event) {
            ++counts.done;
            ++counts.events;
            counts.bytes += event.data.size();
            if (const auto sent_us = sent_us_of(event.data)) {
                latencies_us.push_back(now_us - *sent_us);
            }
            if (is_ordered) {
                if (event.position <= last_) ++heard_.disordered;
                last_ = event.position;
            }
            if (!heard_.seen.add(event.position)) ++heard_.twice;
            return ok();
        });
        actor_.recorder.add_events(arrived_ns, latencies_us, counts);
        return status;
    }

    /// Notes it and waits a little: the store may come back. False when it is over.
    bool broke(const Error& error) {
        const std::int64_t now_ns = run_.clock.monotonic_ns();
        {
            const std::lock_guard lock(heard_.mutex);
            ++heard_.broken;
            heard_.last_error = error.to_string();
        }
        actor_.recorder.add(
            {.due_ns = now_ns,
             .sent_ns = now_ns,
             .done_ns = now_ns,
             .outcome = Outcome::kError,
             .code = error.info().name}
        );
        return run_.listening.wait_until(now_ns + kLookNs);
    }

    RunState& run_;
    ActorRun& actor_;
    Heard& heard_;
    Position last_;
};

class Subscriber : public Listener {
  public:
    using Listener::Listener;

    void work() {
        api::SubscribeRequest request;
        request.filter.categories = {actor_.category.keys.category()};
        request.start = run_.start();
        request.batch_events_max = actor_.actor.batch;
        while (!is_over()) {
            auto subscription = run_.stores.events->subscribe(run_.endless_context(), request);
            if (!subscription) {
                if (!broke(subscription.error())) return;
                continue;
            }
            if (!listen(**subscription, request)) return;
        }
    }

  private:
    /// True: the connection broke, and is to be made again.
    bool listen(api::Subscription& subscription, api::SubscribeRequest& request) {
        while (!is_over()) {
            const Result<api::SubscriptionFrame> frame = subscription.next(next_look());
            if (!frame) {
                if (frame.error().code() == ErrorCode::kDeadlineExceeded) continue;
                return broke(frame.error());
            }
            if (const Status noted = note(frame->events, true); !noted) {
                return broke(noted.error());
            }
            if (!frame->position.empty()) request.start = api::AfterToken{frame->position};
        }
        return false;
    }
};

class Member : public Listener {
  public:
    Member(RunState& run, ActorRun& actor, Heard& heard, std::uint64_t lane)
        : Listener(run, actor, heard), name_(actor.actor.name + " " + std::to_string(lane)) {}

    void work() {
        while (!is_over()) {
            auto member = run_.stores.groups->join(
                run_.endless_context(),
                {.group = heard_.name, .member = name_, .in_flight_max = actor_.actor.batch}
            );
            if (!member) {
                if (!broke(member.error())) return;
                continue;
            }
            if (!handle(**member)) return;
        }
    }

  private:
    bool handle(api::GroupMembership& member) {
        api::GroupDeliveries deliveries;
        while (!is_over()) {
            const Result<bool> has_some = member.next(deliveries, next_look(), actor_.actor.batch);
            if (!has_some) return broke(has_some.error());
            if (!*has_some) continue;
            // Settled first, noted then: what is noted was handled, and not given to another.
            std::vector<api::Settlement> settled;
            settled.reserve(deliveries.deliveries.size());
            for (const std::uint64_t delivery : deliveries.deliveries) {
                settled.push_back({.delivery = delivery});
            }
            const auto refused = member.settle(settled);
            if (!refused) return broke(refused.error());
            if (!refused->empty()) {
                if (!broke(refused->front().error)) return false;
                continue;
            }
            if (const Status noted = note(deliveries.events, false); !noted) {
                return broke(noted.error());
            }
        }
        return false;
    }

    std::string name_;
};

}  // namespace

void run_subscriber(RunState& run, ActorRun& actor, std::uint64_t lane) {
    Subscriber(run, actor, *actor.heard[lane]).work();
}

void run_group_member(RunState& run, ActorRun& actor, std::uint64_t lane) {
    Member(run, actor, *actor.group, lane).work();
}

}  // namespace annals::load_kit
