// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/config/settings.hpp"
#include "annals/config/values.hpp"

namespace annals::config {

enum class Compression : std::uint8_t { kNone, kZstd };

/// What `annals serve` is told, checked and typed. The defaults are those of
/// server_setting_specs().
struct ServerSettings {
    std::string data_directory;
    bool is_memory = false;  ///< keep nothing on disk; data_directory is not looked at
    Address grpc;
    Address http;
    std::vector<std::string> http_origins;  ///< beside the server's own, for websockets
    Durability durability;
    std::uint64_t index_memory_bytes = 0;
    std::uint64_t log_segment_bytes = 0;
    Compression log_compression = Compression::kNone;
    std::string log_level;   ///< a word of telemetry::parse_log_level
    std::string log_format;  ///< a word of telemetry::parse_log_format
    bool accepts_damage = false;
    std::int64_t drain_timeout_ns = 0;
    std::string eskit_namespace;
    std::int64_t scavenge_interval_ns = 0;   ///< 0: never by itself
    std::uint32_t scavenge_from_minute = 0;  ///< of the day, UTC; the same as to: always
    std::uint32_t scavenge_to_minute = 0;
    std::uint32_t scavenge_dead_percent = 0;
    std::uint64_t scavenge_throttle_bytes_per_s = 0;
    std::int64_t scavenge_keep_stubs_ns = 0;  ///< negative: for ever
};

/// Every setting of the server, declared here and nowhere else.
std::span<const SettingSpec> server_setting_specs();

/// resolve() over them, with the checks that look at more than one setting.
Settings resolve_server_settings(const Sources& sources);

/// The first fault (its message says how many more there are), or the values.
Result<ServerSettings> server_settings(const Settings& settings);

}  // namespace annals::config
