// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/client/bulk_appender.hpp"

namespace annals::client {

/// TLS of a connection; PEM texts.
struct TlsOptions {
    std::string root_certificates;  ///< empty: those of the system
    std::string certificate;        ///< of the client; with private_key
    std::string private_key;
    std::string server_name;  ///< that the certificate must have; empty: that of the address
};

struct ClientOptions {
    std::string address = "127.0.0.1:2400";
    /// How long connect() waits for the server. 0: not at all; the first call then finds out.
    std::chrono::milliseconds connect_timeout{5'000};
    /// Frames of a subscription that wait for its reader, 1 or more; beyond them the server waits.
    std::size_t subscription_frames_max = 16;
    /// Nothing: plain text.
    std::optional<TlsOptions> tls = {};
    /// Asked for a bearer token before each call, in its thread; must be quick. Needs tls, unless
    /// is_token_plain. A call whose token no header can carry ends with `invalid_argument`, one for
    /// which the function throws with `not_permitted`.
    std::function<std::string()> token = {};
    /// The token may go without TLS: only where something else encrypts.
    bool is_token_plain = false;
    /// Metadata of every call, by names in any case. Of a name that ends in -bin: any bytes.
    std::map<std::string, std::string> headers = {};
    /// Silence after which the server is asked whether it is there, and the time it has to answer.
    std::chrono::milliseconds keep_alive_interval{10'000};
    std::chrono::milliseconds keep_alive_timeout{5'000};
    /// Between two tries to connect: the first wait, and the longest. 0: as gRPC does (1 s, 120 s).
    std::chrono::milliseconds reconnect_first{0};
    std::chrono::milliseconds reconnect_max{0};
};

/// Answer of an asynchronous read. Called once, on the client's thread; must be quick.
using ReadDone = std::function<void(Result<api::ReadPage>)>;
/// Takes one page of a scan; an error ends the scan.
using PageVisitor = std::function<Status(const api::ReadPage&)>;

/// The event store of a server, over gRPC. Any thread.
///
/// Answers of asynchronous calls come on one thread of the client's own. Calls without a deadline
/// in their context wait as long as the server is there. A connection that breaks is made again by
/// the next call; the calls that it carried end with `unavailable`, and an append among them may
/// have been stored: send it again with the same ids. Destroy subscriptions and bulk appenders
/// first.
class RemoteEventStore : public api::EventStore {
  public:
    /// As read(), without waiting. May be called from a done callback.
    virtual void read_async(
        const api::CallContext& context, const api::ReadRequest& request, ReadDone done
    ) = 0;
    /// Page after page in one call, from the request's start to the end; a limit of 0 is none, else
    /// it counts the events of all pages.
    virtual Status scan(
        const api::CallContext& context, const api::ReadRequest& request, const PageVisitor& visit
    ) = 0;
    virtual Result<std::unique_ptr<BulkAppender>> bulk_append(
        const api::CallContext& context, const BulkOptions& options = {}
    ) = 0;
};

/// unavailable, with the field `address`, when the server does not answer in time.
/// invalid_argument, with `field` and `value`, for options that cannot be.
Result<std::unique_ptr<RemoteEventStore>> connect(const ClientOptions& options);

}  // namespace annals::client
