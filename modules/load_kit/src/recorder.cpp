// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "recorder.hpp"

#include <utility>

namespace annals::load_kit {
namespace {

void count(Counts& counts, const Sample& sample) {
    switch (sample.outcome) {
        case Outcome::kDone:
            ++counts.done;
            break;
        case Outcome::kConflict:
            ++counts.conflicts;
            break;
        case Outcome::kMissing:
            ++counts.missing;
            break;
        case Outcome::kError:
            ++counts.errors;
            break;
        case Outcome::kWrong:
            ++counts.wrong;
            break;
    }
    counts.events += sample.events;
    counts.bytes += sample.bytes;
    if (!sample.code.empty()) ++counts.by_code[std::string(sample.code)];
}

}  // namespace

Outcome outcome_of(const Error& error) {
    switch (error.code()) {
        case ErrorCode::kConflict:
        case ErrorCode::kEntityExists:
            return Outcome::kConflict;
        case ErrorCode::kEntityDeleted:
            return Outcome::kMissing;
        default:
            return Outcome::kError;
    }
}

bool is_outcome_unknown(const Error& error) {
    switch (error.code()) {
        case ErrorCode::kUnavailable:
        case ErrorCode::kOutcomeUnknown:
        case ErrorCode::kDeadlineExceeded:
        case ErrorCode::kCancelled:
        case ErrorCode::kShuttingDown:
        case ErrorCode::kIoError:
        case ErrorCode::kInternal:
            return true;
        default:
            return false;
    }
}

void Recorder::add(const Sample& sample) {
    const std::lock_guard lock(mutex_);
    count(all_, sample);
    if (sample.due_ns < measured_from_ns_) return;
    count(measured_, sample);
    // Failures too: a time-out left out would make the worst moments look good.
    latency_.record((sample.done_ns - sample.due_ns) / 1'000);
    service_.record((sample.done_ns - sample.sent_ns) / 1'000);
}

void Recorder::add_events(
    std::int64_t arrived_ns, const std::vector<std::int64_t>& latencies_us, const Counts& counts
) {
    const std::lock_guard lock(mutex_);
    all_.add(counts);
    if (arrived_ns < measured_from_ns_) return;
    measured_.add(counts);
    for (const std::int64_t latency_us : latencies_us) latency_.record(latency_us);
}

void Recorder::take(Taken& taken) {
    const std::lock_guard lock(mutex_);
    taken.all = std::exchange(all_, {});
    taken.measured = std::exchange(measured_, {});
    std::swap(taken.latency, latency_);
    std::swap(taken.service, service_);
    latency_.clear();
    service_.clear();
    taken.abandoned = std::exchange(abandoned_, 0);
}

}  // namespace annals::load_kit
