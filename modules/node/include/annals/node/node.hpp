// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/config/server_settings.hpp"

namespace annals::node {

/// What opening one log found and did, for the first screen.
struct LogStart {
    std::string name;
    std::uint64_t events = 0;
    bool was_clean = false;
    std::uint64_t cut_groups = 0;
    std::uint64_t cut_bytes = 0;
    std::uint64_t rewritten_groups = 0;
    std::string index_discarded;  ///< why; empty when it was kept
    std::string index_in_memory;  ///< why it is not that of the disk, which is full; else empty
    std::uint64_t index_fed_events = 0;
    std::uint64_t index_lost_events = 0;  ///< of them, those that were lost to damage
    /// Lost events that may have been the last of their streams (docs/adr/0022).
    std::uint64_t index_unplaced_events = 0;
    std::string read_only_reason;
    std::vector<std::string> damages;  ///< "segment …, byte …: …"
};

/// Called while an index is fed at the start: name of the log, events done, events in all.
using StartProgress =
    std::function<void(const std::string& name, std::uint64_t done, std::uint64_t total)>;

/// A running server: every log of a data folder behind its doors.
class Node {
  public:
    /// Opens the folder (directory_locked when another server has it), recovers, opens the doors.
    /// Ready when it answers.
    static Result<std::unique_ptr<Node>> start(
        const config::ServerSettings& settings, const StartProgress& progress = {}
    );
    /// The same without doors, for work on a stopped server's folder: store() alone.
    static Result<std::unique_ptr<Node>> open_offline(const config::ServerSettings& settings);
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    /// Stops when stop() was not called.
    ~Node();

    [[nodiscard]] api::EventStore& store();
    [[nodiscard]] int grpc_port() const;
    [[nodiscard]] int http_port() const;
    /// Logs opened so far, in the order of opening.
    [[nodiscard]] std::vector<LogStart> logs() const;
    /// Folders of namespaces that `$system` does not know; left alone.
    [[nodiscard]] std::vector<std::string> unknown_folders() const;

    /// Drains: no new calls, running ones finish within the settings' drain time-out, logs are
    /// closed.
    Status stop();

  private:
    class Impl;
    explicit Node(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Version of the program, e.g. "0.1.0".
std::string program_version();

}  // namespace annals::node
