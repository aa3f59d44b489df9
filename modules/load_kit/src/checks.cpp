// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "annals/model/limits.hpp"

#include "run_state.hpp"

namespace annals::load_kit {
namespace {

std::string times(std::uint64_t count, std::string_view what) {
    return std::to_string(count) + " " + std::string(what);
}

/// Reads everything behind the run's start in the run's categories.
class ReadBack {
  public:
    ReadBack(RunState& run, const std::vector<Category*>& categories) : run_(run) {
        for (Category* const category : categories) {
            found_.push_back({category, std::vector<std::uint64_t>(category->keys.count()), 0, {}});
        }
    }

    Status read() {
        api::ReadRequest request;
        request.limit = model::Limits::kReadEventsMax;
        for (const Found& found : found_) {
            request.filter.categories.push_back(found.category->keys.category());
        }
        if (!run_.start_token.empty()) request.start = api::AfterToken{run_.start_token};
        while (true) {
            ANNALS_TRY(const api::ReadPage page, run_.stores.events->read(run_.context(), request));
            ANNALS_CHECK(page.events.for_each([&](const model::RecordedEvent& event) {
                note(event);
                return ok();
            }));
            if (page.is_end || page.next.empty()) return ok();
            request.start = api::AfterToken{page.next};
        }
    }

    std::vector<CheckResult> checks() {
        std::vector<CheckResult> all;
        all.reserve(found_.size());
        for (Found& found : found_) all.push_back(check(found));
        return all;
    }

  private:
    struct Found {
        Category* category;
        std::vector<std::uint64_t> next_revision;  ///< by key
        std::uint64_t gaps = 0;
        std::string first_gap;
    };

    void note(const model::RecordedEvent& event) {
        const std::string_view name = event.stream.substr(0, event.stream.find('-'));
        for (Found& found : found_) {
            if (found.category->keys.category() != name) continue;
            found.category->stored.add(event.position);
            const std::optional<std::uint64_t> key = found.category->keys.key_of(event.stream);
            if (key && found.next_revision[*key] == event.revision.value) {
                ++found.next_revision[*key];
                return;
            }
            if (found.gaps++ == 0) {
                found.first_gap = std::string(event.stream) + " at revision " +
                                  std::to_string(event.revision.value);
            }
            return;
        }
    }

    static CheckResult check(Found& found) {
        Category& category = *found.category;
        const std::lock_guard lock(category.mutex);
        const std::uint64_t stored = category.stored.count();
        CheckResult result;
        result.name = "stored: " + category.keys.category();
        result.said = times(category.events, "events acknowledged, ") + times(stored, "stored");
        if (category.events_unknown > 0) {
            result.said += ", " + times(category.events_unknown, "with an unknown outcome");
        }
        const bool is_count_good = stored >= category.events &&
                                   stored <= category.events + category.events_unknown;
        const bool is_there = category.stored.contains_all(category.acknowledged);
        result.is_held = is_count_good && is_there && found.gaps == 0 && category.repeated == 0;
        if (!is_there) result.said += "; some that were acknowledged are not there";
        if (category.repeated > 0) {
            result.said += "; " + times(category.repeated, "positions were given out twice");
        }
        if (found.gaps > 0) {
            result.said += "; " + times(found.gaps, "revisions out of order, the first: ") +
                           found.first_gap;
        }
        return result;
    }

    RunState& run_;
    std::vector<Found> found_;
};

Result<std::uint64_t> count_objects(RunState& run, const Category& category) {
    api::ListEntities request;
    request.type = category.keys.category();
    std::uint64_t count = 0;
    do {
        ANNALS_TRY(const api::EntityCount page, run.stores.entities->count(run.context(), request));
        count += page.entities;
        request.after = page.next;
    } while (!request.after.empty());
    return count;
}

CheckResult check_objects(RunState& run, Category& category) {
    CheckResult result;
    result.name = "objects: " + category.keys.category();
    const Result<std::uint64_t> count = count_objects(run, category);
    if (!count) {
        result.said = "they could not be counted: " + count.error().to_string();
        return result;
    }
    const std::lock_guard lock(category.mutex);
    const std::uint64_t wanted = category.created - std::min(category.created, category.deleted);
    const std::uint64_t apart = *count > wanted ? *count - wanted : wanted - *count;
    result.is_held = apart <= category.objects_unknown;
    result.said = times(category.created, "created, ") + times(category.deleted, "deleted, ") +
                  times(*count, "there");
    if (category.objects_unknown > 0) {
        result.said += ", " + times(category.objects_unknown, "with an unknown outcome");
    }
    return result;
}

}  // namespace

std::vector<CheckResult> check_store(RunState& run, const std::vector<Category*>& categories) {
    ReadBack reader(run, categories);
    if (const Status read = reader.read(); !read) {
        return {{"stored", false, "the streams could not be read back: " + read.error().to_string()}
        };
    }
    std::vector<CheckResult> all = reader.checks();
    for (Category* const category : categories) {
        if (category->is_of_objects) all.push_back(check_objects(run, *category));
    }
    return all;
}

CheckResult check_heard(RunState& run, Heard& heard) {
    const std::lock_guard lock(heard.mutex);
    const PositionSet& stored = heard.category.stored;
    const bool is_group = !heard.name.empty();
    CheckResult result;
    result.name = "heard: " + heard.shown;
    result.said = times(stored.count(), "events stored, ") +
                  times(heard.seen.count(), is_group ? "handled" : "received");
    if (heard.twice > 0) result.said += ", " + times(heard.twice, "of them again");
    if (heard.disordered > 0) result.said += ", " + times(heard.disordered, "out of order");
    if (heard.broken > 0) {
        result.said += "; broke off " + times(heard.broken, "times, last: ") + heard.last_error;
    }
    const bool is_all = run.is_stored_known.load() && heard.seen == stored;
    // A group gives an event again when a member breaks off before its acknowledgement is kept.
    const bool is_once = heard.twice == 0 || (is_group && heard.broken > 0);
    result.is_held = is_all && is_once && heard.disordered == 0;
    return result;
}

}  // namespace annals::load_kit
