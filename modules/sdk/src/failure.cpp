// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/sdk/failure.hpp"

#include <memory>
#include <utility>

#include "annals/model/append.hpp"

#include "failures.hpp"
#include "words.hpp"

namespace annals {

struct Failure::Body {
    std::string text;
    std::vector<FailedCheck> failed_checks;
};

Failure::Failure(Error error, std::vector<FailedCheck> failed_checks)
    : error_(std::move(error)),
      body_(std::make_shared<const Body>(Body{error_.to_string(), std::move(failed_checks)})) {}

const std::vector<FailedCheck>& Failure::failed_checks() const { return body_->failed_checks; }

std::string_view Failure::advice() const { return sdk::advice_of(error_); }

bool Failure::is_transient() const { return sdk::is_transient(error_); }

const char* Failure::what() const noexcept { return body_->text.c_str(); }

namespace sdk {

void fail(Error error) {
    std::vector<FailedCheck> checks;
    if (const auto* conflict = error.details<model::ConflictDetails>()) {
        for (const model::FailedCheck& failed : conflict->failed_checks) {
            FailedCheck check;
            check.index = failed.check_index;
            check.stream = failed.stream;
            check.expected = expected_of(failed.expected);
            check.current_revision = failed.current_revision;
            check.is_deleted = failed.is_deleted;
            check.matching_position = failed.matching_position;
            checks.push_back(std::move(check));
        }
    }
    throw Failure(std::move(error), std::move(checks));
}

std::string_view advice_of(const Error& error) {
    const bool is_misaddressed = error.code() == ErrorCode::kUnavailable &&
                                 error.field("field") == "address";
    return is_misaddressed ? "never" : std::string_view(error.info().retry);
}

bool is_transient(const Error& error) {
    const std::string_view advice = advice_of(error);
    return advice == "as_is" || advice == "later";
}

}  // namespace sdk
}  // namespace annals
