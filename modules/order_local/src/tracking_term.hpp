// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/model/append.hpp"

namespace annals::order_local {

/// The tag under which the index finds the appends of one (source, consumer, key), so that the
/// tracking state comes back from the log at index speed. Begins with a control character, which
/// no tag or stream name of a user may contain; lengths keep the three parts apart.
std::string tracking_term(const model::Tracking& tracking);

}  // namespace annals::order_local
