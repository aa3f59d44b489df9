// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "annals/api/requests.hpp"
#include "annals/base/result.hpp"

namespace annals::api_wire {

/// annals.v1.ListRequest.
struct ListCall {
    std::string_view name_space;
    api::ListRequest request;
};
void encode_list_request(
    std::string& out, std::string_view name_space, const api::ListRequest& request
);
Result<ListCall> decode_list_request(std::string_view bytes);

/// annals.v1.ListStreamsResponse and ListTypesResponse, which have the same fields.
void encode_stream_list(std::string& out, const api::StreamList& list);
Result<api::StreamList> decode_stream_list(std::string_view bytes);

/// annals.v1.ListCategoriesResponse.
void encode_category_list(std::string& out, const api::CategoryList& list);
Result<api::CategoryList> decode_category_list(std::string_view bytes);

/// annals.v1.GetStreamRequest.
struct GetStreamCall {
    std::string_view name_space;
    std::string_view stream;
};
void encode_get_stream_request(
    std::string& out, std::string_view name_space, std::string_view stream
);
Result<GetStreamCall> decode_get_stream_request(std::string_view bytes);
void encode_stream_info(std::string& out, const api::StreamInfo& info);
Result<api::StreamInfo> decode_stream_info(std::string_view bytes);

/// annals.v1.NamespaceRequest and, with `confirm`, DeleteNamespaceRequest.
struct NamespaceCall {
    std::string_view name;
    std::string_view confirm;
};
void encode_namespace_request(
    std::string& out, std::string_view name, std::string_view confirm = {}
);
Result<NamespaceCall> decode_namespace_request(std::string_view bytes);
void encode_namespace_info(std::string& out, const api::NamespaceInfo& info);
Result<api::NamespaceInfo> decode_namespace_info(std::string_view bytes);
void encode_namespace_list(std::string& out, const std::vector<api::NamespaceInfo>& list);
Result<std::vector<api::NamespaceInfo>> decode_namespace_list(std::string_view bytes);

/// annals.v1.GetInfoRequest: the namespace alone.
void encode_get_info_request(std::string& out, std::string_view name_space);
Result<std::string_view> decode_get_info_request(std::string_view bytes);
void encode_server_info(std::string& out, const api::ServerInfo& info);
Result<api::ServerInfo> decode_server_info(std::string_view bytes);

}  // namespace annals::api_wire
