// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "annals/load_kit/load_result.hpp"
#include "annals/load_kit/load_run.hpp"

#include "recorder.hpp"

namespace annals::load_kit {

/// Collects what the recorders hold, again and again, into one line of points for each actor and
/// its sums. At most ActorResult::kPointsMax points: then two become one and each lasts twice as
/// long. One thread; recorders outlive it.
class Timeline {
  public:
    Timeline(const Profile& profile, std::int64_t began_ns);

    /// In the profile's order.
    void add(Recorder& recorder);
    /// Collects when it is time; whether it was.
    bool tick(std::int64_t now_ns);
    /// Collects what is left.
    void close(std::int64_t now_ns);

    /// How it went since the last beat, and counts since the beginning.
    [[nodiscard]] LoadProgress lately(const Profile& profile) const;
    /// Sums and points of one actor; once.
    ActorResult take(std::size_t actor);
    /// All points of all actors as the text of a `.hlog` file.
    [[nodiscard]] std::string log_text(TimeNs started) const;

  private:
    struct Line {
        Recorder* recorder = nullptr;
        std::string tag;
        ActorResult sums;
        Recorder::Taken pending;  ///< of the point that is not closed yet
        Counts beat;              ///< of the last beat
    };

    void beat(std::int64_t now_ns);
    void close_points(std::int64_t now_ns);
    void halve();

    std::int64_t began_ns_;
    std::int64_t beat_every_ns_;
    std::int64_t point_every_ns_;
    std::int64_t beat_from_ns_;
    std::int64_t point_from_ns_;
    double beat_seconds_ = 0;
    Histogram beat_latency_;
    std::vector<Line> lines_;
    std::vector<std::string> names_;
    std::vector<Does> does_;
    std::string log_;
};

}  // namespace annals::load_kit
