// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "option_checks.hpp"

#include <limits>
#include <string_view>
#include <utility>

#include "failures.hpp"

namespace annals::sdk {
namespace {

// more would not fit beside the clock, in nanoseconds
constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 365);
/// Each has two deliveries, and a group gives a member 10,000 at the most.
constexpr unsigned kConcurrencyMax = 5'000;
constexpr std::uint64_t kMebibyte = 1ULL << 20U;
constexpr std::uint64_t kIndexMemoryMin = 64 * kMebibyte;
constexpr std::uint64_t kIndexMemoryMax = 1'048'576 * kMebibyte;

[[noreturn]] void refuse(std::string_view field, std::string_view value, std::string message) {
    Error error(ErrorCode::kInvalidArgument, std::move(message));
    error = std::move(error).with("field", field);
    if (!value.empty()) error = std::move(error).with("value", value);
    fail(std::move(error));
}

[[noreturn]] void refuse_value(
    std::string_view field,
    const std::string& value,
    std::string_view unit,
    const std::string& range
) {
    std::string message(field);
    message += " is " + value;
    message += unit;
    message += ": give " + range;
    refuse(field, value, std::move(message));
}

void check_backoff(const Backoff& backoff) {
    if (backoff.first.count() > 0 && backoff.max >= backoff.first && backoff.max <= kLongest) {
        return;
    }
    const std::string first = std::to_string(backoff.first.count());
    const std::string max = std::to_string(backoff.max.count());
    std::string message = "a backoff from " + first + " ms to " + max + " ms cannot be: give a ";
    message += "positive first and a max that is not below it, at most a year, ";
    message += std::to_string(kLongest.count()) + " ms";
    refuse("backoff", first + ".." + max, std::move(message));
}

void check_pem(const char* field, const std::string& text, std::string_view label) {
    const std::size_t begin = text.find("-----BEGIN ");
    if (text.empty()) return;
    if (begin != std::string::npos && text.find(label, begin) != std::string::npos) return;
    // it may be a secret: it is not shown
    std::string message(field);
    message += " has no -----BEGIN ";
    message += label;
    message += ": give the text of a PEM file, not its name";
    refuse(field, "", std::move(message));
}

/// A certificate without its key ends the process within gRPC.
void check_tls(const Tls& tls) {
    if (!tls.certificate.empty() && tls.private_key.empty()) {
        refuse("tls.private_key", "", "tls.private_key is missing: tls.certificate needs its key");
    }
    if (tls.certificate.empty() && !tls.private_key.empty()) {
        refuse(
            "tls.certificate", "", "tls.certificate is missing: give the one that the key is of"
        );
    }
    check_pem("tls.root_certificates", tls.root_certificates, "CERTIFICATE-----");
    check_pem("tls.certificate", tls.certificate, "CERTIFICATE-----");
    check_pem("tls.private_key", tls.private_key, "PRIVATE KEY-----");
}

/// Names that gRPC reads by itself.
bool is_own_name(const std::string& address) {
    return address.starts_with("unix:") || address.starts_with("unix-abstract:") ||
           address.find("://") != std::string::npos;
}

}  // namespace

void check_time(const char* field, std::chrono::milliseconds time) {
    if (time.count() > 0 && time <= kLongest) return;
    refuse_value(
        field,
        std::to_string(time.count()),
        " ms",
        "more than 0 and at most a year, " + std::to_string(kLongest.count()) + " ms"
    );
}

void check_pause(const char* field, std::chrono::milliseconds time) {
    if (time.count() >= 0 && time <= kLongest) return;
    refuse_value(
        field,
        std::to_string(time.count()),
        " ms",
        "0 or more and at most a year, " + std::to_string(kLongest.count()) + " ms"
    );
}

void check_attempts(int attempts_max) {
    if (attempts_max >= 1) return;
    refuse_value(
        "attempts_max", std::to_string(attempts_max), "", "1 or more, the first attempt counts"
    );
}

void check_options(const ClientOptions& options) {
    check_backoff(options.backoff);
    check_time("timeout", options.timeout);
    check_time("keep_alive_interval", options.keep_alive_interval);
    check_time("keep_alive_timeout", options.keep_alive_timeout);
    if (options.tls) check_tls(*options.tls);
}

// gRPC takes a port over 65535 as what is left of it in 16 bits: another one. Where there is none
// it takes 443.
void check_address(const std::string& address) {
    const auto refuse_address = [&](const std::string& why) {
        refuse("address", address, "\"" + address + "\"" + why);
    };
    if (address.starts_with("http://") || address.starts_with("https://")) {
        refuse_address(
            " is a URL: give HOST:PORT of the server's gRPC (--grpc), without http://; tls encrypts"
        );
    }
    if (is_own_name(address)) return;
    const std::size_t colon = address.rfind(':');
    const std::string port = colon == std::string::npos ? "" : address.substr(colon + 1);
    if (colon == 0 || port.empty() || port.find_first_not_of("0123456789") != std::string::npos) {
        refuse_address(" has no port: give HOST:PORT, for example 127.0.0.1:7400");
    }
    constexpr std::size_t kDigitsMax = 5;
    if (port.size() > kDigitsMax || std::stoul(port) == 0 || std::stoul(port) > 65'535) {
        refuse_address(": its port is " + port + ", give one from 1 to 65535");
    }
}

void check_consumer(const ConsumerOptions& options) {
    check_pause("save_interval", options.save_interval);
    check_pause("save_within", options.save_within);
}

void check_work(const Work& work) {
    if (work.concurrency >= 1 && work.concurrency <= kConcurrencyMax) return;
    refuse_value(
        "concurrency",
        std::to_string(work.concurrency),
        "",
        "1 to " + std::to_string(kConcurrencyMax)
    );
}

std::uint32_t checked_delay_ms(std::chrono::milliseconds delay) {
    constexpr std::uint32_t kMost = std::numeric_limits<std::uint32_t>::max();
    if (delay.count() < 0 || delay.count() > kMost) {
        refuse_value(
            "delay",
            std::to_string(delay.count()),
            " ms",
            "0 to " + std::to_string(kMost) + " ms, or none for the group's backoff"
        );
    }
    return static_cast<std::uint32_t>(delay.count());
}

void check_index_memory(std::uint64_t bytes) {
    if (bytes >= kIndexMemoryMin && bytes <= kIndexMemoryMax) return;
    refuse_value(
        "index_memory_bytes",
        std::to_string(bytes),
        "",
        std::to_string(kIndexMemoryMin) + " (64 MiB) to " + std::to_string(kIndexMemoryMax) +
            " (1 TiB)"
    );
}

}  // namespace annals::sdk
