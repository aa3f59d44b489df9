// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/error.hpp"
#include "annals/sdk/expected.hpp"

namespace annals {

/// One check of an append that failed, with the value it met.
struct FailedCheck {
    std::size_t index = 0;                     ///< of the check in the append
    std::string stream;                        ///< of a check on a stream; empty: a query
    Expected expected;                         ///< of a check on a stream
    std::optional<Revision> current_revision;  ///< nothing: the stream has no events
    bool is_deleted = false;
    Position matching_position;  ///< of an event that meets the query; 0: none
};

/// What calls throw: an error of the catalogue (docs/reference/errors.md) with its fields, and what
/// failed of an append. Copies share one body and cannot throw.
class Failure : public std::exception {
  public:
    explicit Failure(Error error, std::vector<FailedCheck> failed_checks = {});

    [[nodiscard]] ErrorCode code() const noexcept { return error_.code(); }
    /// Name in the catalogue, "conflict".
    [[nodiscard]] std::string_view name() const { return error_.info().name; }
    /// What can be done: "never" (change the request), "as_is", "later" (back off first), "reread".
    /// "never", too, of an `unavailable` with the field `field` = "address": what listens there
    /// speaks no gRPC.
    [[nodiscard]] std::string_view advice() const;
    [[nodiscard]] std::string_view message() const { return error_.message(); }
    /// Value of a named field, "stream" say; empty where there is none.
    [[nodiscard]] std::string_view field(std::string_view name) const { return error_.field(name); }
    [[nodiscard]] const std::vector<ErrorField>& fields() const { return error_.fields(); }
    /// All that failed, in the order of the append; only of kConflict.
    [[nodiscard]] const std::vector<FailedCheck>& failed_checks() const;
    /// The same call may succeed when it is made again.
    [[nodiscard]] bool is_transient() const;
    /// Name and message.
    [[nodiscard]] const char* what() const noexcept override;

  private:
    struct Body;
    Error error_;
    std::shared_ptr<const Body> body_;  // copies of an exception share it
};

}  // namespace annals
