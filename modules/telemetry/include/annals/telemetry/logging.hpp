// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "annals/base/error.hpp"
#include "annals/base/result.hpp"

/// Structured logs: an event's name and named values, never a sentence with values baked in.
///
///     log_info("segment sealed", {{"segment", 12}, {"bytes", size}});
///
///     on a terminal   13:02:11.204 info  segment sealed  segment=12 bytes=67108864
///     otherwise       {"time":"2025-11-21T13:02:11.204117Z","level":"info",
///                      "event":"segment sealed","segment":12,"bytes":67108864}
///
/// Any thread; a line is written whole. A line below the level costs one relaxed load.
namespace annals::telemetry {

enum class LogLevel : std::uint8_t { kTrace, kDebug, kInfo, kWarning, kError, kOff };
enum class LogFormat : std::uint8_t {
    kAuto,   ///< human when standard error is a terminal, JSON otherwise
    kHuman,  ///< one readable line, coloured on a terminal unless NO_COLOR is set
    kJson,   ///< one JSON object a line
};

/// "trace", "debug", "info", "warning", "error", "off"; else config_invalid.
Result<LogLevel> parse_log_level(std::string_view text);
/// "auto", "human", "json"; else config_invalid.
Result<LogFormat> parse_log_format(std::string_view text);

/// A named value of a line. Views: lives as long as the call.
class LogField {
  public:
    using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

    LogField(std::string_view name, std::string_view value) : name_(name), value_(value) {}
    LogField(std::string_view name, const std::string& value)
        : name_(name), value_(std::string_view(value)) {}
    LogField(std::string_view name, const char* value)
        : name_(name), value_(std::string_view(value)) {}
    LogField(std::string_view name, bool value) : name_(name), value_(value) {}
    LogField(std::string_view name, std::floating_point auto value)
        : name_(name), value_(static_cast<double>(value)) {}
    LogField(std::string_view name, std::signed_integral auto value)
        : name_(name), value_(static_cast<std::int64_t>(value)) {}
    LogField(std::string_view name, std::unsigned_integral auto value)
        : name_(name), value_(static_cast<std::uint64_t>(value)) {}

    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] const Value& value() const { return value_; }

  private:
    std::string_view name_;
    Value value_;
};

using LogFields = std::initializer_list<LogField>;

struct LogOptions {
    LogLevel level = LogLevel::kInfo;
    LogFormat format = LogFormat::kAuto;
    /// Takes each line (with its end) instead of standard error; called by one thread at a time.
    std::function<void(std::string_view line)> sink;
};

/// Replaces how the whole program logs. Before the first call: level info, format auto.
void configure_logging(LogOptions options);
/// For SIGHUP: the level alone.
void set_log_level(LogLevel level);
[[nodiscard]] bool is_logged(LogLevel level);

void log(LogLevel level, std::string_view event, LogFields fields = {});

inline void log_trace(std::string_view event, LogFields fields = {}) {
    log(LogLevel::kTrace, event, fields);
}
inline void log_debug(std::string_view event, LogFields fields = {}) {
    log(LogLevel::kDebug, event, fields);
}
inline void log_info(std::string_view event, LogFields fields = {}) {
    log(LogLevel::kInfo, event, fields);
}
inline void log_warning(std::string_view event, LogFields fields = {}) {
    log(LogLevel::kWarning, event, fields);
}
inline void log_error(std::string_view event, LogFields fields = {}) {
    log(LogLevel::kError, event, fields);
}
/// With the error's code, message and fields.
void log_error(std::string_view event, const Error& error, LogFields fields = {});

/// Hands what is buffered to the system. Lines from warning upwards do not wait for it.
void flush_logs();

}  // namespace annals::telemetry
