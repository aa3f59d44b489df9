// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/error.hpp"

namespace annals {

struct Error::Body {
    std::string message;
    std::vector<ErrorField> fields;
    std::shared_ptr<const ErrorDetails> details;
};

Error::Error(ErrorCode code, std::string message)
    : code_(code), body_(std::make_shared<Body>(Body{std::move(message), {}, nullptr})) {}

Error&& Error::with(std::string_view name, std::string_view value) && {
    body_->fields.push_back({std::string(name), std::string(value)});
    return std::move(*this);
}

Error&& Error::with_details(std::shared_ptr<const ErrorDetails> details) && {
    body_->details = std::move(details);
    return std::move(*this);
}

std::string_view Error::message() const { return body_->message; }

const std::vector<ErrorField>& Error::fields() const { return body_->fields; }

std::string_view Error::field(std::string_view name) const {
    for (const ErrorField& field : body_->fields) {
        if (field.name == name) return field.value;
    }
    return {};
}

const ErrorDetails* Error::raw_details() const { return body_->details.get(); }

std::string Error::to_string() const {
    std::string text(info().name);
    text += ": ";
    text += body_->message;
    return text;
}

}  // namespace annals
