// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "annals/api/scavenge.hpp"
#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/commit/orderer.hpp"
#include "annals/runtime/thread.hpp"
#include "annals/scavenge/log_scavenge.hpp"
#include "annals/scavenge/pace.hpp"

namespace annals::scavenge {

/// The logs of one namespace, open as long as `held` is.
struct NamespaceLogs {
    std::shared_ptr<void> held;
    commit::Orderer* events = nullptr;
    commit::Orderer* system = nullptr;  ///< null: there is none yet
    bool is_clock_in_doubt = false;     ///< it had leapt at the opening (log-and-rules 2.6)
};

/// Whose logs they are. Called from the scavenger's thread, on_controlled by who controls.
class ScavengeSource {
  public:
    ScavengeSource() = default;
    ScavengeSource(const ScavengeSource&) = delete;
    ScavengeSource& operator=(const ScavengeSource&) = delete;
    virtual ~ScavengeSource() = default;

    [[nodiscard]] virtual std::vector<std::string> namespaces() = 0;
    /// namespace_not_found: it went away meanwhile.
    virtual Result<NamespaceLogs> open(const std::string& name) = 0;
    /// A run says that the clock is right: ages of the namespace count again until it is opened
    /// anew.
    virtual void on_clock_confirmed(const std::string& name) = 0;
    /// A run that changes something began (the state says whether paused), was paused or resumed,
    /// or ended (not told when close() interrupted it); in this order. Best effort: a failure
    /// changes nothing of it, but who paused or resumed it hears of it.
    virtual void on_started(
        const api::StartScavengeRequest& request, const api::ScavengeStatus& status
    ) = 0;
    virtual Status on_controlled(
        const api::StartScavengeRequest& request, const api::ScavengeStatus& status
    ) = 0;
    virtual void on_ended(const api::ScavengeStatus& status) = 0;
};

/// When runs begin by themselves.
struct ScavengePolicy {
    std::int64_t interval_ns = 0;  ///< from the end of one to the beginning of the next; 0: never
    /// Minutes of the day, UTC, between which a run may begin by itself; equal: always. May pass
    /// midnight.
    std::uint32_t from_minute = 0;
    std::uint32_t to_minute = 0;
    /// Of automatic runs, see LogScavengeOptions.
    std::uint32_t dead_percent_min = 0;
    std::uint64_t throttle_bytes_per_s = 0;
    /// How long stubs of removed events stay; negative: for ever. The system log keeps none: its
    /// rules need heads alone. Of every run, asked for or not.
    std::int64_t keep_stubs_ns = 30 * 86'400'000'000'000;
};

/// Whether a run may begin by itself at this time.
[[nodiscard]] bool is_in_window(const ScavengePolicy& policy, TimeNs now);

/// Since the server started; for metrics.
struct ScavengeCounts {
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;
    std::uint64_t removed_events = 0;
    std::uint64_t freed_bytes = 0;
    TimeNs last_ended;  ///< 0: never
    bool is_running = false;
};

/// One run at a time over the logs of a server, asked for or by policy, in a thread of its own that
/// starts with the first need. Any thread; source and clock must outlive it.
class Scavenger {
  public:
    Scavenger(ScavengeSource& source, const ScavengePolicy& policy, const Clock& clock);
    Scavenger(const Scavenger&) = delete;
    Scavenger& operator=(const Scavenger&) = delete;
    ~Scavenger() { close(); }

    /// Answers once it has begun, or waits for being resumed. scavenge_running: another is, its id
    /// is in the fields.
    Result<api::ScavengeStatus> start(
        const api::StartScavengeRequest& request, bool is_paused = false
    );
    [[nodiscard]] api::ScavengeStatus status() const;
    /// Answers once the source was told. Without a run: scavenge_not_running. What the source could
    /// not keep is done all the same, until the server ends: its error.
    Result<api::ScavengeStatus> control(api::ScavengeCommand command);
    [[nodiscard]] ScavengeCounts counts() const;
    /// Begins a run when the policy says so; the thread asks by itself once a minute, and when the
    /// interval is over.
    void look_at_clock();
    /// Waits until no run is going on. For tests, and for commands that work offline.
    void wait();
    /// Stops what is running, for good.
    void close();

  private:
    void run();
    void run_once(const api::StartScavengeRequest& request, bool is_automatic);
    void end(const Status& done);
    Status scavenge_namespace(
        const std::string& name, const api::StartScavengeRequest& request, bool is_automatic
    );
    Result<bool> scavenge_one(
        commit::Orderer& orderer,
        RemovalRules& rules,
        const LogScavengeOptions& folding,
        const api::StartScavengeRequest& request,
        bool is_automatic
    );
    [[nodiscard]] LogScavengeOptions folding_of(const commit::Orderer& events, Ages ages) const;
    void show(const ScavengeTotals& totals);
    void begin_locked(const api::StartScavengeRequest& request, bool is_automatic);
    [[nodiscard]] std::chrono::nanoseconds until_next_look() const;
    [[nodiscard]] bool is_busy_locked() const;
    [[nodiscard]] bool is_closing() const;

    ScavengeSource& source_;
    const ScavengePolicy policy_;
    const Clock& clock_;
    Pace pace_;
    ScavengeTotals totals_;  ///< of the run; its thread's

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<api::StartScavengeRequest> wanted_;
    bool is_automatic_ = false;
    bool is_closing_ = false;
    api::ScavengeStatus status_;
    ScavengeCounts counts_;
    TimeNs started_;  ///< of the scavenger: the first interval begins here

    /// Held while the source is told of a command or of the end, so that it hears the end last.
    std::mutex telling_mutex_;
    api::StartScavengeRequest request_;  ///< of the run
    bool is_start_told_ = false;         ///< to the source
    runtime::Thread thread_;
};

}  // namespace annals::scavenge
