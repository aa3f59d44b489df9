// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/model/append.hpp"

#include "prepared_append.hpp"
#include "shared_state.hpp"

namespace annals::order_local {

/// First half of preparing, in the caller's thread: gives ids, hashes names once, pins the streams'
/// entries, takes fingerprints, encodes the append and copies all that is needed of the request.
/// An error: the request is unacceptable, or a token of it is.
Status encode_request(
    SharedState& state,
    const commit::SubmitContext& context,
    const model::AppendRequest& request,
    PreparedAppend& append
);

}  // namespace annals::order_local
