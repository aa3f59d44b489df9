// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "annals/telemetry/metrics.hpp"

namespace annals::telemetry {

/// Figures that are looked up for one scrape instead of being counted all the time: what has gone
/// (a namespace, a group, a consumer) is not in the next one. Shown by Metrics::expose() beside
/// what is counted; a name is one or the other. One thread.
class Scrape {
  public:
    enum class Kind : std::uint8_t { kGauge, kCounter };
    struct Sample {
        Labels labels;
        double value = 0;
    };
    struct Family {
        Kind kind = Kind::kGauge;
        std::string help;
        std::vector<Sample> samples;
    };

    void gauge(std::string_view name, std::string_view help, Labels labels, double value) {
        add(Kind::kGauge, name, help, std::move(labels), value);
    }
    /// The value only rises, or begins again.
    void counter(std::string_view name, std::string_view help, Labels labels, double value) {
        add(Kind::kCounter, name, help, std::move(labels), value);
    }
    [[nodiscard]] const std::map<std::string, Family, std::less<>>& families() const {
        return families_;
    }

  private:
    void add(Kind kind, std::string_view name, std::string_view help, Labels labels, double value);

    std::map<std::string, Family, std::less<>> families_;
};

}  // namespace annals::telemetry
