// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "answers.hpp"

#include <utility>

#include "annals/api_wire/error_wire.hpp"

namespace annals::grpc_door {
namespace {

RpcAnswer make_answer(const Error& error, std::size_t details_bytes_max) {
    return {
        error.info().grpc_status,
        api_wire::shown_message(error),
        api_wire::encode_error(error, details_bytes_max),
        {}
    };
}

bool is_own_client(const grpc::ServerContextBase& caller) {
    const auto found = caller.client_metadata().find("user-agent");
    return found != caller.client_metadata().end() &&
           found->second.starts_with(
               {api_wire::kOwnUserAgent.data(), api_wire::kOwnUserAgent.size()}
           );
}

}  // namespace

grpc::Status to_status(const RpcAnswer& answer) {
    return {static_cast<grpc::StatusCode>(answer.code), answer.message, answer.details};
}

RpcAnswer answer_of(const Error& error, const grpc::ServerContextBase& caller) {
    const bool is_own = is_own_client(caller);
    return make_answer(error, is_own ? api_wire::kDetailsBytesOwn : api_wire::kDetailsBytesUsual);
}

RpcAnswer RpcAnswer::failed(const Error& error) {
    return make_answer(error, api_wire::kDetailsBytesUsual);
}

}  // namespace annals::grpc_door
