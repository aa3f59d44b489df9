// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/sdk/append.hpp"
#include "annals/sdk/consumer.hpp"
#include "annals/sdk/failure.hpp"
#include "annals/sdk/group.hpp"
#include "annals/sdk/options.hpp"
#include "annals/sdk/page.hpp"
#include "annals/sdk/select.hpp"
#include "annals/sdk/sequence.hpp"
#include "annals/sdk/server_info.hpp"
#include "annals/sdk/stream.hpp"
#include "annals/sdk/subscription.hpp"

namespace annals {

/// What connect() and embedded::open() answer, seen from one namespace: the same calls over a
/// connection and in process. A handle: copies are cheap and share what is behind, which closes
/// with the last of them and of what they gave. Any thread.
///
/// Calls throw a Failure. They have the client's timeout; within it, what the catalogue says can be
/// sent again is sent again. A connection that breaks is made again by the next call.
class Client {
  public:
    class Impl;
    explicit Client(std::shared_ptr<const Impl> impl);

    // ---- the same store, seen otherwise ----

    /// Another namespace. A session of its own begins.
    [[nodiscard]] Client in_namespace(std::string name) const;
    /// A client that reads what it has written: each write moves its position, each read of events
    /// and entities waits for it. A user's request is a good life for one.
    [[nodiscard]] Client session() const;
    /// Another timeout: more than 0, at most a year. invalid_argument.
    [[nodiscard]] Client with_timeout(std::chrono::milliseconds timeout) const;
    /// Calls and events belong to this trace.
    [[nodiscard]] Client with_trace(TraceContext trace) const;

    /// Of a session: token of the latest position written or observed; empty: none. Give it to
    /// whoever goes on in the user's name.
    [[nodiscard]] std::string position() const;
    /// Later reads of a session wait for a position that was seen elsewhere, where that is later
    /// than its own. invalid_argument for what is no token.
    void observe(std::string_view position) const;

    // ---- events ----

    /// Stores events, all of them or none, and returns once they are durable. `stream` is for
    /// events that name none. At most 64 MiB. Ids are made before the first try: trying again
    /// stores nothing twice. kConflict has the failed checks.
    Appended append(
        std::string_view stream, std::vector<NewEvent> events, const AppendOptions& options = {}
    ) const;
    /// Calls `attempt` until it succeeds, fails otherwise than by a conflict, or was called
    /// `attempts_max` times: read, decide and append in it, so that each try sees what the others
    /// have written. invalid_argument for less than one attempt.
    void retry_on_conflict(const std::function<void()>& attempt, int attempts_max = 20) const;

    /// The events of a stream, first to last. stream_not_found: it was never written to. Goes on
    /// where a connection broke.
    [[nodiscard]] Sequence<Event> read_stream(std::string stream, ReadOptions options = {}) const;
    /// The selected events of the namespace, by position.
    [[nodiscard]] Sequence<Event> read(Select select = {}, ReadOptions options = {}) const;
    /// Page by page, which is cheaper, and says up to where the answer speaks.
    [[nodiscard]] Sequence<Page> read_pages(Select select = {}, ReadOptions options = {}) const;
    /// One page, of at most `limit` events (0: 1,000; at most 4,096); Page::next goes on.
    [[nodiscard]] Page read_page(Select select = {}, ReadOptions options = {}) const;
    /// The events with this id: one of a stream, so that there may be several. event_not_found.
    [[nodiscard]] std::vector<Event> events_by_id(const Uuid& id) const;

    /// Begins with the first next().
    [[nodiscard]] Subscription subscribe(Select select = {}, SubscribeOptions options = {}) const;

    // ---- streams; changes are durable when they return ----

    /// stream_not_found.
    [[nodiscard]] StreamInfo stream_info(const std::string& stream) const;
    /// Names that begin so, in byte order.
    [[nodiscard]] Sequence<std::string> streams(std::string prefix = {}) const;
    [[nodiscard]] Sequence<std::string> categories(std::string prefix = {}) const;
    /// Of events.
    [[nodiscard]] Sequence<std::string> types(std::string prefix = {}) const;
    /// Hides a stream's events; writing to it again begins it anew, its revisions go on. conflict,
    /// stream_not_found.
    void delete_stream(const std::string& stream, Expected expected = kAny) const;
    /// Deletes a stream for ever: nothing can be written to it again.
    void tombstone_stream(const std::string& stream, Expected expected = kAny) const;
    /// Hides the events of a stream before a revision.
    void truncate_stream(const std::string& stream, Revision before, Expected expected = kAny)
        const;
    /// Also of a stream that was never written to.
    [[nodiscard]] StreamMetadataInfo stream_metadata(const std::string& stream) const;
    /// Defaults of all streams of a category.
    [[nodiscard]] StreamMetadataInfo category_metadata(const std::string& category) const;
    /// Replaces all that was said; `expected` is of the metadata, not of the stream.
    void set_stream_metadata(
        const std::string& stream, const StreamMetadata& metadata, Expected expected = kAny
    ) const;
    void set_category_metadata(
        const std::string& category, const StreamMetadata& metadata, Expected expected = kAny
    ) const;

    // ---- consumers ----

    /// A start in `select` counts only while nothing was saved. invalid_argument for options that
    /// cannot be.
    [[nodiscard]] Consumer consumer(
        std::string name, Select select = {}, ConsumerOptions options = {}
    ) const;
    /// Where a consumer is. consumer_not_found.
    [[nodiscard]] ConsumerProgress consumer_progress(const std::string& name) const;
    /// Those whose names begin so, by name.
    [[nodiscard]] Sequence<ConsumerProgress> consumers(std::string prefix = {}) const;
    /// Sets a consumer's place, back or forth; 0 is the start. A running instance ends with
    /// consumer_fenced. The reason is kept.
    void rewind_consumer(  // NOLINT(modernize-use-nodiscard)
        const std::string& name,
        Position to,
        const std::string& reason
    ) const;
    /// Forgets it. Not tried again.
    void delete_consumer(const std::string& name) const;

    // ---- groups ----

    [[nodiscard]] Group group(std::string name) const;
    /// Those whose names begin so, by name.
    [[nodiscard]] Sequence<GroupStatus> groups(std::string prefix = {}) const;

    // ---- namespaces, and the whole ----

    /// namespace_exists. Not tried again.
    void create_namespace(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> namespaces() const;
    void delete_namespace(std::string_view name) const;
    [[nodiscard]] ServerInfo info() const;

    /// What is behind; for the library's own parts.
    [[nodiscard]] const Impl& impl() const { return *impl_; }

  private:
    std::shared_ptr<const Impl> impl_;  // what is open closes with its last holder
};

/// A client of the server at HOST:PORT; empty: of the environment's ANNALS_SERVER, else of
/// 127.0.0.1:7400. Does not wait for the server: the first call does. invalid_argument for options
/// that cannot be.
[[nodiscard]] Client connect(std::string address = {}, ClientOptions options = {});

}  // namespace annals
