// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/log/file_system.hpp"
#include "annals/scavenge/scavenger.hpp"

namespace annals::namespaces {

enum class LogKind : std::uint8_t { kEvents, kSystem };

/// Opens the order of one log in a folder. Only the composition root names the body.
using OpenOrderer = std::function<Result<std::unique_ptr<commit::Orderer>>(
    const std::string& name, const std::string& directory, LogKind kind
)>;

/// What a log says of the clock (log-and-rules 2.6).
struct ClockReport {
    std::string name_space;
    /// The wall clock left the monotonic one by over an hour, and is not used until it is back.
    bool is_distrusted = false;
    /// At the opening clock and last event were over seven days apart: no event goes for its age
    /// until a scavenge confirms the clock.
    bool are_ages_held = false;

    bool operator==(const ClockReport&) const = default;
};

struct NamespacesOptions {
    std::string directory;  ///< `<data>/namespaces`
    log::FileSystem* files = nullptr;
    OpenOrderer open_orderer;
    std::string version;  ///< of the program, for info()
    const Clock* clock = nullptr;
    std::int64_t idle_close_ns =
        600'000'000'000;  ///< a namespace that nobody used for so long is closed
    scavenge::ScavengePolicy scavenge = {};
    /// A scavenge began or ended; in its thread. May be empty.
    std::function<void(const api::ScavengeStatus&)> on_scavenge = {};
    /// What a log says of the clock has changed, or is not good at its opening. In the thread that
    /// noticed; short, and without a call back. May be empty.
    std::function<void(const ClockReport&)> on_clock = {};
    /// How often look_after() is called, in time that passes by itself.
    std::int64_t look_after_every_ns = 10'000'000'000;
};

/// What metrics and the first screen need of an open namespace.
struct NamespaceStatus {
    std::string name;
    Position visible_end;
    Position index_ingested;
    std::string index_error;
    std::uint64_t index_runs = 0;          ///< sorted runs that a read may look into
    std::int64_t index_add_waited_ns = 0;  ///< that appends waited for the index, in all
    std::uint64_t index_bytes = 0;         ///< of its files
    std::uint64_t log_segments = 0;
    std::uint64_t log_bytes = 0;  ///< of the segment files, what is filled ahead included
    std::string read_only_reason;
    std::uint64_t log_damages = 0;    ///< ranges known damaged, of the events and beside them
    std::string log_damage;           ///< the first of them, in words; empty when there is none
    std::uint64_t fill_failures = 0;  ///< of the log's background, since it was opened
    std::uint64_t seal_failures = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t lag_events_max = 0;  ///< of the slowest subscription
    double lag_seconds_max = 0;        ///< age of the first event that it has not looked at
    ClockReport clock;
};

class OpenNamespace;
class Registry;

/// The store of a whole server: every namespace behind the seam.
class Namespaces final : public api::EventStore {
  public:
    /// Opens `$system`, finishes deletions that a crash interrupted, creates and opens `default`.
    static Result<std::unique_ptr<Namespaces>> open(NamespacesOptions options);
    ~Namespaces() override;

    void append(
        const api::CallContext& context, const model::AppendRequest& request, api::AppendDone done
    ) override;
    Result<api::ReadPage> read(const api::CallContext& context, const api::ReadRequest& request)
        override;
    std::optional<Result<api::ReadPage>> try_read(
        const api::CallContext& context, const api::ReadRequest& request
    ) override;
    Result<std::unique_ptr<api::Subscription>> subscribe(
        const api::CallContext& context, const api::SubscribeRequest& request
    ) override;
    Result<api::ReadPage> get_event(const api::CallContext& context, const Uuid& id) override;
    Result<api::StreamList> list_streams(
        const api::CallContext& context, const api::ListRequest& request
    ) override;
    Result<api::CategoryList> list_categories(
        const api::CallContext& context, const api::ListRequest& request
    ) override;
    Result<api::StreamList> list_types(
        const api::CallContext& context, const api::ListRequest& request
    ) override;
    Result<api::StreamInfo> get_stream(const api::CallContext& context, std::string_view stream)
        override;
    Result<api::StreamMetadataInfo> get_stream_metadata(
        const api::CallContext& context, const api::MetadataTarget& target
    ) override;
    Result<api::LifeResponse> set_stream_metadata(
        const api::CallContext& context, const api::SetMetadataRequest& request
    ) override;
    Result<api::LifeResponse> delete_stream(
        const api::CallContext& context, const api::DeleteStreamRequest& request
    ) override;
    Result<api::LifeResponse> tombstone_stream(
        const api::CallContext& context, const api::DeleteStreamRequest& request
    ) override;
    Result<api::LifeResponse> truncate_stream(
        const api::CallContext& context, const api::TruncateStreamRequest& request
    ) override;
    Status store_snapshot(const api::CallContext& context, const api::Snapshot& snapshot) override;
    Result<std::optional<api::Snapshot>> load_snapshot(
        const api::CallContext& context, const api::LoadSnapshotRequest& request
    ) override;
    Result<std::vector<api::SnapshotSummary>> list_snapshots(
        const api::CallContext& context, const api::SnapshotSelection& selection
    ) override;
    Result<std::uint64_t> delete_snapshots(
        const api::CallContext& context, const api::SnapshotSelection& selection
    ) override;
    Result<api::ScavengeStatus> start_scavenge(
        const api::CallContext& context, const api::StartScavengeRequest& request
    ) override;
    Result<api::ScavengeStatus> get_scavenge(const api::CallContext& context) override;
    Result<api::ScavengeStatus> control_scavenge(
        const api::CallContext& context, api::ScavengeCommand command
    ) override;
    Result<api::NamespaceInfo> create_namespace(
        const api::CallContext& context, std::string_view name
    ) override;
    Result<std::vector<api::NamespaceInfo>> list_namespaces(const api::CallContext& context
    ) override;
    Status delete_namespace(const api::CallContext& context, std::string_view name) override;
    Result<api::ServerInfo> info(const api::CallContext& context) override;

    /// The users' log of a namespace, opened at first use. Valid as system_log() says.
    Result<std::shared_ptr<commit::Orderer>> events_log(std::string_view name);
    /// The system log beside the users' log of a namespace, opened at first use. Stays valid while
    /// the namespace is open and the returned owner is held.
    Result<std::shared_ptr<commit::Orderer>> system_log(std::string_view name);
    /// The namespaces that have a system log, by name; opens none of them. A look at the file
    /// system for each namespace.
    Result<std::vector<std::string>> with_system_log();

    /// Of the namespaces that are open now.
    [[nodiscard]] std::vector<NamespaceStatus> status() const;
    [[nodiscard]] scavenge::ScavengeCounts scavenge_counts() const;
    /// Waits until no scavenge is going on. For tests, and for commands that work offline.
    void wait_for_scavenge();
    /// Closes namespaces that nobody used for idle_close_ns (log-and-rules 3.2) and looks at the
    /// clocks; a thread calls it every look_after_every_ns. Waits for openings, and for what it
    /// closes.
    void look_after();
    /// Folders beside those of known namespaces: left alone, to be named at the start.
    [[nodiscard]] const std::vector<std::string>& unknown_folders() const;
    /// Refuses new calls with shutting_down, ends subscriptions, closes all logs in an orderly way.
    Status close();

  private:
    class Impl;
    explicit Namespaces(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace annals::namespaces
