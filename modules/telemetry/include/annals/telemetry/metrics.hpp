// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace annals::telemetry {

/// `namespace`, `subscription`, `projection`, `shard`, `code`: few values each. Never a stream or
/// an event id.
struct Label {
    std::string name;
    std::string value;
    auto operator<=>(const Label&) const = default;
};
using Labels = std::vector<Label>;

class Scrape;

namespace detail {
struct HistogramCell;

}  // namespace detail

/// Only rises; one relaxed atomic add. Copies count in the same place; a default-made one counts
/// nowhere.
class Counter {
  public:
    Counter() = default;
    void add(std::uint64_t n = 1) const noexcept {
        if (cell_ != nullptr) cell_->fetch_add(n, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t value() const noexcept {
        return cell_ == nullptr ? 0 : cell_->load(std::memory_order_relaxed);
    }

  private:
    friend class Metrics;
    explicit Counter(std::atomic<std::uint64_t>* cell) : cell_(cell) {}
    std::atomic<std::uint64_t>* cell_ = nullptr;
};

/// Rises and falls.
class Gauge {
  public:
    Gauge() = default;
    void set(double value) const noexcept {
        if (cell_ != nullptr) cell_->store(value, std::memory_order_relaxed);
    }
    void add(double value) const noexcept {
        if (cell_ != nullptr) cell_->fetch_add(value, std::memory_order_relaxed);
    }
    [[nodiscard]] double value() const noexcept {
        return cell_ == nullptr ? 0 : cell_->load(std::memory_order_relaxed);
    }

  private:
    friend class Metrics;
    explicit Gauge(std::atomic<double>* cell) : cell_(cell) {}
    std::atomic<double>* cell_ = nullptr;
};

/// How values are spread: three relaxed atomic adds and a search over the bounds.
class Histogram {
  public:
    Histogram() = default;
    void observe(double value) const noexcept;

  private:
    friend class Metrics;
    explicit Histogram(detail::HistogramCell* cell) : cell_(cell) {}
    detail::HistogramCell* cell_ = nullptr;
};

/// Upper bounds for durations in seconds: 50 µs to 10 s.
[[nodiscard]] std::vector<double> duration_bounds();
/// Upper bounds for sizes in bytes: 64 B to 64 MiB, by 4.
[[nodiscard]] std::vector<double> byte_bounds();
/// Upper bounds for counts: 1 to 65,536, by 4.
[[nodiscard]] std::vector<double> count_bounds();

/// All metrics of a server, scraped as text. Names: `annals_<subsystem>_<name>_<unit>`, base units,
/// counters end in `_total` (foreign dialects keep their own names). Asking twice for one name and
/// the same labels gives the same cell; one name with two kinds is a programmer's error. Any
/// thread. Handles live as long as the registry.
class Metrics {
  public:
    Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    ~Metrics();

    Counter counter(std::string_view name, std::string_view help, Labels labels = {});
    Gauge gauge(std::string_view name, std::string_view help, Labels labels = {});
    /// The bounds of a name are those of its first call: strictly rising, at least one.
    Histogram histogram(
        std::string_view name, std::string_view help, std::vector<double> bounds, Labels labels = {}
    );

    /// Ends a callback when it is destroyed, and waits for one that runs. Must not outlive the
    /// registry.
    class Callback {
      public:
        Callback() = default;
        Callback(Callback&& other) noexcept;
        Callback& operator=(Callback&& other) noexcept;
        ~Callback();

      private:
        friend class Metrics;
        Callback(Metrics& metrics, std::uint64_t id) : metrics_(&metrics), id_(id) {}
        Metrics* metrics_ = nullptr;
        std::uint64_t id_ = 0;
    };

    /// Asked at each scrape, by one thread at a time; must be quick and must not use the registry.
    [[nodiscard]] Callback gauge_callback(
        std::string_view name,
        std::string_view help,
        std::function<double()> read,
        Labels labels = {}
    );
    /// The same for what only rises.
    [[nodiscard]] Callback counter_callback(
        std::string_view name,
        std::string_view help,
        std::function<double()> read,
        Labels labels = {}
    );

    /// Prometheus text format 0.0.4, families by name.
    [[nodiscard]] std::string expose() const;
    /// With what was looked up for this scrape; its names are none of those that are counted.
    [[nodiscard]] std::string expose(const Scrape& scrape) const;
    /// Content type of expose().
    static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  private:
    struct State;
    void remove_callback(std::uint64_t id);
    std::unique_ptr<State> state_;
};

/// cpu, memory, open files and start time of this process, under Prometheus' own names
/// (`process_…`). Keep the result as long as they are to be seen.
[[nodiscard]] std::vector<Metrics::Callback> add_process_metrics(Metrics& metrics);

}  // namespace annals::telemetry
