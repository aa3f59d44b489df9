// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "annals/api/removed_events.hpp"

#include "fields.hpp"

namespace annals::api_wire {

/// The repeated field `removed` of pages and frames.
void encode_removed(
    MessageWriter& writer, std::uint32_t field, const std::vector<api::RemovedEvents>& removed
);

/// One element of it. invalid_argument when it is not whole.
Result<api::RemovedEvents> decode_removed(std::string_view bytes);

}  // namespace annals::api_wire
