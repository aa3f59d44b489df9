// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

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
        pass(event);
        return true;
    }
    /// Goes on behind an event that is not added.
    void pass(const log::StoredEvent& event) {
        last_position_ = event.position;
        last_revision_ = event.revision;
        chain_bits_ = event.chain_bits;
        has_moved_ = true;
    }
    [[nodiscard]] bool is_full() const { return batch_.size() >= limits_.events_max; }
    [[nodiscard]] std::size_t room() const { return limits_.events_max - batch_.size(); }

    [[nodiscard]] Fill stop(Position reached, bool is_done) const {
        Fill fill;
        fill.reached = reached;
        fill.last_revision = last_revision_;
        fill.has_moved = has_moved_;
        if (reached == last_position_ && reached.value > 0) fill.chain_bits = chain_bits_;
        fill.is_done = is_done;
        return fill;
    }

  private:
    static constexpr std::size_t kOverheadBytes = model::kStampBytes +
                                                  6;  // tag and length of the message

    const FillLimits& limits_;
    model::EventBatch& batch_;
    Position last_position_;
    Revision last_revision_;
    std::uint32_t chain_bits_ = 0;
    bool has_moved_ = false;
};

}  // namespace annals::streams::detail
