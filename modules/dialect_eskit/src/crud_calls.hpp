// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <crudstore/service.pb.h>

#include "annals/api/event_store.hpp"
#include "annals/grpc_door/rpc_service.hpp"

#include "crud_history.hpp"

namespace annals::dialect_eskit {

/// How a call ends that did not go well: a code of gRPC and eskit's text.
struct Refusal {
    int code = 0;
    std::string text;
};

/// An answer, or a refusal in eskit's words.
template <typename Message>
using Outcome = tl::expected<Message, Refusal>;

/// Of one answer, whatever its limit was to be.
inline constexpr std::uint32_t kListMax = 10'000;

namespace code {
inline constexpr int kUnknown = 2;
inline constexpr int kInvalidArgument = 3;
inline constexpr int kNotFound = 5;
inline constexpr int kAlreadyExists = 6;
inline constexpr int kInternal = 13;
}  // namespace code

inline tl::unexpected<Refusal> refused(int grpc_code, std::string text) {
    return tl::unexpected<Refusal>({grpc_code, std::move(text)});
}
inline tl::unexpected<Refusal> invalid(std::string text) {
    return refused(code::kInvalidArgument, std::move(text));
}

/// The calls on entities of eskit's crud store (contract 2.2). Each is decided on what was read,
/// and appended on the stream's revision; who loses a race looks again, kAttemptsMax times at most.
/// What creates or updates says the hash of the document, where the fold of `entities` gives the
/// same one (docs/formats/entities.md). All wait, for the disk too; any thread. The store outlives
/// it.
class CrudCalls {
  public:
    static constexpr int kAttemptsMax = 16;

    explicit CrudCalls(api::EventStore& store) : store_(store) {}

    Outcome<contracts::crudstore::CreateResponse> create(
        const api::CallContext& context, const contracts::crudstore::CreateRequest& request
    );
    Outcome<contracts::crudstore::UpdateResponse> update(
        const api::CallContext& context, const contracts::crudstore::UpdateRequest& request
    );
    Outcome<contracts::crudstore::DeleteResponse> remove(
        const api::CallContext& context, const contracts::crudstore::DeleteRequest& request
    );
    Outcome<contracts::crudstore::GetResponse> get(
        const api::CallContext& context, const contracts::crudstore::GetRequest& request
    );
    Outcome<contracts::crudstore::ListResponse> list(
        const api::CallContext& context, const contracts::crudstore::ListRequest& request
    );

  private:
    /// An event to write, of an originator as it was read.
    struct Write {
        std::string_view id;
        std::string_view entity_type;
        std::string_view name;  ///< Created, Updated, Deleted
        std::uint64_t version = 0;
        std::string_view payload;
        std::string document_hash;  ///< of what `entities` will fold; empty: not known
    };
    enum class Appended : std::uint8_t {
        kYes,
        kLostRace,
        kTaken,  ///< the id has an event of this version in another stream
    };

    Result<Appended> append(
        const api::CallContext& context, const CrudHistory& history, const Write& write
    );
    Result<CrudHistory> history(
        const api::CallContext& context, std::string_view id, std::string_view entity_type
    );

    api::EventStore& store_;
};

}  // namespace annals::dialect_eskit
