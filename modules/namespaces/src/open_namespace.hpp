// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "annals/commit/orderer.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/streams/stream_changes.hpp"
#include "annals/streams/stream_reader.hpp"
#include "annals/subscriptions/subscription_hub.hpp"

namespace annals::namespaces {

/// One namespace that is open. Shared by the calls and subscriptions that use it; the last one
/// closes it (and removes its folder when the namespace was deleted meanwhile).
class OpenNamespace {
  public:
    static Result<std::unique_ptr<OpenNamespace>> open(
        const NamespacesOptions& options, std::string name, std::string directory
    );
    OpenNamespace(const OpenNamespace&) = delete;
    OpenNamespace& operator=(const OpenNamespace&) = delete;
    ~OpenNamespace();

    [[nodiscard]] commit::Orderer& orderer() { return *orderer_; }
    [[nodiscard]] streams::StreamReader& reader() { return *reader_; }
    /// Cheap: made for one use.
    [[nodiscard]] streams::StreamChanges changes() { return {*orderer_, *reader_}; }
    [[nodiscard]] subscriptions::SubscriptionHub& hub() { return *hub_; }
    [[nodiscard]] const std::string& name() const { return name_; }

    /// At the opening the clock and the log's last event were more than kClockLeapNs apart
    /// (log-and-rules 2.6), and nobody has confirmed the clock since: either nobody wrote for so
    /// long, or the clock is wrong; in the other direction it is, or was.
    [[nodiscard]] bool is_clock_in_doubt() const { return is_clock_in_doubt_.load(); }
    void set_clock_in_doubt(bool is_in_doubt) { is_clock_in_doubt_.store(is_in_doubt); }
    static constexpr std::int64_t kClockLeapNs = 7ll * 86'400 * 1'000'000'000;
    [[nodiscard]] static bool is_leap(std::int64_t difference_ns) {
        return difference_ns > kClockLeapNs || difference_ns < -kClockLeapNs;
    }

    /// What was said last of its clock; its owner's.
    ClockReport told_of_clock;

    /// The system log, if there is one: open, or in its folder.
    Result<commit::Orderer*> find_system_log();
    /// The system log if it is open; null also while it is being opened. Never waits.
    [[nodiscard]] const commit::Orderer* opened_system_log();
    /// Opens the system log at first use.
    Result<commit::Orderer*> system_log();

    void touch(std::int64_t now_ns) { last_used_ns_.store(now_ns, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t last_used_ns() const {
        return last_used_ns_.load(std::memory_order_relaxed);
    }

    /// No more appends; waiting readers and subscriptions end with shutting_down.
    Status close();
    void remove_when_unused() { is_deleted_.store(true, std::memory_order_release); }
    [[nodiscard]] bool is_deleted() const { return is_deleted_.load(std::memory_order_acquire); }

  private:
    OpenNamespace(const NamespacesOptions& options, std::string name, std::string directory)
        : files_(*options.files),
          open_orderer_(options.open_orderer),
          name_(std::move(name)),
          directory_(std::move(directory)) {}

    log::FileSystem& files_;
    OpenOrderer open_orderer_;
    std::string name_;
    std::string directory_;
    std::unique_ptr<commit::Orderer> orderer_;
    std::unique_ptr<streams::StreamReader> reader_;
    std::unique_ptr<subscriptions::SubscriptionHub> hub_;
    std::mutex system_mutex_;
    std::unique_ptr<commit::Orderer> system_log_;
    std::atomic<std::int64_t> last_used_ns_{0};
    std::atomic<bool> is_deleted_{false};
    std::atomic<bool> is_clock_in_doubt_{false};
};

}  // namespace annals::namespaces
