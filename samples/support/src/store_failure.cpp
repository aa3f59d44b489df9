// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/store_failure.hpp"

#include <string>

#include <spdlog/spdlog.h>

namespace samples {

StoreTrouble trouble_of(const annals::Failure& failure) {
    using Code = annals::ErrorCode;
    switch (failure.code()) {
        case Code::kInvalidArgument:
        case Code::kLimitExceeded:
            return StoreTrouble::kRefused;
        case Code::kDeadlineExceeded:
        case Code::kConflict:  // others were first, again and again
        case Code::kDiskFull:
        case Code::kReadOnly:
            return StoreTrouble::kAway;
        default:
            return failure.is_transient() ? StoreTrouble::kAway : StoreTrouble::kBroken;
    }
}

HttpAnswer store_problem(const annals::Failure& failure) {
    const std::string message(failure.message());
    switch (trouble_of(failure)) {
        case StoreTrouble::kRefused:
            return problem(400, "invalid_request", message);
        case StoreTrouble::kAway: {
            HttpAnswer answer = problem(
                503, "unavailable", "the store does not answer as it should: " + message
            );
            answer.fields.emplace_back("Retry-After", "1");
            return answer;
        }
        case StoreTrouble::kBroken:
            break;
    }
    spdlog::error("the store: {}", failure.what());
    return problem(500, "internal_error", "the store failed; this service's log says why");
}

}  // namespace samples
