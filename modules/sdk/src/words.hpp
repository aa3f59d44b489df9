// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>

#include "annals/api/removed_events.hpp"
#include "annals/api/requests.hpp"
#include "annals/model/append.hpp"
#include "annals/sdk/append.hpp"
#include "annals/sdk/page.hpp"
#include "annals/sdk/removed.hpp"
#include "annals/sdk/select.hpp"

namespace annals::sdk {

// The words of users as those of the seam, and back.

Expected expected_of(const model::ExpectedRevision& expected);
model::ExpectedRevision expected_of(const Expected& expected);

/// invalid_argument, thrown: a start that a read cannot have.
api::ReadRequest read_request(const Select& select, const ReadOptions& options);
api::SubscribeStart subscribe_start(const Start& start);
model::Filter filter_of(const Select& select);

/// The batch's events, which share its memory.
std::vector<Event> events_of(model::EventBatch batch, const std::string& name_space);

std::vector<Removed> removed_of(const std::vector<api::RemovedEvents>& removed);

Page page_of(api::ReadPage read, const std::string& name_space);

/// Host and process, for people.
std::string process_name();

}  // namespace annals::sdk
