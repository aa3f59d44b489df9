// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

// A model of the rules that is right because it is simple: a list of all events, searched from the
// start for every question. For tests.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "annals/codec/checksum.hpp"
#include "annals/commit/proposal.hpp"
#include "annals/commit/rules.hpp"
#include "annals/model/stream_life.hpp"

namespace annals::commit::testing {

struct ModelEvent {
    std::string stream;
    Uuid id;
    std::uint64_t content = 0;
    std::string type;
    std::vector<std::string> tags;
    bool is_id_given = false;
};

struct ModelTracking {
    std::string key;
    std::uint64_t position = 0;
};

struct ModelQuery {
    std::optional<std::string> type = {};
    std::optional<std::string> tag = {};
    std::uint64_t after = 0;
};

struct ModelAppend {
    std::vector<ModelEvent> events;
    std::vector<std::pair<std::string, model::ExpectedRevision>> stream_checks = {};
    std::vector<ModelQuery> queries = {};
    std::optional<ModelTracking> tracking = {};
};

/// What should become of an append.
struct ModelOutcome {
    Decision::Kind kind = Decision::Kind::kAccepted;
    std::optional<ErrorCode> code;
    std::uint64_t replay_first = 0;
    std::vector<std::uint64_t> revisions;
    std::vector<std::uint32_t> failed_checks;

    bool operator==(const ModelOutcome&) const = default;
};

class RulesModel {
  public:
    struct Stored {
        ModelEvent event;
        std::size_t append = 0;
        std::uint64_t revision = 0;
    };

    std::vector<Stored> log;  ///< the event at position p is log[p - 1]
    std::vector<ModelAppend> appends;
    std::vector<std::uint64_t> append_first;
    std::set<std::string> deleted;
    std::set<std::string> tombstoned;

    [[nodiscard]] std::uint64_t count(const std::string& stream) const {
        return static_cast<std::uint64_t>(std::count_if(
            log.begin(), log.end(), [&](const Stored& s) { return s.event.stream == stream; }
        ));
    }

    void store(const ModelAppend& append) {
        append_first.push_back(log.size() + 1);
        for (const ModelEvent& event : append.events) {
            log.push_back({event, appends.size(), count(event.stream)});
            deleted.erase(event.stream);
        }
        appends.push_back(append);
    }

    /// The last event that is the stream's own or a change of its life; null: none.
    [[nodiscard]] const ModelEvent* last_of_life(const std::string& stream) const {
        const auto last = std::find_if(log.rbegin(), log.rend(), [&](const Stored& stored) {
            return stored.event.stream == stream || is_change_of(stored.event, stream);
        });
        return last == log.rend() ? nullptr : &last->event;
    }
    static bool is_change_of(const ModelEvent& event, const std::string& stream) {
        return event.stream == "$$" + stream && model::life_change_of(event.stream, event.type);
    }
    [[nodiscard]] bool has_metadata(const std::string& stream) const {
        return count("$$" + stream) != 0;
    }
    [[nodiscard]] bool is_deleted(const std::string& stream) const {
        const ModelEvent* last = last_of_life(stream);
        const bool is_last_a_delete = last != nullptr && last->stream != stream &&
                                      last->type == model::kDeletedType;
        return is_last_a_delete || deleted.contains(stream);
    }
    [[nodiscard]] bool is_tombstoned(const std::string& stream) const {
        const ModelEvent* last = last_of_life(stream);
        const bool is_last_a_tombstone = last != nullptr && last->stream != stream &&
                                         last->type == model::kTombstonedType;
        return is_last_a_tombstone || tombstoned.contains(stream);
    }
    /// Events of the stream before its last deletion.
    [[nodiscard]] std::uint64_t hidden(const std::string& stream) const {
        std::uint64_t events = 0;
        std::uint64_t hidden = 0;
        for (const Stored& stored : log) {
            if (stored.event.stream == stream) ++events;
            const bool is_deletion = is_change_of(stored.event, stream) &&
                                     stored.event.type == model::kDeletedType;
            if (is_deletion) hidden = events;
        }
        return hidden;
    }

    [[nodiscard]] bool is_met(const std::string& stream, model::ExpectedRevision expected) const {
        const std::uint64_t events = count(stream);
        const bool is_gone = is_deleted(stream) || is_tombstoned(stream);
        switch (expected.kind) {
            case model::ExpectedKind::kAny:
                return true;
            case model::ExpectedKind::kNoStream:
                return (events == 0 || is_deleted(stream)) && !is_tombstoned(stream);
            case model::ExpectedKind::kExists:
                return (events > 0 || has_metadata(stream)) && !is_gone;
            case model::ExpectedKind::kDeleted:
                return is_gone;
            case model::ExpectedKind::kExactly:
                return events == expected.revision.value + 1 && !is_tombstoned(stream);
        }
        return false;
    }

    /// Positions of the events with that id in the stream.
    [[nodiscard]] std::vector<std::uint64_t> find(const std::string& stream, const Uuid& id) const {
        std::vector<std::uint64_t> places;
        for (std::uint64_t p = 1; p <= log.size(); ++p) {
            if (log[p - 1].event.stream == stream && log[p - 1].event.id == id) places.push_back(p);
        }
        return places;
    }

    [[nodiscard]] bool is_query_met(const ModelQuery& query) const {
        for (std::uint64_t p = query.after + 1; p <= log.size(); ++p) {
            const ModelEvent& event = log[p - 1].event;
            const bool is_type = !query.type || *query.type == event.type;
            const bool is_tag = !query.tag ||
                                std::count(event.tags.begin(), event.tags.end(), *query.tag);
            if (is_type && is_tag) return true;
        }
        return false;
    }

    static bool is_same_content(const ModelAppend& a, const ModelAppend& b) {
        return std::equal(
            a.events.begin(),
            a.events.end(),
            b.events.begin(),
            b.events.end(),
            [](const ModelEvent& x, const ModelEvent& y) {
                return x.stream == y.stream && x.content == y.content;
            }
        );
    }

    [[nodiscard]] ModelOutcome judge(const ModelAppend& append) const {
        if (const auto outcome = judge_ids(append)) return *outcome;
        if (const auto outcome = judge_tracking(append)) return *outcome;
        for (const ModelEvent& event : append.events) {
            if (is_tombstoned(event.stream)) return refused(ErrorCode::kStreamDeleted);
            if (is_change(event) && is_tombstoned(subject_of(event))) {
                return refused(ErrorCode::kStreamDeleted);
            }
        }
        ModelOutcome outcome;
        std::uint32_t check = 0;
        std::set<std::string> unwritten;  // streams that are to be deleted
        for (const ModelEvent& event : append.events) {
            if (!is_change(event) || event.type != model::kDeletedType) continue;
            if (count(subject_of(event)) == 0) unwritten.insert(subject_of(event));
        }
        std::set<std::string> unchecked = unwritten;
        for (const auto& [stream, expected] : append.stream_checks) {
            if (!is_met(stream, expected) || unwritten.contains(stream)) {
                outcome.failed_checks.push_back(check);
            }
            unchecked.erase(stream);
            ++check;
        }
        for (const ModelQuery& query : append.queries) {
            if (is_query_met(query)) outcome.failed_checks.push_back(check);
            ++check;
        }
        for (std::size_t i = 0; i < unchecked.size(); ++i) outcome.failed_checks.push_back(check);
        if (!outcome.failed_checks.empty()) {
            outcome.kind = Decision::Kind::kRefused;
            outcome.code = ErrorCode::kConflict;
            return outcome;
        }
        RulesModel next = *this;
        next.store(append);
        for (std::size_t i = log.size(); i < next.log.size(); ++i) {
            outcome.revisions.push_back(next.log[i].revision);
        }
        return outcome;
    }

    static bool is_change(const ModelEvent& event) {
        return model::life_change_of(event.stream, event.type).has_value();
    }
    static std::string subject_of(const ModelEvent& event) {
        return std::string(model::subject_of(event.stream));
    }

  private:
    static ModelOutcome refused(ErrorCode code) {
        return {Decision::Kind::kRefused, code, 0, {}, {}};
    }
    static ModelOutcome replay(std::uint64_t first) {
        return {Decision::Kind::kReplay, std::nullopt, first, {}, {}};
    }

    [[nodiscard]] std::optional<ModelOutcome> judge_ids(const ModelAppend& append) const {
        bool is_known = false;
        for (const ModelEvent& event : append.events) {
            if (!event.is_id_given || find(event.stream, event.id).empty()) continue;
            is_known = true;
            for (const auto& [stream, expected] : append.stream_checks) {
                const bool is_proof = stream == event.stream && is_met(stream, expected) &&
                                      expected.kind == model::ExpectedKind::kExactly;
                if (is_proof) return refused(ErrorCode::kIdConflict);
            }
        }
        if (!is_known) return std::nullopt;
        for (std::size_t i = 0; i < appends.size(); ++i) {
            if (is_same_append(append, appends[i])) return replay(append_first[i]);
        }
        return refused(ErrorCode::kIdConflict);
    }

    static bool is_same_append(const ModelAppend& again, const ModelAppend& stored) {
        const bool are_ids_same = std::ranges::equal(
            again.events,
            stored.events,
            [](const ModelEvent& x, const ModelEvent& y) { return x.is_id_given && x.id == y.id; }
        );
        return are_ids_same && is_same_content(again, stored);
    }

    [[nodiscard]] std::optional<ModelOutcome> judge_tracking(const ModelAppend& append) const {
        if (!append.tracking) return std::nullopt;
        std::optional<std::size_t> last;
        for (std::size_t i = 0; i < appends.size(); ++i) {
            if (appends[i].tracking && appends[i].tracking->key == append.tracking->key) last = i;
        }
        if (!last || append.tracking->position > appends[*last].tracking->position)
            return std::nullopt;
        if (append.tracking->position == appends[*last].tracking->position &&
            is_same_content(append, appends[*last])) {
            return replay(append_first[*last]);
        }
        return refused(ErrorCode::kAlreadyTracked);
    }
};

/// The proposal for an append of the model.
inline Proposal proposal_of(const ModelAppend& append) {
    Proposal proposal;
    const auto ordinal_of = [&proposal](std::string_view name) {
        auto& streams = proposal.streams;
        const auto found = std::find_if(streams.begin(), streams.end(), [&](const auto& stream) {
            return stream.name == name;
        });
        const auto ordinal = static_cast<std::uint32_t>(found - streams.begin());
        if (found == streams.end()) streams.push_back({.name = name});
        return ordinal;
    };
    for (const ModelEvent& event : append.events) {
        const std::uint32_t stream = ordinal_of(event.stream);
        proposal.events.push_back({event.id, event.content, stream, event.is_id_given});
        ++proposal.streams[stream].events;
        if (event.is_id_given) ++proposal.streams[stream].given_ids;
    }
    const ModelEvent& first = append.events.front();
    if (const auto change = model::life_change_of(first.stream, first.type)) {
        // A view into the append, which lives as long.
        proposal.change = {ordinal_of(model::subject_of(first.stream)), *change};
    }
    std::uint32_t check = 0;
    for (const auto& [stream, expected] : append.stream_checks) {
        proposal.stream_checks.push_back({check++, ordinal_of(stream), expected});
    }
    for (const ModelQuery& query : append.queries) {
        model::QueryItem item;
        if (query.type) item.types.push_back(*query.type);
        if (query.tag) item.tags.push_back(*query.tag);
        proposal.query_checks.push_back({check++, hash_query({{item}}), Position(query.after)});
    }
    if (append.tracking) {
        proposal.tracking = {append.tracking->position, append_fingerprint(proposal)};
    }
    return proposal;
}

/// The rules' view of a model.
class ModelView final : public RulesView {
  public:
    ModelView(const RulesModel& model, const ModelAppend& append, const Proposal& proposal)
        : model_(model), append_(append), proposal_(proposal) {}

    [[nodiscard]] Position end() const override { return Position(model_.log.size()); }

    [[nodiscard]] StreamState stream(std::uint32_t stream) const override {
        const std::string name(proposal_.streams[stream].name);
        StreamState state;
        state.event_count = model_.count(name);
        state.is_deleted = model_.is_deleted(name);
        state.is_tombstoned = model_.is_tombstoned(name);
        state.has_metadata = model_.has_metadata(name);
        state.truncate_before = Revision(model_.hidden(name));
        return state;
    }

    Knowledge find_known(std::uint32_t stream, std::vector<KnownEvent>& known) const override {
        for (std::uint32_t i = 0; i < proposal_.events.size(); ++i) {
            const ProposedEvent& event = proposal_.events[i];
            if (event.stream != stream || !event.is_id_given) continue;
            for (const std::uint64_t place : model_.find(append_.events[i].stream, event.id)) {
                const RulesModel::Stored& stored = model_.log[place - 1];
                known.push_back(
                    {i,
                     Position(place),
                     stored.event.content,
                     Position(model_.append_first[stored.append]),
                     static_cast<std::uint32_t>(model_.appends[stored.append].events.size())}
                );
            }
        }
        return Knowledge::kComplete;
    }

    Knowledge find_match(std::uint32_t query_check, Position& match) const override {
        const ProposedQueryCheck& check = proposal_.query_checks[query_check];
        for (std::uint64_t p = check.after.value + 1; p <= model_.log.size(); ++p) {
            const ModelEvent& event = model_.log[p - 1].event;
            std::vector<TermHash> tags;
            tags.reserve(event.tags.size());
            for (const std::string& tag : event.tags) tags.push_back(codec::hash64(tag));
            if (!matches(check.query, codec::hash64(event.type), tags)) continue;
            match = Position(p);
            break;
        }
        return Knowledge::kComplete;
    }

    Knowledge find_tracked(TrackedAppend& tracked) const override {
        for (std::size_t i = 0; i < model_.appends.size(); ++i) {
            const ModelAppend& append = model_.appends[i];
            if (!append.tracking || append.tracking->key != append_.tracking->key) continue;
            tracked = {
                append.tracking->position,
                append_fingerprint(proposal_of(append)),
                Position(model_.append_first[i]),
                static_cast<std::uint32_t>(append.events.size())
            };
        }
        return Knowledge::kComplete;
    }

  private:
    const RulesModel& model_;
    const ModelAppend& append_;
    const Proposal& proposal_;
};

inline ModelOutcome outcome_of(const Decision& decision) {
    ModelOutcome outcome;
    outcome.kind = decision.kind;
    if (decision.kind == Decision::Kind::kReplay)
        outcome.replay_first = decision.replay_first.value;
    if (decision.kind == Decision::Kind::kAccepted) {
        for (const log::Stamp& stamp : decision.stamps) {
            outcome.revisions.push_back(stamp.revision.value);
        }
    }
    if (!decision.error) return outcome;
    outcome.code = decision.error->code();
    if (const auto* details = decision.error->details<model::ConflictDetails>()) {
        for (const auto& failed : details->failed_checks) {
            outcome.failed_checks.push_back(failed.check_index);
        }
    }
    return outcome;
}

}  // namespace annals::commit::testing
