// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "timeline.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace annals::load_kit {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

double seconds_of(std::int64_t ns) { return static_cast<double>(ns) / 1e9; }

Point joined(const Point& first, const Point& second) {
    Point both = first;
    both.seconds += second.seconds;
    both.operations += second.operations;
    both.events += second.events;
    both.errors += second.errors;
    both.conflicts += second.conflicts;
    // Percentiles do not add up: the worse of the two.
    both.p50_us = std::max(first.p50_us, second.p50_us);
    both.p99_us = std::max(first.p99_us, second.p99_us);
    both.max_us = std::max(first.max_us, second.max_us);
    return both;
}

}  // namespace

Timeline::Timeline(const Profile& profile, std::int64_t began_ns)
    : began_ns_(began_ns),
      beat_every_ns_(
          profile.duration_ns == 0 ? kSecondNs / 4
                                   : std::clamp(profile.duration_ns / 120, kSecondNs / 4, kSecondNs)
      ),
      point_every_ns_(beat_every_ns_),
      beat_from_ns_(began_ns),
      point_from_ns_(began_ns) {
    for (const Actor& actor : profile.actors) {
        names_.push_back(actor.name);
        does_.push_back(actor.does);
    }
}

void Timeline::add(Recorder& recorder) {
    Line line;
    line.recorder = &recorder;
    line.tag = names_[lines_.size()];
    std::ranges::replace(line.tag, ' ', '_');
    lines_.push_back(std::move(line));
}

bool Timeline::tick(std::int64_t now_ns) {
    if (now_ns - beat_from_ns_ < beat_every_ns_) return false;
    beat(now_ns);
    if (now_ns - point_from_ns_ >= point_every_ns_) close_points(now_ns);
    return true;
}

void Timeline::close(std::int64_t now_ns) {
    beat(now_ns);
    close_points(now_ns);
}

void Timeline::beat(std::int64_t now_ns) {
    beat_seconds_ = seconds_of(now_ns - beat_from_ns_);
    beat_from_ns_ = now_ns;
    beat_latency_.clear();
    Recorder::Taken taken;
    for (std::size_t at = 0; at < lines_.size(); ++at) {
        Line& line = lines_[at];
        line.recorder->take(taken);
        line.beat = taken.all;
        if (!is_listener(does_[at])) beat_latency_.merge(taken.latency);
        line.sums.all.add(taken.all);
        line.sums.measured.add(taken.measured);
        line.sums.latency.merge(taken.latency);
        line.sums.service.merge(taken.service);
        line.sums.missed += taken.abandoned;  // LoadRun works out which of them were due
        line.pending.all.add(taken.all);
        line.pending.latency.merge(taken.latency);
        // What goes back into the recorder is empty.
        taken.latency.clear();
        taken.service.clear();
    }
}

void Timeline::close_points(std::int64_t now_ns) {
    const double from = seconds_of(point_from_ns_ - began_ns_);
    const double length = seconds_of(now_ns - point_from_ns_);
    point_from_ns_ = now_ns;
    if (length <= 0) return;
    for (Line& line : lines_) {
        const Counts& counts = line.pending.all;
        const Histogram& latency = line.pending.latency;
        Point point;
        point.from_seconds = from;
        point.seconds = length;
        point.operations = counts.operations();
        point.events = counts.events;
        point.errors = counts.errors + counts.wrong;
        point.conflicts = counts.conflicts;
        point.p50_us = latency.at_percentile(50);
        point.p99_us = latency.at_percentile(99);
        point.max_us = latency.max();
        line.sums.points.push_back(point);
        if (latency.count() > 0) {
            std::array<char, 160> head{};
            std::snprintf(
                head.data(),
                head.size(),
                "Tag=%s,%.3f,%.3f,%.3f,",
                line.tag.c_str(),
                from,
                length,
                static_cast<double>(latency.max()) / 1e3
            );
            log_.append(head.data()).append(latency.encode()).append("\n");
        }
        line.pending.all = {};
        line.pending.latency.clear();
    }
    if (!lines_.empty() && lines_[0].sums.points.size() >= ActorResult::kPointsMax) halve();
}

void Timeline::halve() {
    for (Line& line : lines_) {
        std::vector<Point>& points = line.sums.points;
        for (std::size_t at = 0; at + 1 < points.size(); at += 2) {
            points[at / 2] = joined(points[at], points[at + 1]);
        }
        points.resize(points.size() / 2);
    }
    point_every_ns_ *= 2;
}

LoadProgress Timeline::lately(const Profile& profile) const {
    LoadProgress progress;
    std::uint64_t operations = 0;
    for (std::size_t at = 0; at < lines_.size(); ++at) {
        const Line& line = lines_[at];
        progress.errors += line.sums.all.errors + line.sums.all.wrong;
        progress.conflicts += line.sums.all.conflicts;
        if (is_listener(does_[at])) continue;
        const bool is_wanted = profile.duration_ns > 0 || profile.actors[at].operations > 0;
        if (is_wanted) progress.operations += line.sums.all.operations();
        operations += line.beat.operations();
    }
    if (beat_seconds_ > 0) progress.per_second = static_cast<double>(operations) / beat_seconds_;
    progress.p99_us = beat_latency_.at_percentile(99);
    return progress;
}

ActorResult Timeline::take(std::size_t actor) { return std::move(lines_[actor].sums); }

std::string Timeline::log_text(TimeNs started) const {
    std::array<char, 96> start{};
    std::snprintf(
        start.data(),
        start.size(),
        "#[StartTime: %.3f (seconds since epoch)]\n",
        seconds_of(started.value)
    );
    return "#[Histogram log format version 1.3]\n#[latencies in microseconds]\n" +
           std::string(start.data()) +
           "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
           "\"Interval_Compressed_Histogram\"\n" +
           log_;
}

}  // namespace annals::load_kit
