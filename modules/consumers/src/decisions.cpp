// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "decisions.hpp"

#include <utility>

#include "annals/model/names.hpp"
#include "annals/model/refusals.hpp"

namespace annals::consumers {
namespace {

std::string quoted(std::string_view consumer) {
    return "consumer \"" + model::shown(consumer) + "\"";
}

Error fenced(std::string_view consumer, const Record& current, const std::string& epoch) {
    const std::string holder = current.owner.empty()
                                   ? "nobody holds it since it was rewound"
                                   : "it belongs to \"" + model::shown(current.owner) + "\"";
    return Error(
               ErrorCode::kConsumerFenced,
               quoted(consumer) + " is in epoch " + std::to_string(current.epoch) + " now and " +
                   holder + ", this save has " + epoch +
                   ": stop, or claim it and go on from the position in the answer"
    )
        .with("consumer", model::shown(consumer))
        .with("owner", model::shown(current.owner))
        .with("current_epoch", std::to_string(current.epoch));
}

Error ahead(std::string_view consumer, const Record& current, const Place& place) {
    const std::string position = std::to_string(place.at.value);
    const std::string stored = std::to_string(current.at.value);
    return Error(
               ErrorCode::kConsumerAhead,
               quoted(consumer) + " has come to position " + stored + " already, position " +
                   position +
                   " lies before it: saving never goes back, rewind the consumer if events shall "
                   "be repeated"
    )
        .with("consumer", model::shown(consumer))
        .with("position", position)
        .with("current_position", stored);
}

/// What goes on from `current`, if there is something.
Record next_of(const Current& current, RecordKind kind) {
    Record next;
    if (is_there(current)) {
        next = *current;
    } else if (current) {
        next.epoch = current->epoch;
        next.foreign_id = current->foreign_id;
    }
    next.kind = kind;
    next.reason.clear();
    return next;
}

Record at_place(Record record, const Place& place) {
    record.position = place.token;
    record.at = place.at;
    record.offset.clear();
    return record;
}

Status check_epoch(std::string_view consumer, const Current& current, std::uint64_t epoch) {
    const std::uint64_t stored = current ? current->epoch : 0;
    if (!is_there(current)) {
        if (epoch == 0 && stored == 0) return ok();
        return consumer_not_found(consumer);
    }
    if (epoch == stored) return ok();
    if (epoch > stored) {
        return model::refused(
            "epoch",
            std::to_string(epoch),
            "the last one given for this consumer is " + std::to_string(stored)
        );
    }
    const std::string shown = epoch == 0 ? "no epoch" : "epoch " + std::to_string(epoch);
    return fenced(consumer, *current, shown).with("epoch", std::to_string(epoch));
}

/// The error again, about what is stored.
Error about_stored(std::string_view consumer, const Error& error) {
    return Error(
               error.code(),
               "what is stored of " + quoted(consumer) +
                   " does not belong to this log's history (" + std::string(error.message()) +
                   "): rewind it to where it shall go on"
    )
        .with("field", "stored_position")
        .with("consumer", model::shown(consumer))
        .with("position", error.field("position"));
}

}  // namespace

bool is_there(const Current& current) { return current && !current->is_deleted(); }

Error consumer_not_found(std::string_view consumer) {
    return Error(
               ErrorCode::kConsumerNotFound,
               "there is no " + quoted(consumer) +
                   ": it begins with its first save or, when it was claimed before, with a claim"
    )
        .with("consumer", model::shown(consumer));
}

Decision decide_save(
    std::string_view consumer,
    const Current& current,
    const Place& place,
    std::uint64_t epoch,
    const CheckStored& check_stored
) {
    ANNALS_CHECK(check_epoch(consumer, current, epoch));
    if (is_there(current) && !current->position.empty()) {
        if (Status known = check_stored(current->position); !known) {
            return about_stored(consumer, known.error());
        }
        if (place.at < current->at) return ahead(consumer, *current, place);
        if (place.at == current->at) return std::nullopt;
    }
    return at_place(next_of(current, RecordKind::kSaved), place);
}

Decision decide_claim(const Current& current, const std::string& owner) {
    Record next = next_of(current, RecordKind::kClaimed);
    ++next.epoch;
    next.owner = owner;
    return next;
}

Decision decide_rewind(
    std::string_view consumer, const Current& current, const Place& place, const std::string& reason
) {
    if (!is_there(current)) return consumer_not_found(consumer);
    Record next = at_place(next_of(current, RecordKind::kRewound), place);
    ++next.epoch;
    next.owner.clear();
    next.reason = reason;
    return next;
}

Decision decide_remove(
    std::string_view consumer, const Current& current, const std::string& reason
) {
    if (!is_there(current)) return consumer_not_found(consumer);
    Record last;
    last.kind = RecordKind::kDeleted;
    last.epoch = current->epoch;
    last.foreign_id = current->foreign_id;
    last.last_seen_time = current->last_seen_time;
    last.reason = reason;
    return last;
}

Decision decide_offset(
    std::string_view consumer,
    const Current& current,
    const std::string& offset,
    const std::string& foreign_id,
    const std::optional<Place>& place
) {
    if (is_there(current) && !current->owner.empty()) {
        return fenced(consumer, *current, "no epoch").with("epoch", "0");
    }
    Record next = next_of(current, RecordKind::kSaved);
    next.foreign_id = foreign_id;
    next.offset = offset;
    next.position = place ? place->token : std::string();
    next.at = place ? place->at : Position(0);
    const bool is_same = is_there(current) && current->offset == next.offset &&
                         current->position == next.position &&
                         current->foreign_id == next.foreign_id;
    if (is_same) return std::nullopt;
    return next;
}

}  // namespace annals::consumers
