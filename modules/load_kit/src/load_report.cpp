// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/load_report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>

#include <nlohmann/json.hpp>

#include "annals/codec/xml_text.hpp"
#include "annals/config/values.hpp"

#include "line_plot.hpp"

namespace annals::load_kit {
namespace {

using Json = nlohmann::ordered_json;

double rounded(double value) { return std::round(value * 1'000) / 1'000; }

std::string time_text(TimeNs time) {
    const std::time_t seconds = time.value / 1'000'000'000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

Json latency_json(const Histogram& histogram) {
    Json json;
    json["count"] = histogram.count();
    json["mean"] = rounded(histogram.mean());
    json["p50"] = histogram.at_percentile(50);
    json["p90"] = histogram.at_percentile(90);
    json["p99"] = histogram.at_percentile(99);
    json["p99.9"] = histogram.at_percentile(99.9);
    json["max"] = histogram.max();
    return json;
}

Json counts_json(const Counts& counts) {
    Json json;
    json["operations"] = counts.operations();
    json["done"] = counts.done;
    json["conflicts"] = counts.conflicts;
    json["missing"] = counts.missing;
    json["errors"] = counts.errors;
    json["wrong"] = counts.wrong;
    json["events"] = counts.events;
    json["bytes"] = counts.bytes;
    json["by_code"] = Json::object();
    for (const auto& [code, count] : counts.by_code) json["by_code"][code] = count;
    return json;
}

Json points_json(const std::vector<Point>& points) {
    Json json = Json::array();
    for (const Point& point : points) {
        Json one;
        one["from"] = rounded(point.from_seconds);
        one["seconds"] = rounded(point.seconds);
        one["operations"] = point.operations;
        one["events"] = point.events;
        one["errors"] = point.errors;
        one["conflicts"] = point.conflicts;
        one["p50"] = point.p50_us;
        one["p99"] = point.p99_us;
        one["max"] = point.max_us;
        json.push_back(std::move(one));
    }
    return json;
}

Json actor_json(const ActorResult& actor, const Actor& as_asked) {
    Json json;
    json["name"] = actor.name;
    json["does"] = to_string(actor.does);
    json["category"] = actor.category;
    json["workers"] = as_asked.workers;
    json["in_flight"] = as_asked.in_flight;
    json["rate"] = as_asked.rate;
    json["per_second"] = rounded(actor.per_second());
    json["missed"] = actor.missed;
    json["measured_seconds"] = rounded(actor.measured_seconds);
    json["counts"] = counts_json(actor.all);
    json["measured"] = counts_json(actor.measured);
    json["latency_us"] = latency_json(actor.latency);
    if (!is_listener(actor.does)) json["service_us"] = latency_json(actor.service);
    json["points"] = points_json(actor.points);
    return json;
}

/// All actors that do the same, as one.
Json operations_json(const LoadResult& result) {
    struct Sum {
        Counts counts;
        Histogram latency;
        double per_second = 0;
    };
    std::map<Does, Sum> sums;
    for (const ActorResult& actor : result.actors) {
        Sum& sum = sums[actor.does];
        sum.counts.add(actor.measured);
        sum.latency.merge(actor.latency);
        sum.per_second += actor.per_second();
    }
    Json json = Json::object();
    for (const auto& [does, sum] : sums) {
        Json& one = json[std::string(to_string(does))];
        one["per_second"] = rounded(sum.per_second);
        one["measured"] = counts_json(sum.counts);
        one["latency_us"] = latency_json(sum.latency);
    }
    return json;
}

std::string milliseconds(std::int64_t us) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f", static_cast<double>(us) / 1e3);
    return text.data();
}

std::string whole(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.0f", value);
    return text.data();
}

constexpr const char* kStyle =
    "body{font:15px/1.5 sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1a202c}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .7rem;border-bottom:1px "
    "solid "
    "#e2e8f0;text-align:right;white-space:nowrap}td:first-child,th:first-child,td.t{text-align:"
    "left;white-space:normal}"
    ".bad{color:#9b2c2c;font-weight:bold}.good{color:#276749}svg{width:100%;height:auto;"
    "margin:1rem 0}small{color:#4a5568}";

std::string actors_table(const LoadResult& result) {
    std::string html =
        "<table><tr><th>actor</th><th>does</th><th>operations/s</th><th>operations</th>"
        "<th>conflicts</th><th>missing</th><th>errors</th><th>missed</th><th>p50 ms</th>"
        "<th>p90</th><th>p99</th><th>p99.9</th><th>max</th></tr>\n";
    for (const ActorResult& actor : result.actors) {
        const std::uint64_t errors = actor.all.errors + actor.all.wrong;
        html += "<tr><td>" + codec::xml_text(actor.name) + "</td><td class=\"t\">" +
                std::string(to_string(actor.does)) + "</td><td>" + whole(actor.per_second()) +
                "</td><td>" + std::to_string(actor.all.operations()) + "</td><td>" +
                std::to_string(actor.all.conflicts) + "</td><td>" +
                std::to_string(actor.all.missing) + "</td><td" +
                (errors > 0 ? " class=\"bad\"" : "") + ">" + std::to_string(errors) + "</td><td" +
                (actor.missed > 0 ? " class=\"bad\"" : "") + ">" + std::to_string(actor.missed) +
                "</td>";
        for (const double percentile : {50.0, 90.0, 99.0, 99.9, 100.0}) {
            // Changes of objects do not say when they were sent: who hears them has no latency.
            html += "<td>" +
                    (actor.latency.count() > 0
                         ? milliseconds(actor.latency.at_percentile(percentile))
                         : std::string("-")) +
                    "</td>";
        }
        html += "</tr>\n";
    }
    return html + "</table>\n";
}

std::string checks_table(const LoadResult& result) {
    std::string html = "<table><tr><th>check</th><th>holds</th><th></th></tr>\n";
    for (const CheckResult& check : result.checks) {
        html += "<tr><td>" + codec::xml_text(check.name) + "</td><td class=\"" +
                (check.is_held ? "good\">yes" : "bad\">no") + "</td><td class=\"t\">" +
                codec::xml_text(check.said) + "</td></tr>\n";
    }
    return html + "</table>\n";
}

std::string errors_table(const LoadResult& result) {
    std::string rows;
    for (const ActorResult& actor : result.actors) {
        for (const auto& [code, count] : actor.all.by_code) {
            rows += "<tr><td>" + codec::xml_text(actor.name) + "</td><td class=\"t\">" +
                    codec::xml_text(code) + "</td><td>" + std::to_string(count) + "</td></tr>\n";
        }
    }
    if (rows.empty()) return rows;
    return "<h2>Refusals and errors</h2>\n<table><tr><th>actor</th><th>code</th><th>times</th>"
           "</tr>\n" +
           rows + "</table>\n";
}

Plot over_time(
    const LoadResult& result,
    const std::string& title,
    const std::string& y_label,
    double (*value)(const Point&)
) {
    Plot plot{.title = title, .x_label = "seconds", .y_label = y_label};
    for (const ActorResult& actor : result.actors) {
        PlotLine line{actor.name, {}};
        for (const Point& point : actor.points) {
            line.points.emplace_back(point.from_seconds + point.seconds / 2, value(point));
        }
        plot.lines.push_back(std::move(line));
    }
    return plot;
}

/// Percentiles so that each further nine takes as much room as the one before.
Plot distribution(const LoadResult& result) {
    Plot plot{
        .title = "Latency by percentile",
        .x_label = "percentile",
        .y_label = "µs",
        .y_scale = PlotScale::kLog
    };
    double nines_max = 1;
    for (const ActorResult& actor : result.actors) {
        PlotLine line{actor.name, {}};
        for (const Histogram::Step& step : actor.latency.steps(10)) {
            // The last step has all of them; it is drawn where the next one would be missing.
            const double rest = std::max(
                1 - step.share, 1 / (2 * static_cast<double>(actor.latency.count()))
            );
            const double nines = -std::log10(rest);
            nines_max = std::max(nines_max, nines);
            line.points.emplace_back(nines, static_cast<double>(step.value));
        }
        plot.lines.push_back(std::move(line));
    }
    const std::array<const char*, 8> texts{
        "0%", "90%", "99%", "99.9%", "99.99%", "99.999%", "99.9999%", "99.99999%"
    };
    for (std::size_t nines = 0; nines < texts.size(); ++nines) {
        if (static_cast<double>(nines) <= nines_max) {
            plot.x_ticks.push_back({static_cast<double>(nines), texts.at(nines)});
        }
    }
    return plot;
}

Status write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    if (file.flush()) return ok();
    return Error(
               ErrorCode::kIoError,
               path.string() + " cannot be written: choose another folder with --results"
    )
        .with("path", path.string());
}

}  // namespace

std::string report_json(const LoadResult& result) {
    Json json;
    json["profile"] = result.profile.name;
    json["what"] = result.profile.what;
    json["seed"] = result.profile.seed;
    json["tag"] = result.tag;
    json["server"] = result.server;
    json["machine"] = result.machine;
    json["started"] = time_text(result.started);
    json["seconds"] = rounded(result.seconds);
    json["warm_up_seconds"] = rounded(static_cast<double>(result.profile.warm_up_ns) / 1e9);
    json["interrupted"] = result.is_interrupted;
    Json checks = Json::array();
    for (const CheckResult& check : result.checks) {
        Json one;
        one["name"] = check.name;
        one["held"] = check.is_held;
        one["said"] = check.said;
        checks.push_back(std::move(one));
    }
    json["checked"] = Json{{"held", result.is_held()}, {"checks", std::move(checks)}};
    json["operations"] = operations_json(result);
    json["actors"] = Json::array();
    for (std::size_t at = 0; at < result.actors.size(); ++at) {
        json["actors"].push_back(actor_json(result.actors[at], result.profile.actors[at]));
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string report_html(const LoadResult& result) {
    std::string html =
        "<!DOCTYPE html>\n<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
        "<html lang=\"en\"><head><meta charset=\"utf-8\"><title>annals load: " +
        codec::xml_text(result.profile.name) + "</title><style>" + kStyle +
        "</style></head><body>\n<h1>" + codec::xml_text(result.profile.name) + "</h1>\n<p>" +
        codec::xml_text(result.profile.what) + "</p>\n<p><small>" + time_text(result.started) +
        " · " + whole(result.seconds) + " s" + (result.is_interrupted ? ", interrupted" : "") +
        " · " + codec::xml_text(result.server) + " · " + codec::xml_text(result.machine) +
        " · run " + codec::xml_text(result.tag) + " · seed " + std::to_string(result.profile.seed) +
        "</small></p>\n";
    html += result.is_held() ? "<p class=\"good\">All checks hold.</p>\n"
                             : "<p class=\"bad\">Not all checks hold.</p>\n";
    html += actors_table(result);
    html +=
        std::string(
            "<p><small>With a rate, latency counts from when an operation was due: what waits "
            "behind a "
            "stall is measured with its waiting. Of listeners it counts from the sending of the "
            "append. Missed: due, and never sent."
        ) +
        (result.profile.warm_up_ns > 0
             ? " The first " + config::format_duration(result.profile.warm_up_ns) +
                   " (warm-up) are checked, not measured."
             : std::string()) +
        "</small></p>\n";
    html += "<h2>Checks</h2>\n" + checks_table(result) + errors_table(result);
    html += plot_svg(over_time(result, "Throughput", "operations/s", [](const Point& point) {
        return static_cast<double>(point.operations) / point.seconds;
    }));
    html += plot_svg(distribution(result));
    Plot p99 = over_time(result, "p99 latency over time", "ms", [](const Point& point) {
        return static_cast<double>(point.p99_us) / 1e3;
    });
    html += plot_svg(p99);
    Plot worst = over_time(result, "Slowest over time", "ms", [](const Point& point) {
        return static_cast<double>(point.max_us) / 1e3;
    });
    html += plot_svg(worst);
    return html + "</body></html>\n";
}

Result<std::string> write_load_report(const std::string& directory, const LoadResult& result) {
    namespace fs = std::filesystem;
    const fs::path folder = fs::path(directory) / result.profile.name;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return Error(
                   ErrorCode::kIoError,
                   folder.string() + " cannot be made (" + error.message() +
                       "): choose another folder with --results"
        )
            .with("path", folder.string());
    }
    // Actors that an earlier run had, and this one has not, must not look like this one's.
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() == ".hgrm") fs::remove(entry.path(), error);
    }
    ANNALS_CHECK(write_file(folder / "report.json", report_json(result)));
    ANNALS_CHECK(write_file(folder / "report.html", report_html(result)));
    ANNALS_CHECK(write_file(folder / "load.hlog", result.log));
    for (const ActorResult& actor : result.actors) {
        std::string name = actor.name;
        std::ranges::replace(name, ' ', '-');
        ANNALS_CHECK(write_file(folder / (name + ".hgrm"), actor.latency.percentile_text()));
    }
    return folder.string();
}

}  // namespace annals::load_kit
