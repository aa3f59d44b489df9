// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/model/append.hpp"
#include "annals/model/query.hpp"

namespace annals::api_wire {

/// annals.v1.ExpectedRevision; nothing set means any.
void encode_expected(std::string& out, const model::ExpectedRevision& expected);
Status decode_expected(std::string_view bytes, model::ExpectedRevision& expected);

/// annals.v1.Query. More items, types or tags than Limits say are refused while reading.
void encode_query(std::string& out, const model::Query& query);
Status decode_query(std::string_view bytes, model::Query& query);

/// annals.v1.Check; views into the bytes.
void encode_check(std::string& out, const model::Check& check);
Result<model::Check> decode_check(std::string_view bytes);

/// annals.v1.Filter.
void encode_filter(std::string& out, const model::Filter& filter);
Status decode_filter(std::string_view bytes, model::Filter& filter);

/// annals.v1.Conflict. Writes whole checks until the next one would pass `bytes_max`.
/// Answers how many were written.
std::size_t encode_conflict(
    std::string& out, const std::vector<model::FailedCheck>& failed, std::size_t bytes_max
);
Status decode_conflict(std::string_view bytes, std::vector<model::FailedCheck>& failed);

}  // namespace annals::api_wire
