// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/base/result.hpp"
#include "annals/client/client.hpp"

namespace annals::client {

/// invalid_argument, with the fields `field` and `value`, for what no connection can have.
Status check_options(const ClientOptions& options);
/// A header's name as gRPC takes it: without capitals.
std::string lower_header(std::string name);
/// invalid_argument, with the field `field`, for a text that cannot be a token: it is not shown.
Status check_token(const std::string& token);

}  // namespace annals::client
