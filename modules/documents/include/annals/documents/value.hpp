// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace annals::documents {

struct Member;
class Value;
using Array = std::vector<Value>;
/// Sorted by name_less, each name once.
using Object = std::vector<Member>;

/// Nesting that a document may have; deeper ones are refused where they come in.
inline constexpr std::size_t kDepthMax = 128;
/// Of a document's text, and of a patch's.
inline constexpr std::size_t kDocumentBytesMax = 4u << 20u;

/// A JSON number as its text: 0.10 stays 0.10, and no digit is lost to a machine type. The text is
/// a number of RFC 8259 whose magnitude a double can hold.
struct Number {
    std::string text;
    bool operator==(const Number&) const = default;
};

/// The kinds of JSON, in the order of Value's variant.
enum class Kind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

/// A JSON value as a tree of plain values. What entities are made of, and patches. Not more than
/// kDepthMax deep: whoever builds one by hand keeps to it.
class Value {
  public:
    Value();  ///< null
    explicit Value(bool value);
    explicit Value(Number number);
    explicit Value(std::string text);
    explicit Value(const char* text);
    explicit Value(Array elements);
    /// Sorts the members; of several with one name one stays.
    explicit Value(Object members);
    Value(const Value& other);
    Value(Value&& other) noexcept;
    Value& operator=(const Value& other);
    Value& operator=(Value&& other) noexcept;
    ~Value();

    [[nodiscard]] Kind kind() const { return static_cast<Kind>(body_.index()); }
    [[nodiscard]] bool is_null() const { return kind() == Kind::kNull; }
    [[nodiscard]] bool is_object() const { return kind() == Kind::kObject; }
    [[nodiscard]] bool is_array() const { return kind() == Kind::kArray; }

    // Each asserts that the value is of its kind.
    [[nodiscard]] bool boolean() const;
    [[nodiscard]] const Number& number() const;
    [[nodiscard]] const std::string& string() const;
    [[nodiscard]] const Array& array() const;
    [[nodiscard]] Array& array();
    [[nodiscard]] const Object& object() const;

    /// The member's value; null pointer when there is none or this is no object. O(log members).
    [[nodiscard]] const Value* find(std::string_view name) const;
    [[nodiscard]] Value* find(std::string_view name);
    /// Sets a member of this object, which may be new.
    Value& set(std::string_view name, Value value);
    /// Whether there was one.
    bool erase(std::string_view name);

    /// Exactly the same: 1.0 is not 1.
    bool operator==(const Value& other) const;

  private:
    std::variant<std::monostate, bool, Number, std::string, Array, Object> body_;
};

struct Member {
    std::string name;
    Value value;
    bool operator==(const Member& other) const;
};

/// Order of names by UTF-16 code units (RFC 8785 3.2.3). For valid UTF-8.
bool name_less(std::string_view a, std::string_view b);

/// Whether an object somewhere in it, arrays not entered, has a null member: what a merge patch
/// cannot say.
bool has_null_member(const Value& value);

}  // namespace annals::documents
