// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/result.hpp"
#include "annals/client/client.hpp"

namespace annals::client {

/// invalid_argument, with the fields `field` and `value`, for what no connection can have.
Status check_options(const ClientOptions& options);

}  // namespace annals::client
