// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/base/error_code.hpp"

namespace annals {

/// Base of typed attachments of an Error (model::ConflictDetails, ...). Immutable once attached.
class ErrorDetails {
  public:
    ErrorDetails() = default;
    ErrorDetails(const ErrorDetails&) = default;
    ErrorDetails& operator=(const ErrorDetails&) = default;
    virtual ~ErrorDetails() = default;
};

/// A named value of an error, e.g. {"stream", "order-7"}; travels in google.rpc.ErrorInfo.metadata.
struct ErrorField {
    std::string name;
    std::string value;
};

/// An expected failure: a code of the catalogue (tools/errors/errors.toml) plus an owned body.
/// The message says what happened, to which thing, with which values, and what to do next.
/// Moves are cheap; a copy shares the immutable body. Tests check codes and fields, not sentences.
class Error {
  public:
    Error(ErrorCode code, std::string message);

    /// Adds a named value. For construction only: not once the error is shared.
    Error&& with(std::string_view name, std::string_view value) &&;
    Error&& with_details(std::shared_ptr<const ErrorDetails> details) &&;

    [[nodiscard]] ErrorCode code() const { return code_; }
    [[nodiscard]] std::string_view message() const;
    [[nodiscard]] const std::vector<ErrorField>& fields() const;
    /// Value of the field, or empty.
    [[nodiscard]] std::string_view field(std::string_view name) const;
    [[nodiscard]] const ErrorInfo& info() const { return error_info(code_); }

    /// The typed attachment, or null when there is none of that type.
    template <typename Details>
    [[nodiscard]] const Details* details() const {
        return dynamic_cast<const Details*>(raw_details());
    }

    /// "conflict: order-7 is at revision 3, expected 2" for logs and terminals.
    [[nodiscard]] std::string to_string() const;

  private:
    struct Body;
    [[nodiscard]] const ErrorDetails* raw_details() const;

    ErrorCode code_;
    std::shared_ptr<Body> body_;
};

}  // namespace annals
