// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/config/server_settings.hpp"

#include <algorithm>
#include <array>

namespace annals::config {
namespace {

constexpr std::uint64_t kMebibyte = 1u << 20u;
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::array<std::string_view, 2> kCompressions{"none", "zstd"};
constexpr std::array<std::string_view, 6> kLogLevels{
    "trace", "debug", "info", "warning", "error", "off"
};
constexpr std::array<std::string_view, 3> kLogFormats{"auto", "human", "json"};

constexpr std::array kSpecs{
    SettingSpec{
        .name = "data",
        .kind = SettingKind::kText,
        .default_text = "./data",
        .flag = "--data",
        .help = "folder of the logs and their index; made when it is not there",
        .is_needed = true,
    },
    SettingSpec{
        .name = "memory",
        .kind = SettingKind::kBool,
        .default_text = "false",
        .flag = "--memory",
        .help = "keep everything in memory and nothing on disk, for tests and demos",
    },
    SettingSpec{
        .name = "grpc.address",
        .kind = SettingKind::kAddress,
        .default_text = "127.0.0.1:7400",
        .flag = "--grpc",
        .help = "where gRPC listens, HOST:PORT; port 0 takes a free one",
    },
    SettingSpec{
        .name = "http.address",
        .kind = SettingKind::kAddress,
        .default_text = "127.0.0.1:7401",
        .flag = "--http",
        .help = "where HTTP listens: events, health, metrics; port 0 takes a free one",
    },
    SettingSpec{
        .name = "http.origins",
        .kind = SettingKind::kOrigins,
        .default_text = "",
        .flag = "--http-origins",
        .help = "other sites whose pages may write and open websockets: "
                "https://a.example,https://b.example",
    },
    SettingSpec{
        .name = "durability",
        .kind = SettingKind::kDurability,
        .default_text = "every-append",
        .flag = "--durability",
        .help = "every-append (synced before the answer) or interval=20ms (answers may be lost)",
    },
    SettingSpec{
        .name = "index.memory_mib",
        .kind = SettingKind::kInteger,
        .default_text = "512",
        .flag = "--index-memory-mib",
        .help = "memory for the index of all logs: windows, caches and filters",
        .range = {64, 1'048'576},
    },
    SettingSpec{
        .name = "log.segment_mib",
        .kind = SettingKind::kInteger,
        .default_text = "64",
        .flag = "--log-segment-mib",
        .help = "size at which a segment of the log is sealed",
        .range = {1, 4'096},
    },
    SettingSpec{
        .name = "log.compression",
        .kind = SettingKind::kChoice,
        .default_text = "none",
        .flag = "--log-compression",
        .help = "none, or zstd for groups that get smaller by it",
        .choices = kCompressions,
    },
    SettingSpec{
        .name = "log.level",
        .kind = SettingKind::kChoice,
        .default_text = "info",
        .flag = "--log-level",
        .help = "how much the server tells: trace, debug, info, warning, error, off",
        .choices = kLogLevels,
    },
    SettingSpec{
        .name = "log.format",
        .kind = SettingKind::kChoice,
        .default_text = "auto",
        .flag = "--log-format",
        .help = "human, json, or auto: human on a terminal, JSON otherwise",
        .choices = kLogFormats,
    },
    SettingSpec{
        .name = "accept_damage",
        .kind = SettingKind::kBool,
        .default_text = "false",
        .flag = "--accept-damage",
        .help = "take appends although stored bytes are damaged, and pass over what is lost",
    },
    SettingSpec{
        .name = "drain_timeout",
        .kind = SettingKind::kDuration,
        .default_text = "10s",
        .flag = "--drain-timeout",
        .help = "how long calls may still take when the server stops",
    },
    SettingSpec{
        .name = "eskit.namespace",
        .kind = SettingKind::kText,
        .default_text = "default",
        .flag = "--eskit-namespace",
        .help = "namespace that clients of the eskit dialect see",
    },
    SettingSpec{
        .name = "scavenge.interval",
        .kind = SettingKind::kDuration,
        .default_text = "0s",
        .flag = "--scavenge-interval",
        .help = "how long after one scavenge the next begins by itself, as 24h; 0s: never",
    },
    SettingSpec{
        .name = "scavenge.window",
        .kind = SettingKind::kDayWindow,
        .default_text = "always",
        .flag = "--scavenge-window",
        .help = "when one may begin by itself, UTC: 22:00-05:30; or always",
    },
    SettingSpec{
        .name = "scavenge.dead_percent",
        .kind = SettingKind::kInteger,
        .default_text = "20",
        .flag = "--scavenge-dead-percent",
        .help = "a segment is rewritten by itself when so much of it would be freed",
        .range = {0, 100},
    },
    SettingSpec{
        .name = "scavenge.keep_stubs",
        .kind = SettingKind::kKeptFor,
        .default_text = "720h",
        .flag = "--scavenge-keep-stubs",
        .help = "how long ids and tags of removed events are remembered, as 720h; or forever",
    },
    SettingSpec{
        .name = "scavenge.throttle_mb_s",
        .kind = SettingKind::kInteger,
        .default_text = "20",
        .flag = "--scavenge-throttle",
        .help = "megabytes a second that one by itself reads and writes; 0: as fast as it goes",
        .range = {0, 1'000'000},
    },
};

}  // namespace

std::span<const SettingSpec> server_setting_specs() { return kSpecs; }

Settings resolve_server_settings(const Sources& sources) {
    Settings settings = resolve(kSpecs, sources);
    const Setting& http = settings.at("http.address");
    const auto grpc_address = parse_address(settings.at("grpc.address").value);
    const auto http_address = parse_address(http.value);
    if (grpc_address && http_address && *grpc_address == *http_address && grpc_address->port != 0) {
        const std::string remedy = "gRPC listens there: give one of them another port";
        settings.faults.push_back(Error(
                                      ErrorCode::kConfigInvalid,
                                      "http.address = \"" + http.value + "\" (from " + http.where +
                                          ") is taken: " + remedy
        )
                                      .with("key", "http.address")
                                      .with("value", http.value)
                                      .with("origin", http.where)
                                      .with("remedy", remedy));
    }
    return settings;
}

Result<ServerSettings> server_settings(const Settings& settings) {
    if (settings.faults.size() > 1) {
        const Error& first = settings.faults.front();
        Error error(
            first.code(),
            std::string(first.message()) + " (and " + std::to_string(settings.faults.size() - 1) +
                " more: annals config check names them)"
        );
        for (const ErrorField& field : first.fields()) {
            error = std::move(error).with(field.name, field.value);
        }
        return error;
    }
    if (!settings.faults.empty()) return settings.faults.front();

    const auto value = [&](std::string_view name) -> const std::string& {
        return settings.at(name).value;
    };
    const IntegerRange any{0, 1ULL << 40u};  // the declared ranges were checked
    ServerSettings out;
    out.data_directory = value("data");
    ANNALS_TRY(out.is_memory, parse_bool(value("memory")));
    ANNALS_TRY(out.grpc, parse_address(value("grpc.address")));
    ANNALS_TRY(out.http, parse_address(value("http.address")));
    ANNALS_TRY(out.http_origins, parse_origins(value("http.origins")));
    ANNALS_TRY(out.durability, parse_durability(value("durability")));
    ANNALS_TRY(const std::uint64_t index_mib, parse_integer(value("index.memory_mib"), any));
    ANNALS_TRY(const std::uint64_t segment_mib, parse_integer(value("log.segment_mib"), any));
    out.index_memory_bytes = index_mib * kMebibyte;
    out.log_segment_bytes = segment_mib * kMebibyte;
    out.log_compression = value("log.compression") == "zstd" ? Compression::kZstd
                                                             : Compression::kNone;
    out.log_level = value("log.level");
    out.log_format = value("log.format");
    ANNALS_TRY(out.accepts_damage, parse_bool(value("accept_damage")));
    ANNALS_TRY(out.drain_timeout_ns, parse_duration_ns(value("drain_timeout")));
    out.eskit_namespace = value("eskit.namespace");
    ANNALS_TRY(out.scavenge_interval_ns, parse_duration_ns(value("scavenge.interval")));
    ANNALS_TRY(const DayWindow window, parse_day_window(value("scavenge.window")));
    out.scavenge_from_minute = window.from_minute;
    out.scavenge_to_minute = window.to_minute;
    ANNALS_TRY(const std::uint64_t dead, parse_integer(value("scavenge.dead_percent"), any));
    out.scavenge_dead_percent = static_cast<std::uint32_t>(dead);
    ANNALS_TRY(out.scavenge_keep_stubs_ns, parse_kept_for_ns(value("scavenge.keep_stubs")));
    ANNALS_TRY(const std::uint64_t throttle, parse_integer(value("scavenge.throttle_mb_s"), any));
    out.scavenge_throttle_bytes_per_s = throttle * kMegabyte;
    return out;
}

}  // namespace annals::config
