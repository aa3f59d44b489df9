// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "translation.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <nlohmann/json.hpp>

#include "annals/codec/text.hpp"
#include "annals/entities/entity.hpp"
#include "annals/model/limits.hpp"

#include "go_text.hpp"
#include "naming.hpp"

namespace annals::dialect_eskit {
namespace {

using contracts::eventstore::Event;

constexpr std::uint64_t kVersionMax = std::numeric_limits<std::int32_t>::max();
constexpr std::size_t kTypeCharactersMax = 255;
constexpr std::size_t kIdBytesMax =
    2'600;  // eskit's own limit is an index row of PostgreSQL, about this
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsMax = std::numeric_limits<std::int64_t>::max() / kNsPerSecond;

Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

/// What the original hears from its database: the code is the contract's, the words are ours.
Error not_stored(std::string_view why) {
    return {ErrorCode::kInternal, std::string("append : inserting stored event : ").append(why)};
}

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u;
    }));
}

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

/// UTF-8 in parts of at most `bytes_max`, no character cut.
std::vector<std::string_view> parts_of(std::string_view text, std::size_t bytes_max) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        std::size_t end = std::min(text.size(), bytes_max);
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
        parts.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return parts;
}

std::string without_control_characters(std::string_view type) {
    std::string out;
    for (std::size_t i = 0; i < type.size(); ++i) {
        const auto byte = static_cast<unsigned char>(type[i]);
        const bool is_c1 = byte == 0xC2u && i + 1 < type.size() &&
                           static_cast<unsigned char>(type[i + 1]) < 0xA0u;
        if (is_c1) ++i;
        if (is_c1 || byte < 0x20u || byte == 0x7Fu) {
            out.append(kReplaced);
        } else {
            out.push_back(type[i]);
        }
    }
    return out;
}

std::int64_t occured_on_of(const model::NewEvent& event) {
    const Reserved kept = reserved(event, kOccuredOnField);
    if (kept.has_value) {
        std::int64_t seconds = 0;
        std::from_chars(kept.value.data(), kept.value.data() + kept.value.size(), seconds);
        return seconds;
    }
    if (!event.valid_time) return 0;
    const std::int64_t ns = event.valid_time->at.value;
    const std::int64_t seconds = ns / kNsPerSecond;
    return ns % kNsPerSecond < 0 ? seconds - 1 : seconds;
}

}  // namespace

Result<CheckedEvent> check_event(Event event) {
    if (!event.has_originator()) return invalid("missing originator");
    if (event.event_type().empty()) return invalid("missing event type");

    const std::string& text = event.originator().version();
    const auto version = parse_uint(text);
    if (!version) {
        return Error(ErrorCode::kInternal, "append : " + std::string(version.error().message()));
    }
    if (*version == 0) return invalid("version must be at least 1");
    if (*version > kVersionMax) return not_stored("version " + text + " does not fit 32 bits");
    if (text.size() > model::Limits::kReservedFieldBytesMax) {
        return not_stored("the version's text is too long");
    }
    const std::string& id = event.originator().id();
    if (id.empty()) return not_stored("originator_id is empty");
    if (id.size() > kIdBytesMax) return not_stored("originator_id is too long");
    if (characters(event.event_type()) > kTypeCharactersMax) {
        return not_stored("event_type has more than 255 characters");
    }
    if (has_nul(id) || has_nul(event.event_type()) || has_nul(event.payload())) {
        return not_stored("text must not hold a NUL byte");
    }
    CheckedEvent checked;
    checked.key = key_of(id);
    checked.version = *version;
    checked.event = std::move(event);
    return checked;
}

StoredForm::StoredForm(const CheckedEvent& checked)
    : originator_tag_(dialect_eskit::originator_tag(checked.key)),
      version_tag_(dialect_eskit::version_tag(checked.key, checked.version)) {
    const Event& event = checked.event;
    event_.type = event.event_type();
    event_.dialect.push_back({kVersionField, event.originator().version()});
    if (codec::has_control_character(event.event_type())) {
        type_ = without_control_characters(event.event_type());
        event_.type = type_;
        event_.dialect.push_back({kTypeField, event.event_type()});
    }
    if (is_hashed(checked.key)) set_id(event.originator().id());
    set_time(event.occured_on());
    event_.tags.push_back(originator_tag_);
    event_.tags.push_back(version_tag_);
    event_.data = event.payload();
    // Other doors may show JSON as such; the bytes are the client's in either case.
    event_.content_type = nlohmann::json::accept(event.payload()) ? "application/json"
                                                                  : "text/plain; charset=utf-8";
}

void StoredForm::set_time(std::int64_t occured_on) {
    if (occured_on == 0) return;
    if (occured_on >= -kSecondsMax && occured_on <= kSecondsMax) {
        event_.valid_time = model::ValidTime{TimeNs(occured_on * kNsPerSecond), 0};
        return;
    }
    occured_on_ = std::to_string(occured_on);
    event_.dialect.push_back({kOccuredOnField, occured_on_});
}

void StoredForm::set_id(std::string_view id) {
    for (const std::string_view part : parts_of(id, model::Limits::kReservedFieldBytesMax)) {
        event_.dialect.push_back({kIdField, part});
    }
}

void StoredForm::set_document_hash(std::string hash) {
    document_hash_ = std::move(hash);
    event_.dialect.push_back({entities::kHashField, document_hash_});
}

Reserved reserved(const model::NewEvent& event, std::string_view name) {
    for (const model::DialectField& field : event.dialect) {
        if (field.name == name) return {true, field.value};
    }
    return {};
}

bool is_native(const model::NewEvent& event) { return !reserved(event, kVersionField).has_value; }

std::uint64_t version_of(const model::RecordedEvent& event) {
    const Reserved text = reserved(event, kVersionField);
    if (text.has_value) {
        if (const auto version = parse_uint(text.value)) return *version;
    }
    return event.revision.value + 1;
}

std::string_view event_type_of(const model::NewEvent& event) {
    const Reserved kept = reserved(event, kTypeField);
    return kept.has_value ? kept.value : event.type;
}

std::string originator_id_of(const model::NewEvent& event) {
    std::string kept;
    for (const model::DialectField& field : event.dialect) {
        if (field.name == kIdField) kept.append(field.value);
    }
    if (!kept.empty()) return kept;
    for (const std::string_view tag : event.tags) {
        if (tag.starts_with(kOriginatorTag)) return std::string(tag.substr(kOriginatorTag.size()));
    }
    return std::string(originator_of_stream(event.stream));
}

Event to_contract(const model::RecordedEvent& event, VersionText version) {
    Event out;
    const Reserved text = reserved(event, kVersionField);
    const bool is_verbatim = version == VersionText::kVerbatim && text.has_value;
    out.mutable_originator()->set_id(originator_id_of(event));
    out.mutable_originator()->set_version(
        is_verbatim ? std::string(text.value) : std::to_string(version_of(event))
    );
    out.set_event_type(std::string(event_type_of(event)));
    // A text on the wire is UTF-8. Other doors' bytes that are none come as base64url.
    out.set_payload(
        codec::is_utf8(event.data) ? std::string(event.data) : codec::base64url(event.data)
    );
    out.set_occured_on(occured_on_of(event));
    return out;
}

}  // namespace annals::dialect_eskit
