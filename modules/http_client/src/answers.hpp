// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "annals/api/requests.hpp"
#include "annals/api/snapshots.hpp"
#include "annals/api/stream_life.hpp"
#include "annals/base/result.hpp"

#include "connection.hpp"

namespace annals::http_client {

/// The error that a problem (RFC 9457) tells; what is no problem of ours becomes `unavailable` or
/// `internal`, by its status.
Error error_of(const HttpAnswer& answer);
/// The same for an answer to this request: what it names is named as the seam does, not as it was
/// sent (json_events/sent_names.hpp).
Error error_of(const HttpAnswer& answer, const HttpRequest& request);

// Each takes the content of a success; internal when it is not as the door writes it.
Result<api::AppendResponse> append_response_of(const std::string& body);
Result<api::StreamList> stream_list_of(const std::string& body, const char* name);
Result<api::CategoryList> category_list_of(const std::string& body);
Result<api::StreamInfo> stream_info_of(const std::string& body);
Result<api::NamespaceInfo> namespace_info_of(const std::string& body);
Result<std::vector<api::NamespaceInfo>> namespace_list_of(const std::string& body);
Result<api::LifeResponse> life_response_of(const std::string& body);
Result<std::vector<api::SnapshotSummary>> snapshot_list_of(const std::string& body);
Result<std::uint64_t> deleted_count_of(const std::string& body);
/// Its data are the content, the rest stands in header fields.
Result<api::Snapshot> snapshot_of(const api::SnapshotKey& key, HttpAnswer answer);
Result<api::ServerInfo> server_info_of(const std::string& body);

}  // namespace annals::http_client
