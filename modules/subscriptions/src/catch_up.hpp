// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "annals/api/requests.hpp"
#include "annals/base/clock.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/streams/filtered_events.hpp"
#include "annals/streams/stream_events.hpp"
#include "annals/streams/stream_lives.hpp"
#include "annals/streams/tokens.hpp"

namespace annals::subscriptions {

/// The reading side of one subscription: where it stands, which frame comes next. Knows nothing of
/// waiting. One thread at a time.
class CatchUp {
  public:
    static constexpr std::uint64_t kFellBehindEvents = 10'000;
    static constexpr std::int64_t kIdleCheckpointNs = 5'000'000'000;
    static constexpr std::size_t kFrameBytesMax = 1u << 20u;

    /// Checks the request and finds its start.
    static Result<std::unique_ptr<CatchUp>> begin(
        commit::Orderer& orderer,
        streams::Tokens& tokens,
        streams::StreamLives& lives,
        const Clock& clock,
        const api::SubscribeRequest& request
    );

    /// Fills the next frame, or answers false at the visible end. shutting_down there once the log
    /// is closed.
    Result<bool> next(api::SubscriptionFrame& frame);
    /// Somebody else looked at the events up to here: none matches.
    void skip_to(Position position) {
        if (position > position_) position_ = position;
    }
    /// Lets go of what reading held, while nothing is to be read.
    void rest() { reader_.reset(); }

    /// Everything up to here was given or does not match.
    [[nodiscard]] Position position() const { return position_; }
    /// What the last frame said.
    [[nodiscard]] Position reported() const { return reported_; }
    [[nodiscard]] std::int64_t idle_checkpoint_ns() const {
        return reported_ns_ + kIdleCheckpointNs;
    }
    [[nodiscard]] Position checkpoint_position() const {
        return reported_.plus(checkpoint_interval_);
    }
    /// Empty when it is on a filter.
    [[nodiscard]] std::string_view stream() const {
        return stream_ ? stream_->stream() : std::string_view();
    }
    /// Null when it is on a stream.
    [[nodiscard]] const streams::EnvelopeFilter* filter() const {
        return filtered_ ? &filtered_->filter() : nullptr;
    }

  private:
    CatchUp(
        commit::Orderer& orderer,
        streams::Tokens& tokens,
        streams::StreamLives& lives,
        const Clock& clock
    )
        : orderer_(orderer), tokens_(tokens), lives_(lives), clock_(clock) {}

    Status find_start(const api::SubscribeStart& start);
    Status start_at(Position first);
    Status wait_for_time(Position visible);
    Status fill(Position visible, model::EventBatch& batch);
    Result<std::optional<api::RemovedEvents>> pass_hidden(Position visible);
    void note_removed(streams::Fill& fill);
    Result<bool> give(api::SubscriptionFrame& frame, api::SubscriptionMark mark);
    [[nodiscard]] bool is_checkpoint_due() const;

    commit::Orderer& orderer_;
    streams::Tokens& tokens_;
    streams::StreamLives& lives_;
    const Clock& clock_;
    std::optional<streams::StreamEvents> stream_;
    std::optional<streams::FilteredEvents> filtered_;
    std::optional<log::LogReader> reader_;
    streams::FillLimits limits_;
    std::uint64_t checkpoint_interval_ = 0;

    Position position_;
    Revision next_revision_;                   ///< of a stream
    std::vector<api::RemovedEvents> removed_;  ///< up to `position_`, for the next frame
    std::optional<TimeNs> start_time_;         ///< until an event recorded then is there
    Position reported_;
    std::int64_t reported_ns_ = 0;
    bool is_live_ = false;
    bool is_tombstoned_ = false;  ///< as of the last look at what is said about the stream
    bool is_caught_up_due_ = false;
};

}  // namespace annals::subscriptions
