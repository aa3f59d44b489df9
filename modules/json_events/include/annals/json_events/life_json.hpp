// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include "annals/api/snapshots.hpp"
#include "annals/api/stream_life.hpp"
#include "annals/base/result.hpp"

namespace annals::json_events {

// The life of a stream and its snapshots as JSON objects (docs/reference/http.md). Times are RFC
// 3339. Pure; any thread.

/// `{"max_age_s", "max_count", "truncate_before", "compact_by", "custom": {…}}`, only what is said.
/// The free keys lie in `custom` as they were stored, byte for byte (line breaks between tokens
/// become blanks). For metadata that passed model::check_stream_metadata.
void append_metadata(std::string& out, const model::StreamMetadata& metadata);
/// The other way round, whole content of a request. invalid_argument with `field`
/// (`metadata.max_count`), `value` and what is accepted; what numbers and names mean is for the
/// store to judge.
Result<model::StreamMetadata> parse_metadata(std::string json);

/// `{"stream" or "category", "metadata", "effective", "revision", "recorded_time", "is_deleted",
/// "position"}`; revision and time only when something was said.
void append_answer(std::string& out, const api::StreamMetadataInfo& info);
/// The other way round, for clients: invalid_argument with the place of what is not as above.
Result<api::StreamMetadataInfo> parse_metadata_info(std::string json);

/// `{"metadata_revision", "at", "position", "recorded_time", "is_replay", "is_durable"}`.
void append_answer(std::string& out, const api::LifeResponse& response);

/// `{"snapshots": [{"stream", "reducer", "schema_version", "reducer_version", "revision", "bytes",
/// "stored_time"}]}`.
void append_answer(std::string& out, const std::vector<api::SnapshotSummary>& list);

}  // namespace annals::json_events
