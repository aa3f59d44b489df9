// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "store_check.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "append_plan.hpp"

namespace annals::crash {
namespace {

/// Where the events of one append were found.
struct Found {
    std::vector<std::uint64_t> positions;
    std::vector<std::uint64_t> revisions;
};

Error wrong(const std::string& what) { return Error(ErrorCode::kInternal, what); }

std::string text(const AppendName& name) {
    return "append " + std::to_string(name.first) + "/" + std::to_string(name.second);
}

class Checker {
  public:
    Checker(const JournalContent& journal, std::uint64_t seed) : journal_(journal), seed_(seed) {
        for (const auto& [name, is_sent] : journal.sent) plan(name);
    }

    Status take(const model::RecordedEvent& event) {
        ++report_.stored_events;
        const std::string where = "position " + std::to_string(event.position.value);
        if (event.position.value != report_.stored_events) {
            return wrong(where + " where " + std::to_string(report_.stored_events) + " was due");
        }
        std::uint64_t& next = next_revision_[std::string(event.stream)];
        if (event.revision.value != next) {
            return wrong(
                where + ": " + std::string(event.stream) + " revision " +
                std::to_string(event.revision.value) + " where " + std::to_string(next) + " was due"
            );
        }
        ++next;
        const auto planned = by_id_.find(std::string(event.id.view()));
        if (planned == by_id_.end()) return wrong(where + ": an event that nobody sent");
        const auto& [name, ordinal] = planned->second;
        const PlannedEvent& sent = plans_.at(name)[ordinal];
        if (event.stream != sent.stream || event.type != sent.type || event.data != sent.data) {
            return wrong(where + ": not what " + text(name) + " sent");
        }
        Found& found = found_[name];
        if (found.positions.size() != ordinal) {
            return wrong(
                where + ": event " + std::to_string(ordinal) + " of " + text(name) +
                " is twice there or out of order"
            );
        }
        found.positions.push_back(event.position.value);
        found.revisions.push_back(event.revision.value);
        return ok();
    }

    Result<CheckReport> finish() {
        for (const auto& [name, plan] : plans_) ANNALS_CHECK(check_append(name, plan));
        return report_;
    }

  private:
    void plan(const AppendName& name) {
        std::vector<PlannedEvent> events = plan_append({seed_, name.first, name.second});
        for (std::size_t at = 0; at < events.size(); ++at) {
            by_id_[std::string(events[at].id.view())] = {name, at};
        }
        plans_[name] = std::move(events);
    }

    Status check_append(const AppendName& name, const std::vector<PlannedEvent>& plan) {
        const auto answer = journal_.acknowledged.find(name);
        const bool is_acknowledged = answer != journal_.acknowledged.end();
        const auto found = found_.find(name);
        if (found == found_.end()) {
            if (is_acknowledged) return wrong(text(name) + " was acknowledged and is lost");
            ++report_.unanswered_missing;
            return ok();
        }
        const std::vector<std::uint64_t>& positions = found->second.positions;
        if (positions.size() != plan.size()) return wrong(text(name) + " is stored in part");
        if (positions.back() - positions.front() + 1 != plan.size()) {
            return wrong(text(name) + " is stored in pieces");
        }
        std::uint64_t& last = last_of_thread_[name.first];
        if (positions.front() <= last)
            return wrong(text(name) + " is stored before an earlier one");
        last = positions.back();
        if (!is_acknowledged) {
            ++report_.unanswered_stored;
            return ok();
        }
        ++report_.acknowledged_appends;
        return check_answer(name, answer->second, found->second, plan);
    }

    static Status check_answer(
        const AppendName& name,
        const Acknowledged& answer,
        const Found& found,
        const std::vector<PlannedEvent>& plan
    ) {
        if (answer.first_position != found.positions.front() ||
            answer.last_position != found.positions.back()) {
            return wrong(text(name) + " is stored elsewhere than was answered");
        }
        for (std::size_t at = 0; at < plan.size(); ++at) {
            const auto stream = std::ranges::find(
                answer.streams, plan[at].stream, &model::StreamRevisions::stream
            );
            if (stream == answer.streams.end() || found.revisions[at] < stream->first.value ||
                found.revisions[at] > stream->last.value) {
                return wrong(text(name) + " has other revisions than were answered");
            }
        }
        return ok();
    }

    const JournalContent& journal_;
    std::uint64_t seed_;
    CheckReport report_;
    std::map<AppendName, std::vector<PlannedEvent>> plans_;
    std::unordered_map<std::string, std::pair<AppendName, std::size_t>> by_id_;
    std::unordered_map<std::string, std::uint64_t> next_revision_;
    std::map<AppendName, Found> found_;
    std::map<std::uint32_t, std::uint64_t> last_of_thread_;
};

}  // namespace

Result<CheckReport> check_store(
    client::RemoteEventStore& store, const JournalContent& journal, std::uint64_t seed
) {
    Checker checker(journal, seed);
    api::ReadRequest request;
    request.limit = 0;
    ANNALS_CHECK(store.scan({}, request, [&](const api::ReadPage& page) {
        return page.events.for_each([&](const model::RecordedEvent& event) {
            return checker.take(event);
        });
    }));
    return checker.finish();
}

}  // namespace annals::crash
