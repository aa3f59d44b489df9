// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_groups.hpp"
#include "annals/http_client/http_event_store.hpp"

namespace annals::http_client {

/// The consumer groups of a server, over HTTP: a remote body of `api::ConsumerGroups`. Any thread;
/// calls wait on the caller's. Connects with the first call. Memberships may outlive it.
///
/// A member asks for more when its reader does, with long polls on a thread of its own, which also
/// says that it lives, unless it joined with `is_polling`. What one poll brings (at most 512 events
/// and what the member has room for) is all that is read ahead. A settlement whose connection broke
/// is outcome_unknown: send it again, what was taken before is delivery_over then.
std::unique_ptr<api::ConsumerGroups> make_http_consumer_groups(const ClientOptions& options);

}  // namespace annals::http_client
