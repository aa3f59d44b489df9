// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_reader.hpp"

#include <optional>
#include <utility>

#include "annals/codec/text.hpp"
#include "annals/json_events/json_text.hpp"

namespace annals::json_events {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \t\r\n");
    return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

/// Reading an array or object as something else leaves it unread; the error ends the reading.
std::string_view shown_value(ondemand::value& value) {
    const std::string_view plain = plain_raw_of(value);
    return plain.empty() ? raw_of(value) : plain;
}

/// Texts are small most often; of a large one nothing is kept.
constexpr std::size_t kKeptTextBytes = 64u << 10u;

/// Of this thread; null: it is in use.
std::unique_ptr<ondemand::parser>& spare_parser() {
    thread_local std::unique_ptr<ondemand::parser> parser;
    return parser;
}

}  // namespace

std::string_view raw_of(ondemand::value& value) {
    std::string_view raw;
    if (simdjson::to_json_string(value).get(raw) != simdjson::SUCCESS) return {};
    return trimmed(raw);
}

std::string_view plain_raw_of(ondemand::value& value) {
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return {};
    const bool has_parts = type == ondemand::json_type::array ||
                           type == ondemand::json_type::object;
    return has_parts ? std::string_view() : trimmed(value.raw_json_token());
}

Result<std::string_view> read_text(ondemand::value& value, const Where& where) {
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) return text;
    return not_acceptable(where, shown_value(value), "a text");
}

Result<std::uint64_t> read_number(ondemand::value& value, const Where& where) {
    std::uint64_t number = 0;
    if (value.get_uint64().get(number) == simdjson::SUCCESS) return number;
    return not_acceptable(where, shown_value(value), "a number without fraction, 0 or more");
}

Result<ondemand::object> read_object(ondemand::value& value, const Where& where) {
    ondemand::object object;
    if (value.get_object().get(object) == simdjson::SUCCESS) return object;
    return not_acceptable(where, shown_value(value), "an object");
}

Result<ondemand::array> read_array(ondemand::value& value, const Where& where) {
    ondemand::array array;
    if (value.get_array().get(array) == simdjson::SUCCESS) return array;
    return not_acceptable(where, shown_value(value), "an array");
}

Result<bool> read_boolean(ondemand::value& value, const Where& where) {
    bool is_true = false;
    if (value.get_bool().get(is_true) == simdjson::SUCCESS) return is_true;
    return not_acceptable(where, shown_value(value), "true or false");
}

Result<std::string_view> read_base64(ondemand::value& value, const Where& where, Arena& arena) {
    ANNALS_TRY(const std::string_view text, read_text(value, where));
    std::optional<std::string> bytes = codec::parse_base64(text);
    if (!bytes) return not_acceptable(where, text, "base64 with padding (RFC 4648, section 4)");
    return keep_in(arena, std::move(*bytes));
}

Error unknown_member(
    const Where& where, std::string_view member, ondemand::value& value, std::string_view known
) {
    return not_acceptable(
        where.at(member), raw_of(value), "left out: the members here are " + std::string(known)
    );
}

Status Document::check(std::string_view text) {
    if (is_json(text)) return ok();
    return text.empty() ? left_out({}, "JSON") : not_acceptable({}, text, "JSON");
}

Document::KeptParser::KeptParser(std::size_t text_bytes) : is_small_(text_bytes <= kKeptTextBytes) {
    if (is_small_) parser_ = std::move(spare_parser());
    if (!parser_) parser_ = std::make_unique<ondemand::parser>();
}

Document::KeptParser::~KeptParser() {
    if (is_small_) spare_parser() = std::move(parser_);
}

Document::Document(std::string text) : text_(std::move(text)), parser_(text_.size()) {
    text_.reserve(text_.size() + simdjson::SIMDJSON_PADDING);
}

Result<ondemand::value> Document::root() {
    const simdjson::padded_string_view padded(text_.data(), text_.size(), text_.capacity());
    ondemand::value value;
    if (parser_->iterate(padded).get(document_) != simdjson::SUCCESS ||
        document_.get_value().get(value) != simdjson::SUCCESS) {
        return not_acceptable({}, text_, "an object or an array");
    }
    return value;
}

}  // namespace annals::json_events
