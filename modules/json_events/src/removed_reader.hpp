// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/api/removed_events.hpp"

#include "json_reader.hpp"

namespace annals::json_events {

/// An object as append_removed() writes it. Members that it does not know are passed over.
Result<api::RemovedEvents> read_removed(ondemand::value& value, const Where& where);

}  // namespace annals::json_events
