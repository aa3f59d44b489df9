// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "annals/bench_kit/bench.hpp"
#include "annals/bench_kit/child.hpp"

#include "figure.hpp"
#include "rpc_client.hpp"
#include "workload.hpp"

namespace annals::bench_kit {

/// Callers of the figures that are not about one.
inline constexpr std::size_t kInFlight = 64;
/// Of a measurement that takes turns with its ceiling.
inline constexpr int kSlices = 8;

/// What the measurements of one run share: the servers, the load, the figures so far.
class BenchRun {
  public:
    BenchRun(const BenchOptions& options, std::ostream& out, std::ostream& remarks);

    Status start_servers();
    /// A clean end and a new start, or a kill and a new start; seconds to ready. Own server only.
    Result<double> restart(bool is_kill);
    /// Of the server (child.hpp). Own server only.
    [[nodiscard]] Result<double> memory_mib() const { return server_->memory_mib(); }
    /// Of one that has just started on an empty folder.
    Result<double> idle_memory_mib();
    [[nodiscard]] bool has_own_server() const { return options.server.empty(); }

    [[nodiscard]] RpcClient& server() { return *client_; }
    [[nodiscard]] RpcClient& null() { return *null_client_; }
    [[nodiscard]] bool is_wanted(const std::string& figure) const;
    /// Prints the line and keeps it for the report.
    void add(const Figure& figure);
    void remark(const std::string& text);

    /// Appends events until so many are loaded (blocks as workload.hpp tells).
    Status load(std::uint64_t events);

    const BenchOptions& options;
    std::string tag;  ///< makes the streams of this run its own
    std::string work_directory;
    std::uint64_t loaded_events = 0;
    std::vector<Figure> figures;
    EventMaker events;

    [[nodiscard]] std::uint64_t streams_per_block() const {
        return bench_kit::streams_per_block(options.events, options.is_quick);
    }
    [[nodiscard]] std::string load_category() const { return "load" + tag; }

  private:
    Status connect(const std::string& address);

    std::ostream& out_;
    std::ostream& remarks_;
    std::string data_directory_;
    std::optional<ServerChild> server_;
    std::unique_ptr<Child> null_server_;
    std::unique_ptr<RpcClient> client_;
    std::unique_ptr<RpcClient> null_client_;
};

// Each measures its figures, if any of them is wanted.
Status measure_single_appends(BenchRun& run);
Status measure_latency(BenchRun& run);
Status measure_batches(BenchRun& run);
Status measure_reads(BenchRun& run);
Status measure_entities(BenchRun& run);
Status measure_groups(BenchRun& run);
Status measure_client(BenchRun& run);
Status measure_embedded(BenchRun& run);
Status measure_scavenge(BenchRun& run);
Status measure_scale(BenchRun& run);

/// Events that a message of reads and subscriptions holds.
struct MessageCount {
    std::uint64_t events = 0;
    bool is_caught_up = false;
};
MessageCount count_message(std::string_view message);

}  // namespace annals::bench_kit
