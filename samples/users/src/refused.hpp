// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace users {

enum class Reason {
    kInvalid,     ///< the request says something that cannot be
    kNotFound,    ///< no such user, or not at that version
    kDeleted,     ///< there was one
    kChanged,     ///< it is at another version than the request names
    kEmailTaken,  ///< another user has the address
};

/// Thrown where this service, not the store, says no.
class Refused : public std::exception {
  public:
    Refused(Reason reason, std::string message) : reason_(reason), message_(std::move(message)) {}

    [[nodiscard]] static Refused changed(std::uint64_t wanted, std::uint64_t current) {
        Refused refused(
            Reason::kChanged,
            "the user is at version " + std::to_string(current) + ", not at " +
                std::to_string(wanted) + ": read it, decide again"
        );
        refused.current_version_ = current;
        return refused;
    }

    [[nodiscard]] Reason reason() const noexcept { return reason_; }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    /// Of kChanged.
    [[nodiscard]] std::optional<std::uint64_t> current_version() const noexcept {
        return current_version_;
    }
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

  private:
    Reason reason_;
    std::string message_;
    std::optional<std::uint64_t> current_version_;
};

/// Its name on both doors: `version_conflict`, `email_taken`, …
[[nodiscard]] constexpr const char* name_of(Reason reason) {
    switch (reason) {
        case Reason::kInvalid:
            return "invalid_request";
        case Reason::kNotFound:
        case Reason::kDeleted:
            return "not_found";
        case Reason::kChanged:
            return "version_conflict";
        case Reason::kEmailTaken:
            return "email_taken";
    }
    return "internal_error";
}

}  // namespace users
