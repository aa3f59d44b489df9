// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/api_wire/error_wire.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "annals/api_wire/criteria_wire.hpp"
#include "annals/model/append.hpp"
#include "annals/model/refusals.hpp"

#include "fields.hpp"

namespace annals::api_wire {
namespace {

constexpr std::string_view kErrorInfoUrl = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr std::string_view kRetryInfoUrl = "type.googleapis.com/google.rpc.RetryInfo";
constexpr std::string_view kPreconditionUrl = "type.googleapis.com/google.rpc.PreconditionFailure";
constexpr std::string_view kConflictUrl = "type.googleapis.com/annals.v1.Conflict";
constexpr std::string_view kDomain = "annals";
constexpr std::uint64_t kRetryDelayNs = 100'000'000;
constexpr std::size_t kViolationsMax = 8;
constexpr std::size_t kMessageBytesMax = 1'024;
constexpr std::size_t kFieldBytesMax = 512;

/// At most `max` bytes, cut before a character.
std::string_view cut(std::string_view text, std::size_t max) {
    if (text.size() <= max) return text;
    while (max > 0 && (static_cast<unsigned char>(text[max]) & 0xC0u) == 0x80u) --max;
    return text.substr(0, max);
}

void write_field(MessageWriter& writer, std::uint32_t field, const ErrorField& pair) {
    writer.nested(field, [&](std::string& out) {
        MessageWriter inner(out);
        inner.text(1, cut(pair.name, kFieldBytesMax));
        inner.text(2, cut(pair.value, kFieldBytesMax));
    });
}

Status read_field(std::string_view bytes, std::vector<ErrorField>& fields) {
    ErrorField& pair = fields.emplace_back();
    MessageReader in("metadata", bytes);
    while (in.next()) {
        if (in.field() == 1) pair.name = in.text();
        if (in.field() == 2) pair.value = in.text();
    }
    return in.finish();
}

template <typename Write>
void add_detail(std::string& out, std::string_view url, Write&& write) {
    MessageWriter(out).nested(3, [&](std::string& any) {
        MessageWriter writer(any);
        writer.text(1, url);
        writer.nested(2, write);
    });
}

void write_error_info(
    std::string& out, const Error& error, const std::optional<std::size_t>& checks_failed
) {
    MessageWriter writer(out);
    writer.text(1, error.info().name);
    writer.text(2, kDomain);
    for (const ErrorField& pair : error.fields()) write_field(writer, 3, pair);
    if (checks_failed) {
        write_field(writer, 3, {"checks_failed", std::to_string(*checks_failed)});
    }
}

std::string violation_text(const model::FailedCheck& check) {
    if (check.kind == model::FailedCheck::Kind::kQuery) {
        return "met at position " + std::to_string(check.matching_position.value);
    }
    std::string text;
    if (check.is_deleted) {
        text = "deleted";
    } else if (check.current_revision) {
        text = "at revision " + std::to_string(check.current_revision->value);
    } else {
        text = "not there";
    }
    return text + ", expected " + model::to_string(check.expected);
}

void write_violations(std::string& out, const std::vector<model::FailedCheck>& failed) {
    MessageWriter writer(out);
    for (std::size_t i = 0; i < std::min(failed.size(), kViolationsMax); ++i) {
        const model::FailedCheck& check = failed[i];
        const bool is_stream = check.kind == model::FailedCheck::Kind::kStream;
        writer.nested(1, [&](std::string& o) {
            MessageWriter inner(o);
            inner.text(1, is_stream ? "REVISION" : "QUERY");
            const std::string place = "checks[" + std::to_string(check.check_index) + "]";
            inner.text(2, is_stream ? cut(check.stream, 128) : std::string_view(place));
            inner.text(3, violation_text(check));
        });
    }
}

/// What the parts of a status told.
struct Told {
    std::optional<ErrorCode> code;
    std::vector<ErrorField> fields;
    std::vector<model::FailedCheck> failed;
};

Status read_error_info(std::string_view bytes, Told& told) {
    MessageReader in("ErrorInfo", bytes);
    std::string_view reason;
    std::string_view domain;
    while (in.next()) {
        if (in.field() == 1) reason = in.bytes();
        if (in.field() == 2) domain = in.bytes();
        if (in.field() == 3) ANNALS_CHECK(read_field(in.bytes(), told.fields));
    }
    if (domain == kDomain) told.code = error_code_from_name(reason);
    return in.finish();
}

Status read_any(std::string_view bytes, Told& told) {
    MessageReader in("Any", bytes);
    std::string_view url;
    std::string_view value;
    while (in.next()) {
        if (in.field() == 1) url = in.bytes();
        if (in.field() == 2) value = in.bytes();
    }
    ANNALS_CHECK(in.finish());
    if (url == kErrorInfoUrl) return read_error_info(value, told);
    if (url == kConflictUrl) return decode_conflict(value, told.failed);
    return ok();
}

ErrorCode code_of_grpc(int grpc_code) {
    switch (grpc_code) {
        // Not by who asked: a stopping server's last words can be lost to the end of the call.
        case 1:
            return ErrorCode::kUnavailable;
        case 3:
            return ErrorCode::kInvalidArgument;
        case 4:
            return ErrorCode::kDeadlineExceeded;
        case 7:
        case 16:
            return ErrorCode::kNotPermitted;
        case 8:
            return ErrorCode::kLimitExceeded;
        case 12:
            return ErrorCode::kNotSupported;
        case 14:
            return ErrorCode::kUnavailable;
        case 15:
            return ErrorCode::kDataLoss;
        default:
            return ErrorCode::kInternal;
    }
}

/// "… larger than max (18000031 vs. 17825792)": gRPC refuses a message itself, before the server
/// sees it, and names no field.
std::optional<Error> too_large_message(std::string_view message) {
    constexpr std::string_view kBefore = "larger than max (";
    constexpr std::string_view kBetween = " vs. ";
    const std::size_t at = message.find(kBefore);
    if (at == std::string_view::npos) return std::nullopt;
    const char* const end = message.data() + message.size();
    std::size_t value = 0;
    std::size_t limit = 0;
    const auto first = std::from_chars(message.data() + at + kBefore.size(), end, value);
    const std::string_view rest(first.ptr, end);
    if (first.ec != std::errc() || !rest.starts_with(kBetween)) return std::nullopt;
    const auto second = std::from_chars(first.ptr + kBetween.size(), end, limit);
    if (second.ec != std::errc()) return std::nullopt;
    return model::too_large("message", value, limit, "bytes");
}

Error make_error(ErrorCode code, std::string_view message, Told told) {
    Error error(code, std::string(message));
    for (const ErrorField& pair : told.fields) {
        error = std::move(error).with(pair.name, pair.value);
    }
    if (code == ErrorCode::kConflict) {
        error = std::move(error).with_details(
            std::make_shared<model::ConflictDetails>(std::move(told.failed))
        );
    }
    return error;
}

}  // namespace

bool is_by_http1(std::string_view grpc_message) {
    // the second is what newer ones say
    return grpc_message.find("http1.x server") != std::string_view::npos ||
           grpc_message.find("Failed parsing HTTP/2") != std::string_view::npos;
}

std::string shown_message(const Error& error) {
    return std::string(cut(error.message(), kMessageBytesMax));
}

std::string encode_error(const Error& error, std::size_t bytes_max) {
    const auto* conflict = error.details<model::ConflictDetails>();
    std::string conflict_bytes;
    std::optional<std::size_t> checks_failed;
    if (conflict != nullptr) {
        const std::vector<model::FailedCheck>& failed = conflict->failed_checks;
        // the rest of the status takes under 3 KiB
        const std::size_t room = bytes_max - std::min(bytes_max, std::size_t{3'072});
        const std::size_t written = encode_conflict(conflict_bytes, failed, room);
        if (written < failed.size()) checks_failed = failed.size();
    }

    std::string out;
    MessageWriter writer(out);
    writer.number(1, static_cast<std::uint64_t>(error.info().grpc_status));
    writer.text(2, cut(error.message(), kMessageBytesMax / 2));
    add_detail(out, kErrorInfoUrl, [&](std::string& o) {
        write_error_info(o, error, checks_failed);
    });
    if (conflict != nullptr) {
        add_detail(out, kConflictUrl, [&](std::string& o) { o += conflict_bytes; });
        add_detail(out, kPreconditionUrl, [&](std::string& o) {
            write_violations(o, conflict->failed_checks);
        });
    }
    if (error.info().retry == "later") {
        add_detail(out, kRetryInfoUrl, [](std::string& o) {
            MessageWriter(o).nested(1, [](std::string& duration) {
                MessageWriter(duration).number(2, kRetryDelayNs);
            });
        });
    }
    return out;
}

Error decode_error(int grpc_code, std::string_view message, std::string_view details) {
    Told told;
    MessageReader in("Status", details);
    while (in.next()) {
        if (in.field() != 3) continue;
        if (!read_any(in.bytes(), told)) break;
    }
    const ErrorCode code = told.code ? *told.code : code_of_grpc(grpc_code);
    if (!told.code && grpc_code == 8) {
        if (std::optional<Error> large = too_large_message(message)) return *std::move(large);
    }
    if (!told.code && grpc_code == 1) {
        message = "the call was cut off without a word of the server's: it may be stopping";
    }
    if (!told.code && code == ErrorCode::kUnavailable && is_by_http1(message)) {
        Error misaddressed = make_error(
            code,
            "what listens there speaks HTTP/1 and no gRPC: give the port of the server's gRPC "
            "(--grpc, 7400 by default), not that of its HTTP (gRPC: " +
                std::string(message) + ")",
            std::move(told)
        );
        return std::move(misaddressed).with("field", "address");
    }
    return make_error(code, message, std::move(told));
}

void encode_append_failure(std::string& out, const Error& error) {
    MessageWriter writer(out);
    writer.text(1, error.info().name);
    writer.text(2, shown_message(error));
    for (const ErrorField& pair : error.fields()) write_field(writer, 3, pair);
    if (const auto* conflict = error.details<model::ConflictDetails>()) {
        writer.nested(4, [&](std::string& o) {
            encode_conflict(o, conflict->failed_checks, kDetailsBytesOwn);
        });
    }
}

Error decode_append_failure(std::string_view bytes) {
    Told told;
    std::string_view message;
    MessageReader in("AppendFailure", bytes);
    while (in.next()) {
        switch (in.field()) {
            case 1:
                told.code = error_code_from_name(in.bytes());
                break;
            case 2:
                message = in.bytes();
                break;
            case 3:
                if (!read_field(in.bytes(), told.fields)) told.fields.pop_back();
                break;
            case 4:
                if (!decode_conflict(in.bytes(), told.failed)) told.failed.clear();
                break;
            default:
                break;
        }
    }
    const ErrorCode code = told.code ? *told.code : ErrorCode::kInternal;
    return make_error(code, message, std::move(told));
}

}  // namespace annals::api_wire
