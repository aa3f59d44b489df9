// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <optional>
#include <string>

#include "annals/documents/patch.hpp"
#include "annals/documents/value.hpp"

#include "key_choice.hpp"
#include "payload.hpp"
#include "run_state.hpp"

namespace annals::load_kit {
namespace {

using documents::Value;

/// One call under way at a time: reads, and everything about objects.
class AskingLane {
  public:
    AskingLane(RunState& run, ActorRun& actor, std::uint64_t lane)
        : run_(run),
          actor_(actor),
          keys_(actor.category.keys),
          choice_(actor.actor.keys, keys_, seed_of(run, actor, lane)) {}

    void work() {
        while (!run_.asking.is_stopped()) {
            if (!begins_keys(actor_.actor.does) && !wait_for_keys()) return;
            const std::optional<Pace::Turn> turn = actor_.pace->take();
            if (!turn) return;
            if (!run_.asking.wait_until(turn->due_ns)) return actor_.recorder.abandon();
            sample_ = {.due_ns = turn->due_ns};
            // The call sets it anew just before it goes out.
            sample_.sent_ns = run_.clock.monotonic_ns();
            ask(turn->number);
            actor_.recorder.add(sample_);
        }
    }

  private:
    /// Nothing is stored yet at the beginning of a run; false when nothing ever will be.
    bool wait_for_keys() {
        constexpr std::int64_t kPauseNs = 1'000'000;
        while (keys_.known() == 0) {
            const std::int64_t now_ns = run_.clock.monotonic_ns();
            if (actor_.category.beginners.load() == 0 && keys_.known() == 0) return false;
            if (now_ns >= run_.end_ns || !run_.asking.wait_until(now_ns + kPauseNs)) return false;
        }
        return true;
    }

    void ask(std::uint64_t number) {
        switch (actor_.actor.does) {
            case Does::kRead:
                return read(*choice_.stored(number));
            case Does::kCrudCreate:
                return create(keys_.claim(), number);
            case Does::kCrudUpdate:
                return update(*choice_.stored(number), number);
            case Does::kCrudDelete:
                return remove(*choice_.stored(number));
            case Does::kCrudGet:
                return get(*choice_.stored(number));
            case Does::kAppend:
            case Does::kSubscribe:
            case Does::kGroupMember:
                return;  // have threads of another kind
        }
    }

    void sending() { sample_.sent_ns = run_.clock.monotonic_ns(); }

    /// False for an error, which is then noted.
    template <typename Answer>
    bool answered(const Result<Answer>& answer) {
        sample_.done_ns = run_.clock.monotonic_ns();
        if (answer) return true;
        sample_.outcome = outcome_of(answer.error());
        sample_.code = answer.error().info().name;
        return false;
    }

    void wrong() { sample_.outcome = Outcome::kWrong; }

    void read(std::uint64_t key) {
        const std::uint64_t known = keys_.revision(key).value_or(0);
        api::ReadRequest request;
        request.stream = keys_.stream(key);
        request.limit = actor_.actor.batch;
        const bool is_backwards = actor_.actor.is_backwards;
        request.direction = is_backwards ? api::Direction::kBackwards : api::Direction::kForwards;
        sending();
        const Result<api::ReadPage> page = run_.stores.events->read(run_.context(), request);
        if (!answered(page)) return;
        std::optional<std::uint64_t> first;
        std::optional<std::uint64_t> last;
        bool is_good = true;
        const Status decoded = page->events.for_each([&](const model::RecordedEvent& event) {
            const std::uint64_t revision = event.revision.value;
            if (event.stream != request.stream) is_good = false;
            if (last && revision != (is_backwards ? *last - 1 : *last + 1)) is_good = false;
            if (!first) first = revision;
            last = revision;
            ++sample_.events;
            sample_.bytes += event.data.size();
            return ok();
        });
        if (!decoded || !is_good || !first) return wrong();
        // What was acknowledged before the read was sent must be there.
        if (is_backwards && *first < known) return wrong();
        if (!is_backwards && *first != 0) return wrong();
        if (!is_backwards && page->is_end && *last < known) return wrong();
    }

    [[nodiscard]] Value document(std::uint64_t number) {
        Value value{documents::Object{}};
        value.set("number", Value(documents::Number{std::to_string(number)}));
        value.set(actor_.actor.field, words());
        return value;
    }

    [[nodiscard]] Value words() {
        return Value(draw_words(draw_size(actor_.actor.size, choice_.dice()), choice_.dice()));
    }

    [[nodiscard]] api::EntityKey entity(std::uint64_t key) const {
        return {keys_.category(), keys_.id(key)};
    }

    void create(std::uint64_t key, std::uint64_t number) {
        api::NewEntity object;
        object.id = keys_.id(key);
        object.document = document(number);
        sending();
        changed(
            key, run_.stores.entities->create(run_.context(), keys_.category(), std::move(object))
        );
    }

    void update(std::uint64_t key, std::uint64_t number) {
        documents::Patch patch;
        patch.body = document(number);
        sending();
        changed(key, run_.stores.entities->patch(run_.context(), entity(key), patch));
    }

    void remove(std::uint64_t key) {
        sending();
        changed(key, run_.stores.entities->remove(run_.context(), entity(key)));
    }

    void changed(std::uint64_t key, const Result<api::Written>& written) {
        Category& category = actor_.category;
        const Does does = actor_.actor.does;
        if (!answered(written)) {
            if (!is_outcome_unknown(written.error())) return;
            const std::lock_guard lock(category.mutex);
            ++category.events_unknown;
            if (does != Does::kCrudUpdate) ++category.objects_unknown;
            return;
        }
        keys_.note(key, written->revision.value);
        if (written->is_unchanged) return;
        sample_.events = 1;
        const std::lock_guard lock(category.mutex);
        ++category.events;
        if (does == Does::kCrudCreate) ++category.created;
        if (does == Does::kCrudDelete) ++category.deleted;
    }

    void get(std::uint64_t key) {
        const std::uint64_t known = keys_.revision(key).value_or(0);
        sending();
        const Result<api::Entity> found = run_.stores.entities->get(run_.context(), entity(key));
        if (!answered(found)) return;
        if (found->revision.value < known || found->key != entity(key)) wrong();
    }

    RunState& run_;
    ActorRun& actor_;
    KeySpace& keys_;
    KeyChoice choice_;
    Sample sample_;
};

}  // namespace

void run_asking_lane(RunState& run, ActorRun& actor, std::uint64_t lane) {
    AskingLane(run, actor, lane).work();
}

}  // namespace annals::load_kit
