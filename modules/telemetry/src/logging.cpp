// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/telemetry/logging.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "log_line.hpp"

namespace annals::telemetry {
namespace {

constexpr auto kHumanPattern = "%^%T.%e %-7l%$ %v";
constexpr auto kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})";
constexpr std::array<std::string_view, 6> kLevelNames{
    "trace", "debug", "info", "warning", "error", "off"
};

spdlog::level::level_enum spdlog_level(LogLevel level) {
    switch (level) {
        case LogLevel::kTrace:
            return spdlog::level::trace;
        case LogLevel::kDebug:
            return spdlog::level::debug;
        case LogLevel::kInfo:
            return spdlog::level::info;
        case LogLevel::kWarning:
            return spdlog::level::warn;
        case LogLevel::kError:
            return spdlog::level::err;
        case LogLevel::kOff:
            break;
    }
    return spdlog::level::off;
}

/// Gives formatted lines to a function.
class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit FunctionSink(std::function<void(std::string_view)> take) : take_(std::move(take)) {}

  private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        take_(std::string_view(line.data(), line.size()));
    }
    void flush_() override {}

    std::function<void(std::string_view)> take_;
};

/// One way of logging, from configure_logging() to the next.
struct Output {
    std::shared_ptr<spdlog::logger> logger;
    bool is_json = false;
};

std::shared_ptr<const Output> make_output(LogOptions& options) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing sets it
    const bool is_plain = std::getenv("NO_COLOR") != nullptr;
    const bool is_terminal = !options.sink && ::isatty(STDERR_FILENO) == 1;
    auto output = std::make_shared<Output>();
    output->is_json = options.format == LogFormat::kJson ||
                      (options.format == LogFormat::kAuto && !is_terminal);
    spdlog::sink_ptr sink;
    if (options.sink) {
        sink = std::make_shared<FunctionSink>(std::move(options.sink));
    } else if (!output->is_json && is_terminal && !is_plain) {
        sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    } else {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    sink->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        output->is_json ? kJsonPattern : kHumanPattern,
        output->is_json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local
    ));
    output->logger = std::make_shared<spdlog::logger>("annals", std::move(sink));
    output->logger->set_level(spdlog::level::trace);  // the level is looked at before
    output->logger->flush_on(spdlog::level::warn);
    return output;
}

/// The program's one log. Never destroyed, so that late threads may still write.
class Log {
  public:
    static Log& instance() {
        static Log& log = *new Log;
        return log;
    }

    void configure(LogOptions options) {
        level_.store(options.level, std::memory_order_relaxed);
        auto output = make_output(options);
        const std::lock_guard lock(mutex_);
        output_ = std::move(output);
    }
    void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
    [[nodiscard]] LogLevel level() const { return level_.load(std::memory_order_relaxed); }

    /// Shared: a line that is being written keeps its output while another one is configured.
    std::shared_ptr<const Output> output() {
        const std::lock_guard lock(mutex_);
        return output_;
    }

  private:
    Log() {
        LogOptions options;
        output_ = make_output(options);
    }

    std::atomic<LogLevel> level_ = LogLevel::kInfo;
    std::mutex mutex_;
    std::shared_ptr<const Output> output_;
};

void write_line(LogLevel level, std::string_view event, std::span<const LogField> fields) {
    const std::shared_ptr<const Output> output = Log::instance().output();
    const std::string text = output->is_json ? detail::json_members(event, fields)
                                             : detail::human_text(event, fields);
    output->logger->log(spdlog_level(level), spdlog::string_view_t(text.data(), text.size()));
}

Error unknown_word(std::string_view key, std::string_view value, std::string_view accepted) {
    std::string message(key);
    message.append(" \"").append(value).append("\" is not known: use ").append(accepted);
    return Error(ErrorCode::kConfigInvalid, std::move(message))
        .with("key", key)
        .with("value", value);
}

}  // namespace

Result<LogLevel> parse_log_level(std::string_view text) {
    for (std::size_t i = 0; i < kLevelNames.size(); ++i) {
        if (kLevelNames[i] == text) return static_cast<LogLevel>(i);
    }
    return unknown_word("log.level", text, "trace, debug, info, warning, error or off");
}

Result<LogFormat> parse_log_format(std::string_view text) {
    if (text == "auto") return LogFormat::kAuto;
    if (text == "human") return LogFormat::kHuman;
    if (text == "json") return LogFormat::kJson;
    return unknown_word("log.format", text, "auto, human or json");
}

void configure_logging(LogOptions options) { Log::instance().configure(std::move(options)); }

void set_log_level(LogLevel level) { Log::instance().set_level(level); }

bool is_logged(LogLevel level) {
    return level >= Log::instance().level() && level != LogLevel::kOff;
}

void log(LogLevel level, std::string_view event, LogFields fields) {
    if (is_logged(level)) write_line(level, event, {fields.begin(), fields.size()});
}

void log_error(std::string_view event, const Error& error, LogFields fields) {
    if (!is_logged(LogLevel::kError)) return;
    std::vector<LogField> all(fields);
    all.emplace_back("code", error.info().name);
    all.emplace_back("message", error.message());
    for (const ErrorField& field : error.fields()) all.emplace_back(field.name, field.value);
    write_line(LogLevel::kError, event, all);
}

void flush_logs() { Log::instance().output()->logger->flush(); }

}  // namespace annals::telemetry
