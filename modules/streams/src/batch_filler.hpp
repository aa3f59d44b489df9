// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <utility>
#include <vector>

#include "annals/api/removed_events.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/model/event_batch.hpp"
#include "annals/streams/fill.hpp"

namespace annals::streams::detail {

/// Copies events from the log into a batch and knows when it is full. No allocation for an event.
class BatchFiller {
  public:
    BatchFiller(const FillLimits& limits, model::EventBatch& batch)
        : limits_(limits), batch_(batch) {}

    /// False (nothing added) when the batch has no room for it.
    bool add(const log::StoredEvent& event) {
        const std::size_t bytes = event.envelope.size() + event.payload.size() + kOverheadBytes;
        if (batch_.size() >= limits_.events_max) return false;
        if (!batch_.empty() && batch_.bytes().size() + bytes > limits_.bytes_max) return false;
        batch_.add(
            event.envelope, event.payload, event.position, event.revision, event.recorded_time
        );
        move_to(event);
        if (first_added_.value == 0) first_added_ = event.position;
        added_ = {event.position, event.revision, event.chain_bits};
        removed_before_added_ = removed_.size();
        return true;
    }
    /// Goes on behind an event of what is asked for that was removed.
    void pass_removed(
        const log::StoredEvent& event, bool has_revisions, bool is_uncertain = false
    ) {
        move_to(event);
        api::RemovedEvents one;
        one.first_position = one.last_position = event.position;
        one.events = is_uncertain ? 0 : 1;
        one.is_uncertain = is_uncertain;
        one.removed_time = event.removed_time;
        if (has_revisions) one.first_revision = one.last_revision = event.revision;
        const bool is_neighbour = removed_.size() > removed_before_added_ &&
                                  removed_.back().is_uncertain == is_uncertain;
        if (is_neighbour) {
            removed_.back().take_in(one);
        } else {
            removed_.push_back(one);
        }
    }
    /// Goes on behind an event that is not asked for.
    void pass(const log::StoredEvent& event) { move_to(event); }
    /// Goes on behind an event that was not read, or was lost to damage: nothing is known of it but
    /// its place.
    void pass_unread(Revision revision) {
        last_position_ = Position(0);
        last_revision_ = revision;
        has_moved_ = true;
    }
    [[nodiscard]] bool is_full() const { return batch_.size() >= limits_.events_max; }
    [[nodiscard]] std::size_t room() const { return limits_.events_max - batch_.size(); }

    /// Once: gives away what is told of removed events.
    [[nodiscard]] Fill stop(Position reached, bool is_done) {
        Fill fill;
        fill.reached = reached;
        fill.last_revision = last_revision_;
        fill.has_moved = has_moved_;
        if (reached == last_position_ && reached.value > 0) fill.chain_bits = chain_bits_;
        fill.is_done = is_done;
        fill.removed = std::move(removed_);
        fill.removed_before_last = removed_before_added_;
        fill.first_added = first_added_;
        fill.last_added = added_;
        return fill;
    }
    /// Of the last event added or passed over, if there was one.
    [[nodiscard]] bool has_moved() const { return has_moved_; }
    [[nodiscard]] Revision last_revision() const { return last_revision_; }

  private:
    static constexpr std::size_t kOverheadBytes = model::kStampBytes +
                                                  6;  // tag and length of the message

    void move_to(const log::StoredEvent& event) {
        last_position_ = event.position;
        last_revision_ = event.revision;
        chain_bits_ = event.chain_bits;
        has_moved_ = true;
    }

    const FillLimits& limits_;
    model::EventBatch& batch_;
    Position last_position_;
    Revision last_revision_;
    std::uint32_t chain_bits_ = 0;
    bool has_moved_ = false;
    std::vector<api::RemovedEvents> removed_;
    std::size_t removed_before_added_ = 0;
    Position first_added_;
    Fill::Added added_;
};

}  // namespace annals::streams::detail
