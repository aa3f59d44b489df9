// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/api/stream_life.hpp"
#include "annals/base/result.hpp"

namespace annals::api_wire {

/// annals.v1.StreamMetadata.
void encode_stream_metadata(std::string& out, const model::StreamMetadata& metadata);
Status decode_stream_metadata(std::string_view bytes, model::StreamMetadata& metadata);

/// annals.v1.GetStreamMetadataRequest.
struct GetMetadataCall {
    std::string_view name_space;
    api::MetadataTarget target;
};
void encode_get_metadata_request(
    std::string& out, std::string_view name_space, const api::MetadataTarget& target
);
Result<GetMetadataCall> decode_get_metadata_request(std::string_view bytes);
void encode_metadata_info(std::string& out, const api::StreamMetadataInfo& info);
Result<api::StreamMetadataInfo> decode_metadata_info(std::string_view bytes);

/// annals.v1.SetStreamMetadataRequest.
struct SetMetadataCall {
    std::string_view name_space;
    api::SetMetadataRequest request;
};
void encode_set_metadata_request(
    std::string& out, std::string_view name_space, const api::SetMetadataRequest& request
);
Result<SetMetadataCall> decode_set_metadata_request(std::string_view bytes);

/// annals.v1.DeleteStreamRequest and, with the same fields, TombstoneStreamRequest.
struct DeleteStreamCall {
    std::string_view name_space;
    api::DeleteStreamRequest request;
};
void encode_delete_stream_request(
    std::string& out, std::string_view name_space, const api::DeleteStreamRequest& request
);
Result<DeleteStreamCall> decode_delete_stream_request(std::string_view bytes);

/// annals.v1.TruncateStreamRequest.
struct TruncateStreamCall {
    std::string_view name_space;
    api::TruncateStreamRequest request;
};
void encode_truncate_stream_request(
    std::string& out, std::string_view name_space, const api::TruncateStreamRequest& request
);
Result<TruncateStreamCall> decode_truncate_stream_request(std::string_view bytes);

/// annals.v1.LifeResponse.
void encode_life_response(std::string& out, const api::LifeResponse& response);
Result<api::LifeResponse> decode_life_response(std::string_view bytes);

}  // namespace annals::api_wire
