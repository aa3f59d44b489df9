// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include "annals/api/consumer_store.hpp"
#include "annals/namespaces/namespaces.hpp"

namespace annals::consumers {

/// The direct body of api::ConsumerStore: progress as events in the system log beside the users'
/// log of each namespace (docs/internals/system-log.md).
///
/// A change is decided on the consumer's last event and appended at its revision; whoever comes
/// second decides again, at most 32 times. A save costs one append to the system log and no wait:
/// saves that come together share a sync. The newest record of at most 16,384 consumers is
/// remembered (about 300 bytes each).
///
/// Threads: any, and one of its own, `consumers-0`, for those that decide again. `namespaces` must
/// outlive it; calls that were begun must have been answered when it goes.
std::unique_ptr<api::ConsumerStore> make_consumer_store(namespaces::Namespaces& namespaces);

}  // namespace annals::consumers
