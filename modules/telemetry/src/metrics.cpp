// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/telemetry/metrics.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "annals/base/assert.hpp"
#include "annals/telemetry/scrape.hpp"

namespace annals::telemetry {

namespace detail {

struct HistogramCell {
    explicit HistogramCell(std::vector<double> upper_bounds)
        : bounds(std::move(upper_bounds)), counts(bounds.size() + 1) {}

    const std::vector<double> bounds;
    std::vector<std::atomic<std::uint64_t>> counts;  ///< one more than bounds: the rest
    std::atomic<double> sum = 0;
};

}  // namespace detail

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

struct CallbackCell {
    std::uint64_t id = 0;
    std::function<double()> read;
};

// Cells are behind pointers: handles keep their addresses.
using CounterCell = std::unique_ptr<std::atomic<std::uint64_t>>;
using GaugeCell = std::unique_ptr<std::atomic<double>>;
using HistogramCellOwner = std::unique_ptr<detail::HistogramCell>;
using Cell = std::variant<CounterCell, GaugeCell, HistogramCellOwner, CallbackCell>;

struct Family {
    MetricType type = MetricType::Untyped;
    std::string help;
    std::vector<double> bounds;
    std::map<Labels, Cell> cells;
};

bool is_name(std::string_view name, bool takes_colon) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && (is_letter(name.front()) || (takes_colon && name.front() == ':')) &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') || (takes_colon && c == ':');
           });
}

void fill_histogram(const detail::HistogramCell& cell, ClientMetric::Histogram& out) {
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < cell.counts.size(); ++i) {
        cumulative += cell.counts[i].load(std::memory_order_relaxed);
        if (i < cell.bounds.size()) out.bucket.push_back({cumulative, cell.bounds[i]});
    }
    out.sample_count = cumulative;
    out.sample_sum = cell.sum.load(std::memory_order_relaxed);
    out.bucket.push_back({cumulative, std::numeric_limits<double>::infinity()});
}

void fill_value(MetricType type, double value, ClientMetric& metric) {
    if (type == MetricType::Counter) {
        metric.counter.value = value;
    } else {
        metric.gauge.value = value;
    }
}

MetricFamily shown_family(const std::string& name, const Scrape::Family& family) {
    MetricFamily shown;
    shown.name = name;
    shown.help = family.help;
    shown.type = family.kind == Scrape::Kind::kCounter ? MetricType::Counter : MetricType::Gauge;
    for (const Scrape::Sample& sample : family.samples) {
        ClientMetric metric;
        for (const Label& label : sample.labels) metric.label.push_back({label.name, label.value});
        fill_value(shown.type, sample.value, metric);
        shown.metric.push_back(std::move(metric));
    }
    return shown;
}

ClientMetric client_metric(MetricType type, const Labels& labels, const Cell& cell) {
    ClientMetric metric;
    for (const Label& label : labels) metric.label.push_back({label.name, label.value});
    if (const auto* counter = std::get_if<CounterCell>(&cell)) {
        fill_value(type, static_cast<double>((*counter)->load(std::memory_order_relaxed)), metric);
    } else if (const auto* gauge = std::get_if<GaugeCell>(&cell)) {
        fill_value(type, (*gauge)->load(std::memory_order_relaxed), metric);
    } else if (const auto* histogram = std::get_if<HistogramCellOwner>(&cell)) {
        fill_histogram(**histogram, metric.histogram);
    } else {
        fill_value(type, std::get<CallbackCell>(cell).read(), metric);
    }
    return metric;
}

std::vector<double> rising(double first, double factor, double last) {
    std::vector<double> bounds;
    for (double bound = first; bound <= last; bound *= factor) bounds.push_back(bound);
    return bounds;
}

}  // namespace

struct Metrics::State {
    mutable std::mutex mutex;
    std::map<std::string, Family, std::less<>> families;
    std::uint64_t last_callback_id = 0;

    /// The family, which must not have been made with another type.
    Family& family(std::string_view name, std::string_view help, MetricType type) {
        ANNALS_ASSERT(is_name(name, true), "a metric's name is [a-zA-Z_:][a-zA-Z0-9_:]*");
        auto found = families.find(name);
        if (found == families.end()) {
            found = families.emplace(
                                std::string(name), Family{type, std::string(help), {}, {}}
            ).first;
        }
        ANNALS_ASSERT(found->second.type == type, "a metric's name has one kind");
        return found->second;
    }

    /// The cell, made by `make` where there is none.
    template <typename Owner, typename Make>
    static Owner& cell(Family& family, Labels labels, Make make) {
        std::sort(labels.begin(), labels.end());
        for (const Label& label : labels) {
            ANNALS_ASSERT(is_name(label.name, false), "a label's name is [a-zA-Z_][a-zA-Z0-9_]*");
        }
        auto found = family.cells.find(labels);
        if (found == family.cells.end()) {
            found = family.cells.emplace(std::move(labels), Cell(make())).first;
        }
        Owner* owner = std::get_if<Owner>(&found->second);
        ANNALS_ASSERT(owner != nullptr, "a metric is set or asked for, not both");
        return *owner;
    }

    std::uint64_t add_callback(Family& family, std::function<double()> read, Labels labels) {
        std::sort(labels.begin(), labels.end());
        const std::uint64_t id = ++last_callback_id;
        const bool is_new =
            family.cells.emplace(std::move(labels), Cell(CallbackCell{id, std::move(read)})).second;
        ANNALS_ASSERT(is_new, "these labels of the metric are taken");
        return id;
    }
};

void Histogram::observe(double value) const noexcept {
    if (cell_ == nullptr) return;
    const auto bound = std::lower_bound(cell_->bounds.begin(), cell_->bounds.end(), value);
    const auto index = static_cast<std::size_t>(bound - cell_->bounds.begin());
    cell_->counts[index].fetch_add(1, std::memory_order_relaxed);
    cell_->sum.fetch_add(value, std::memory_order_relaxed);
}

std::vector<double> duration_bounds() {
    return {
        0.00005,
        0.0001,
        0.0002,
        0.0005,
        0.001,
        0.002,
        0.005,
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10
    };
}
std::vector<double> byte_bounds() { return rising(64, 4, 64.0 * 1024 * 1024); }
std::vector<double> count_bounds() { return rising(1, 4, 65'536); }

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(state_->mutex);
    Family& family = state_->family(name, help, MetricType::Counter);
    const auto make = [] { return std::make_unique<std::atomic<std::uint64_t>>(0); };
    return Counter(State::cell<CounterCell>(family, std::move(labels), make).get());
}

Gauge Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
    const std::lock_guard lock(state_->mutex);
    Family& family = state_->family(name, help, MetricType::Gauge);
    const auto make = [] { return std::make_unique<std::atomic<double>>(0); };
    return Gauge(State::cell<GaugeCell>(family, std::move(labels), make).get());
}

Histogram Metrics::histogram(
    std::string_view name, std::string_view help, std::vector<double> bounds, Labels labels
) {
    const std::lock_guard lock(state_->mutex);
    Family& family = state_->family(name, help, MetricType::Histogram);
    if (family.bounds.empty()) {
        const auto falls = std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>());
        ANNALS_ASSERT(
            !bounds.empty() && falls == bounds.end(), "a histogram's bounds rise strictly"
        );
        family.bounds = std::move(bounds);
    }
    const auto make = [&] { return std::make_unique<detail::HistogramCell>(family.bounds); };
    return Histogram(State::cell<HistogramCellOwner>(family, std::move(labels), make).get());
}

Metrics::Callback Metrics::gauge_callback(
    std::string_view name, std::string_view help, std::function<double()> read, Labels labels
) {
    const std::lock_guard lock(state_->mutex);
    Family& family = state_->family(name, help, MetricType::Gauge);
    return Callback(*this, state_->add_callback(family, std::move(read), std::move(labels)));
}

Metrics::Callback Metrics::counter_callback(
    std::string_view name, std::string_view help, std::function<double()> read, Labels labels
) {
    const std::lock_guard lock(state_->mutex);
    Family& family = state_->family(name, help, MetricType::Counter);
    return Callback(*this, state_->add_callback(family, std::move(read), std::move(labels)));
}

std::string Metrics::expose() const { return expose(Scrape()); }

std::string Metrics::expose(const Scrape& scrape) const {
    std::vector<MetricFamily> out;
    for (const auto& [name, family] : scrape.families()) out.push_back(shown_family(name, family));
    {
        const std::lock_guard lock(state_->mutex);
        for (const auto& [name, family] : state_->families) {
            if (family.cells.empty()) continue;
            ANNALS_ASSERT(
                scrape.families().find(name) == scrape.families().end(),
                "a metric is counted or looked up, not both"
            );
            MetricFamily shown;
            shown.name = name;
            shown.help = family.help;
            shown.type = family.type;
            for (const auto& [labels, cell] : family.cells) {
                shown.metric.push_back(client_metric(family.type, labels, cell));
            }
            out.push_back(std::move(shown));
        }
    }
    const auto by_name = [](const MetricFamily& a, const MetricFamily& b) {
        return a.name < b.name;
    };
    std::sort(out.begin(), out.end(), by_name);
    return prometheus::TextSerializer().Serialize(out);
}

void Metrics::remove_callback(std::uint64_t id) {
    const std::lock_guard lock(state_->mutex);
    for (auto& [name, family] : state_->families) {
        std::erase_if(family.cells, [id](const auto& entry) {
            const auto* callback = std::get_if<CallbackCell>(&entry.second);
            return callback != nullptr && callback->id == id;
        });
    }
}

Metrics::Callback::Callback(Callback&& other) noexcept
    : metrics_(std::exchange(other.metrics_, nullptr)), id_(other.id_) {}

Metrics::Callback& Metrics::Callback::operator=(Callback&& other) noexcept {
    if (this == &other) return *this;
    if (metrics_ != nullptr) metrics_->remove_callback(id_);
    metrics_ = std::exchange(other.metrics_, nullptr);
    id_ = other.id_;
    return *this;
}

Metrics::Callback::~Callback() {
    if (metrics_ != nullptr) metrics_->remove_callback(id_);
}

}  // namespace annals::telemetry
