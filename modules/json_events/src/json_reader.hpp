// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "annals/base/result.hpp"

#include "where.hpp"

namespace annals::json_events {

namespace ondemand = simdjson::ondemand;

/// Texts that were made while reading (decoded base64, joined names): views into them stay valid.
using Arena = std::forward_list<std::string>;

inline std::string_view keep_in(Arena& arena, std::string text) {
    return arena.emplace_front(std::move(text));
}

/// The value as it stands in the text, without blanks around it. Uses the value up, unless it is a
/// plain one (no array, no object).
std::string_view raw_of(ondemand::value& value);
/// The same of a plain one alone; empty for an array or an object. Leaves every value as it is.
std::string_view plain_raw_of(ondemand::value& value);

// Each answers not_acceptable when the value is something else.
Result<std::string_view> read_text(ondemand::value& value, const Where& where);
Result<std::uint64_t> read_number(ondemand::value& value, const Where& where);
Result<ondemand::object> read_object(ondemand::value& value, const Where& where);
Result<ondemand::array> read_array(ondemand::value& value, const Where& where);
Result<bool> read_boolean(ondemand::value& value, const Where& where);
Result<std::string_view> read_base64(ondemand::value& value, const Where& where, Arena& arena);

/// `data` before it is known whether the content type says JSON or something else.
struct Data {
    std::string_view raw;
    std::string_view text;
    bool is_text = false;
    bool is_there = false;
};

/// invalid_argument for a member of the object at `where` that has no meaning there.
Error unknown_member(
    const Where& where, std::string_view member, ondemand::value& value, std::string_view known
);

/// Names that an object has had, to notice one that comes twice: of which value a reader takes the
/// last and another the first (RFC 8259 4). Only the first kMax are compared; objects of fixed
/// members have fewer.
class SeenNames {
  public:
    static constexpr std::size_t kMax = 32;

    /// False when it was there already.
    bool insert(std::string_view name) {
        for (std::size_t i = 0; i < count_; ++i) {
            if (names_[i] == name) return false;
        }
        if (count_ < kMax) names_[count_++] = name;
        return true;
    }

  private:
    std::array<std::string_view, kMax> names_;
    std::size_t count_ = 0;
};

/// Calls `visit(name, value)` for each member; stops at the first error.
template <typename Visit>
Status for_each_member(ondemand::object& object, const Where& where, Visit visit) {
    SeenNames seen;
    for (auto field : object) {
        std::string_view name;
        if (field.unescaped_key().get(name) != simdjson::SUCCESS)
            return not_acceptable(where, "JSON");
        ondemand::value value;
        if (field.value().get(value) != simdjson::SUCCESS)
            return not_acceptable(where.at(name), "JSON");
        if (!seen.insert(name)) return not_acceptable(where.at(name), raw_of(value), "there once");
        ANNALS_CHECK(visit(name, value));
    }
    return ok();
}

/// Calls `visit(index, value)` for each element; stops at the first error.
template <typename Visit>
Status for_each_element(ondemand::array& array, const Where& where, Visit visit) {
    std::size_t index = 0;
    for (auto element : array) {
        ondemand::value value;
        if (element.get(value) != simdjson::SUCCESS) return not_acceptable(where.at(index), "JSON");
        ANNALS_CHECK(visit(index, value));
        ++index;
    }
    return ok();
}

/// Parses a whole text that was checked to be JSON; keeps text and parser together.
class Document {
  public:
    /// invalid_argument when it is no JSON, with the place where it ends to be it.
    static Status check(std::string_view text);

    /// The text must have been checked.
    explicit Document(std::string text);
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    /// Once. Values are views into this.
    Result<ondemand::value> root();

  private:
    /// Parsers are kept by threads for what comes next, but for one that grew large.
    class KeptParser {
      public:
        explicit KeptParser(std::size_t text_bytes);
        KeptParser(const KeptParser&) = delete;
        KeptParser& operator=(const KeptParser&) = delete;
        ~KeptParser();

        ondemand::parser* operator->() { return parser_.get(); }

      private:
        std::unique_ptr<ondemand::parser> parser_;
        const bool is_small_;
    };

    std::string text_;
    KeptParser parser_;
    ondemand::document document_;
};

}  // namespace annals::json_events
