// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "history.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "annals/commit/newest_first.hpp"
#include "annals/model/event.hpp"
#include "annals/model/refusals.hpp"

#include "record.hpp"
#include "stored_group.hpp"

namespace annals::groups {
namespace {

using commit::NewestFirst;

/// Events that one page looks at, shown or not.
constexpr std::size_t kLookedAtMax = 4'096;
constexpr std::size_t kPageBytesMax = 4u << 20u;

/// Revisions of the two streams below which the next page begins: "12.340". Neither stream loses
/// events, so it stays valid.
struct Cursor {
    std::optional<Revision> definition;
    std::optional<Revision> parked;
};

std::optional<Revision> take_number(std::string_view& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return Revision(number);
}

Result<Cursor> parse_cursor(const std::string& text) {
    Cursor cursor;
    if (text.empty()) return cursor;
    std::string_view rest = text;
    cursor.definition = take_number(rest);
    const bool has_dot = rest.starts_with('.');
    if (has_dot) rest.remove_prefix(1);
    cursor.parked = take_number(rest);
    if (cursor.definition && has_dot && cursor.parked && rest.empty()) return cursor;
    return model::refused("after", text, "it is `next` of the page before");
}

/// One of the two streams, and its next event, looked at and not taken yet.
class Side {
  public:
    explicit Side(NewestFirst events) : events_(std::move(events)), below_(events_.below()) {}

    [[nodiscard]] bool is_known() const { return events_.is_known(); }
    [[nodiscard]] Revision below() const { return below_; }
    /// Adds to the count what it had to look at.
    Result<const log::StoredEvent*> peek(std::size_t& looked_at) {
        if (!next_ && below_.value > 0) {
            ANNALS_TRY(next_, events_.next());
            ++looked_at;
            if (!next_) below_ = Revision(0);
        }
        return next_ ? &*next_ : nullptr;
    }
    void take() {
        below_ = events_.below();
        next_.reset();
    }

  private:
    NewestFirst events_;
    Revision below_;
    std::optional<log::StoredEvent> next_;
};

Result<api::GroupHistoryEntry> definition_entry(
    const commit::Orderer& system, const model::RecordedEvent& event, Revision revision
) {
    ANNALS_TRY(Definition definition, parse_definition(event.type, event.data));
    api::GroupHistoryEntry entry;
    entry.deed = static_cast<api::GroupDeed>(definition.kind);
    entry.reason = std::move(definition.reason);
    entry.generation = definition.generation;
    const bool is_beginning = definition.kind == DefinitionKind::kCreated ||
                              definition.kind == DefinitionKind::kReset ||
                              definition.kind == DefinitionKind::kRewound;
    if (is_beginning) entry.begins_after = definition.from;
    if (definition.kind == DefinitionKind::kUpdated) {
        ANNALS_TRY(auto older, NewestFirst::open(system, std::string(event.stream), revision));
        ANNALS_TRY(const auto stored, older.next());
        if (stored && !stored->is_removed) {
            model::RecordedEvent before;
            ANNALS_CHECK(model::decode_event_fields(stored->envelope, before));
            ANNALS_CHECK(model::decode_event_fields(stored->payload, before));
            ANNALS_TRY(const Definition old, parse_definition(before.type, before.data));
            entry.differs = api::differing_group_settings(old.settings, definition.settings);
        }
    }
    const bool has_settings = definition.kind == DefinitionKind::kCreated ||
                              definition.kind == DefinitionKind::kUpdated;
    if (has_settings) entry.settings = std::move(definition.settings);
    return entry;
}

/// The journal has them in the same order, behind those of the group.
api::GroupDeed deed_of(ChangeKind kind) {
    constexpr auto kFirst = static_cast<std::size_t>(api::GroupDeed::kParked);
    return static_cast<api::GroupDeed>(kFirst + static_cast<std::size_t>(kind));
}
static_assert(
    static_cast<std::size_t>(api::GroupDeed::kHandled) -
        static_cast<std::size_t>(api::GroupDeed::kParked) ==
    static_cast<std::size_t>(ChangeKind::kFinished)
);
static_assert(
    static_cast<std::size_t>(api::GroupDeed::kDeleted) ==
    static_cast<std::size_t>(DefinitionKind::kDeleted)
);

Result<api::GroupHistoryEntry> change_entry(const model::RecordedEvent& event) {
    ANNALS_TRY(Change change, parse_change(event.type, event.data));
    api::GroupHistoryEntry entry;
    entry.deed = deed_of(change.kind);
    entry.reason = std::move(change.reason);
    entry.key = std::move(change.key);
    entry.events = change.positions.size();
    const std::size_t shown = std::min(change.positions.size(), api::kGroupHistoryPositionsMax);
    change.positions.resize(shown);
    entry.positions = std::move(change.positions);
    entry.attempts = change.attempts;
    entry.error = std::move(change.error);
    entry.member = std::move(change.member);
    return entry;
}

/// By the type alone, without a look at the data.
bool is_of_itself(std::string_view type) {
    return type == type_of(ChangeKind::kParked) || type == type_of(ChangeKind::kQueued) ||
           type == type_of(ChangeKind::kFinished);
}

}  // namespace

Result<std::optional<api::GroupHistory>> read_history(
    const commit::Orderer& system, const api::GroupHistoryRequest& request
) {
    ANNALS_TRY(const Cursor cursor, parse_cursor(request.after));
    ANNALS_TRY(
        auto definitions,
        NewestFirst::open(system, definition_stream(request.group), cursor.definition)
    );
    ANNALS_TRY(
        auto changes, NewestFirst::open(system, parked_stream(request.group), cursor.parked)
    );
    Side definition(std::move(definitions));
    Side parked(std::move(changes));
    if (!definition.is_known()) return std::optional<api::GroupHistory>();
    api::GroupHistory page;
    std::size_t bytes = 0;
    std::size_t looked_at = 0;
    while (page.entries.size() < request.limit && bytes <= kPageBytesMax) {
        if (looked_at >= kLookedAtMax) break;
        ANNALS_TRY(const log::StoredEvent* const of_group, definition.peek(looked_at));
        ANNALS_TRY(const log::StoredEvent* const of_events, parked.peek(looked_at));
        if (of_group == nullptr && of_events == nullptr) return std::optional(std::move(page));
        const bool is_definition = of_events == nullptr ||
                                   (of_group != nullptr && of_group->position > of_events->position
                                   );
        const log::StoredEvent& stored = is_definition ? *of_group : *of_events;
        Side& side = is_definition ? definition : parked;
        model::RecordedEvent event;
        ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
        const bool is_shown = !stored.is_removed &&
                              (is_definition || request.is_everything || !is_of_itself(event.type));
        if (is_shown) {
            ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
            ANNALS_TRY(
                api::GroupHistoryEntry entry,
                is_definition ? definition_entry(system, event, stored.revision)
                              : change_entry(event)
            );
            entry.time = stored.recorded_time;
            entry.actor = event.actor;
            bytes += event.data.size() + event.actor.size();
            page.entries.push_back(std::move(entry));
        }
        side.take();
    }
    if (definition.below().value > 0 || parked.below().value > 0) {
        page.next = std::to_string(definition.below().value) + "." +
                    std::to_string(parked.below().value);
    }
    return std::optional(std::move(page));
}

}  // namespace annals::groups
