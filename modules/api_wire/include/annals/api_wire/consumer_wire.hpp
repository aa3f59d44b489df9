// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <string_view>

#include "annals/api/consumer_store.hpp"
#include "annals/base/result.hpp"

namespace annals::api_wire {

/// annals.v1.ConsumerProgress.
void encode_consumer_progress(std::string& out, const api::ConsumerProgress& progress);
Result<api::ConsumerProgress> decode_consumer_progress(std::string_view bytes);

/// annals.v1.ClaimConsumerRequest.
struct ClaimConsumerCall {
    std::string_view name_space;
    api::ClaimConsumerRequest request;
};
void encode_claim_consumer_request(
    std::string& out, std::string_view name_space, const api::ClaimConsumerRequest& request
);
Result<ClaimConsumerCall> decode_claim_consumer_request(std::string_view bytes);

/// annals.v1.SaveProgressRequest.
struct SaveProgressCall {
    std::string_view name_space;
    api::SaveProgressRequest request;
};
void encode_save_progress_request(
    std::string& out, std::string_view name_space, const api::SaveProgressRequest& request
);
Result<SaveProgressCall> decode_save_progress_request(std::string_view bytes);

/// annals.v1.RewindConsumerRequest. Refuses one that names no place.
struct RewindConsumerCall {
    std::string_view name_space;
    api::RewindConsumerRequest request;
};
void encode_rewind_consumer_request(
    std::string& out, std::string_view name_space, const api::RewindConsumerRequest& request
);
Result<RewindConsumerCall> decode_rewind_consumer_request(std::string_view bytes);

/// annals.v1.GetConsumerRequest.
struct NamedConsumerCall {
    std::string_view name_space;
    std::string consumer;
};
void encode_named_consumer_request(
    std::string& out, std::string_view name_space, std::string_view consumer
);
Result<NamedConsumerCall> decode_named_consumer_request(std::string_view bytes);

/// annals.v1.DeleteConsumerRequest.
struct RemoveConsumerCall {
    std::string_view name_space;
    api::RemoveConsumerRequest request;
};
void encode_remove_consumer_request(
    std::string& out, std::string_view name_space, const api::RemoveConsumerRequest& request
);
Result<RemoveConsumerCall> decode_remove_consumer_request(std::string_view bytes);

/// annals.v1.ConsumerHistoryRequest and its response. Deeds that are not known are passed over.
struct ConsumerHistoryCall {
    std::string_view name_space;
    api::ConsumerHistoryRequest request;
};
void encode_consumer_history_request(
    std::string& out, std::string_view name_space, const api::ConsumerHistoryRequest& request
);
Result<ConsumerHistoryCall> decode_consumer_history_request(std::string_view bytes);
void encode_consumer_history(std::string& out, const api::ConsumerHistory& history);
Result<api::ConsumerHistory> decode_consumer_history(std::string_view bytes);

/// annals.v1.ListConsumersRequest and its response.
struct ListConsumersCall {
    std::string_view name_space;
    api::ListConsumersRequest request;
};
void encode_list_consumers_request(
    std::string& out, std::string_view name_space, const api::ListConsumersRequest& request
);
Result<ListConsumersCall> decode_list_consumers_request(std::string_view bytes);
void encode_consumer_list(std::string& out, const api::ConsumerList& list);
Result<api::ConsumerList> decode_consumer_list(std::string_view bytes);

}  // namespace annals::api_wire
