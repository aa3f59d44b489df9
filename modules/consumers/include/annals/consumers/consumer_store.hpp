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
/// Changes of one consumer happen one after the other, in the order of their coming (4,096 wait at
/// most, then overloaded). A change is decided on the consumer's last event and appended at its
/// revision; should another server have been first, it decides again, at most 32 times. A save
/// costs one append to the system log and no wait: saves that come together share a sync. The
/// newest record of at most 16,384 consumers is remembered (about 300 bytes each).
///
/// Threads: any, and one of its own, `consumers-0`, for those that waited or decide again.
/// `namespaces` must outlive it; calls that were begun must have been answered when it goes.
std::unique_ptr<api::ConsumerStore> make_consumer_store(namespaces::Namespaces& namespaces);

}  // namespace annals::consumers
