// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/model/append.hpp"

#include <memory>

#include "annals/model/names.hpp"

namespace annals::model {
namespace {

std::string sentence(const FailedCheck& check) {
    if (check.kind == FailedCheck::Kind::kQuery) {
        return "the query of check " + std::to_string(check.check_index) + " is met at position " +
               std::to_string(check.matching_position.value);
    }
    std::string text = "stream \"" + shown(check.stream) + "\" ";
    if (check.is_deleted) {
        text += "is deleted";
    } else if (check.current_revision) {
        text += "is at revision " + std::to_string(check.current_revision->value);
    } else {
        text += "does not exist";
    }
    return text + ", expected " + to_string(check.expected);
}

}  // namespace

std::string to_string(const ExpectedRevision& expected) {
    switch (expected.kind) {
        case ExpectedKind::kAny:
            return "any";
        case ExpectedKind::kNoStream:
            return "no stream";
        case ExpectedKind::kExists:
            return "that it exists";
        case ExpectedKind::kDeleted:
            return "that it is deleted";
        case ExpectedKind::kExactly:
            return "revision " + std::to_string(expected.revision.value);
    }
    return "any";
}

Error make_conflict(std::vector<FailedCheck> failed) {
    std::string message;
    for (const FailedCheck& check : failed) {
        if (!message.empty()) message += "; ";
        message += sentence(check);
    }
    message += ": read the current state, decide again";
    Error error(ErrorCode::kConflict, std::move(message));
    return std::move(error).with_details(std::make_shared<ConflictDetails>(std::move(failed)));
}

}  // namespace annals::model
