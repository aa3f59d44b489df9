// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/value.hpp"

#include <algorithm>

#include "annals/base/assert.hpp"

namespace annals::documents {
namespace {

/// A byte of UTF-8 so that comparing bytes compares UTF-16: what needs surrogates (F0 to F4) comes
/// before U+E000 to U+FFFF (EE, EF).
std::uint8_t utf16_rank(char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte == 0xEEu || byte == 0xEFu ? static_cast<std::uint8_t>(byte + 0x10u) : byte;
}

template <typename Members>
auto place_of(Members& members, std::string_view name) {
    return std::lower_bound(
        members.begin(),
        members.end(),
        name,
        [](const Member& member, std::string_view wanted) { return name_less(member.name, wanted); }
    );
}

template <typename T>
const T& checked(const T* body) {
    ANNALS_ASSERT(body != nullptr, "the caller looked at the kind of the value");
    return *body;
}

}  // namespace

bool name_less(std::string_view a, std::string_view b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return utf16_rank(x) < utf16_rank(y);
    });
}

Value::Value() = default;
Value::Value(const Value& other) = default;
Value::Value(Value&& other) noexcept = default;
Value& Value::operator=(const Value& other) = default;
Value& Value::operator=(Value&& other) noexcept = default;
Value::~Value() = default;

Value::Value(bool value) : body_(value) {}

Value::Value(Number number) : body_(std::move(number)) {}

Value::Value(std::string text) : body_(std::move(text)) {}

Value::Value(const char* text) : body_(std::string(text)) {}

Value::Value(Array elements) : body_(std::move(elements)) {}

Value::Value(Object members) {
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
        return name_less(a.name, b.name);
    });
    const auto same_name = [](const Member& a, const Member& b) { return a.name == b.name; };
    members.erase(std::unique(members.begin(), members.end(), same_name), members.end());
    body_ = std::move(members);
}

bool Value::boolean() const { return checked(std::get_if<bool>(&body_)); }

const Number& Value::number() const { return checked(std::get_if<Number>(&body_)); }

const std::string& Value::string() const { return checked(std::get_if<std::string>(&body_)); }

const Array& Value::array() const { return checked(std::get_if<Array>(&body_)); }

Array& Value::array() { return const_cast<Array&>(std::as_const(*this).array()); }

const Object& Value::object() const { return checked(std::get_if<Object>(&body_)); }

const Value* Value::find(std::string_view name) const {
    const auto* members = std::get_if<Object>(&body_);
    if (members == nullptr) return nullptr;
    const auto found = place_of(*members, name);
    return found != members->end() && found->name == name ? &found->value : nullptr;
}

Value* Value::find(std::string_view name) {
    return const_cast<Value*>(std::as_const(*this).find(name));
}

Value& Value::set(std::string_view name, Value value) {
    auto* members = std::get_if<Object>(&body_);
    ANNALS_ASSERT(members != nullptr, "only an object has members");
    const auto place = place_of(*members, name);
    if (place != members->end() && place->name == name) {
        place->value = std::move(value);
        return place->value;
    }
    return members->insert(place, Member{std::string(name), std::move(value)})->value;
}

bool Value::erase(std::string_view name) {
    auto* members = std::get_if<Object>(&body_);
    if (members == nullptr) return false;
    const auto place = place_of(*members, name);
    if (place == members->end() || place->name != name) return false;
    members->erase(place);
    return true;
}

bool Value::operator==(const Value& other) const { return body_ == other.body_; }

bool Member::operator==(const Member& other) const {
    return name == other.name && value == other.value;
}

bool has_null_member(const Value& value) {
    if (!value.is_object()) return false;
    return std::any_of(value.object().begin(), value.object().end(), [](const Member& member) {
        return member.value.is_null() || has_null_member(member.value);
    });
}

}  // namespace annals::documents
