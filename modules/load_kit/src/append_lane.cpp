// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "annals/base/uuid.hpp"
#include "annals/model/append.hpp"

#include "key_choice.hpp"
#include "payload.hpp"
#include "run_state.hpp"

namespace annals::load_kit {
namespace {

/// One worker that appends: sends on its own thread, is answered on the store's.
class AppendLane {
  public:
    AppendLane(RunState& run, ActorRun& actor, std::uint64_t lane)
        : run_(run),
          actor_(actor),
          choice_(actor.actor.keys, actor.category.keys, seed_of(run, actor, lane)) {}

    void work() {
        while (const auto turn = next_turn()) {
            if (!run_.asking.wait_until(turn->due_ns)) {
                actor_.recorder.abandon();
                leave();
                break;
            }
            send(*turn);
        }
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return under_way_ == 0; });
    }

  private:
    /// What is noted of an append until it is answered.
    struct Sent {
        std::uint64_t key = 0;
        std::int64_t due_ns = 0;
        std::int64_t sent_ns = 0;
        std::uint64_t events = 0;
        std::uint64_t bytes = 0;
    };

    /// First a free place, then the turn: whoever waits for a place is late, and that is measured.
    std::optional<Pace::Turn> next_turn() {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return under_way_ < actor_.actor.in_flight; });
            ++under_way_;
        }
        if (!run_.asking.is_stopped()) {
            if (const auto turn = actor_.pace->take()) return turn;
        }
        leave();
        return std::nullopt;
    }

    void leave() {
        const std::lock_guard lock(mutex_);
        --under_way_;
        changed_.notify_all();
    }

    void send(const Pace::Turn& turn) {
        const Actor& actor = actor_.actor;
        Dice& dice = choice_.dice();
        Sent sent{.key = choice_.any(turn.number), .due_ns = turn.due_ns, .events = actor.batch};
        const std::string stream = actor_.category.keys.stream(sent.key);
        model::AppendRequest request;
        request.stream = stream;
        request.events.resize(actor.batch);
        data_.clear();
        const std::int64_t wall_us = run_.clock.now().value / 1'000;
        for (std::uint32_t i = 0; i < actor.batch; ++i) {
            data_.push_back(event_data(wall_us, turn.number, draw_size(actor.size, dice), dice));
            sent.bytes += data_.back().size();
        }
        for (std::uint32_t i = 0; i < actor.batch; ++i) {
            request.events[i].id = make_uuid_v7(run_.clock);
            request.events[i].type = actor.types[dice.roll(actor.types.size())];
            request.events[i].data = data_[i];
        }
        if (actor.expecting != Expecting::kAny) {
            request.checks.emplace_back(model::StreamCheck{stream, expected(sent.key)});
        }
        sent.sent_ns = run_.clock.monotonic_ns();
        run_.stores.events->append(
            run_.context(),
            request,
            [this, sent](const Result<api::AppendResponse>& answer) {
                take_answer(sent, answer);
                leave();
            }
        );
    }

    [[nodiscard]] model::ExpectedRevision expected(std::uint64_t key) const {
        const std::optional<std::uint64_t> known = actor_.category.keys.revision(key);
        if (actor_.actor.expecting == Expecting::kNoStream || !known) {
            return model::ExpectedRevision::no_stream();
        }
        return model::ExpectedRevision::exactly(Revision(*known));
    }

    /// On the store's thread.
    void take_answer(const Sent& sent, const Result<api::AppendResponse>& answer) {
        Sample sample{
            .due_ns = sent.due_ns, .sent_ns = sent.sent_ns, .done_ns = run_.clock.monotonic_ns()
        };
        if (answer) {
            sample.events = sent.events;
            sample.bytes = sent.bytes;
            if (!note(sent, *answer)) sample.outcome = Outcome::kWrong;
        } else {
            sample.outcome = outcome_of(answer.error());
            sample.code = answer.error().info().name;
            learn(sent, answer.error());
        }
        actor_.recorder.add(sample);
    }

    /// Whether the answer tells of as many events as were sent.
    bool note(const Sent& sent, const api::AppendResponse& answer) {
        Category& category = actor_.category;
        const std::uint64_t events = answer.last_position.value - answer.first_position.value + 1;
        const bool is_good = answer.streams.size() == 1 && events == sent.events &&
                             answer.streams[0].last.value - answer.streams[0].first.value + 1 ==
                                 sent.events;
        if (answer.streams.size() == 1) category.keys.note(sent.key, answer.streams[0].last.value);
        const std::lock_guard lock(category.mutex);
        category.events += sent.events;
        if (!is_good) return false;
        for (std::uint64_t i = 0; i < events; ++i) {
            if (!category.acknowledged.add(answer.first_position.plus(i))) ++category.repeated;
        }
        return true;
    }

    void learn(const Sent& sent, const Error& error) {
        Category& category = actor_.category;
        if (is_outcome_unknown(error)) {
            const std::lock_guard lock(category.mutex);
            category.events_unknown += sent.events;
        }
        const auto* const details = error.details<model::ConflictDetails>();
        if (details == nullptr) return;
        for (const model::FailedCheck& check : details->failed_checks) {
            if (check.current_revision) {
                category.keys.note(sent.key, check.current_revision->value);
            }
        }
    }

    RunState& run_;
    ActorRun& actor_;
    KeyChoice choice_;
    std::vector<std::string> data_;  ///< of the append that is being made

    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint32_t under_way_ = 0;
};

}  // namespace

void run_append_lane(RunState& run, ActorRun& actor, std::uint64_t lane) {
    AppendLane(run, actor, lane).work();
}

}  // namespace annals::load_kit
