// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/document_text.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/model/refusals.hpp"

#include "value_text.hpp"

namespace annals::documents {
namespace {

/// Builds a Value out of the parser's events; keeps the first reason to refuse. Recursion stays
/// with the tree that it makes, which kDepthMax bounds.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit Builder(std::size_t depth_max) : depth_max_(depth_max) {}

    bool null() override { return take(Value()); }
    bool boolean(bool value) override { return take(Value(value)); }
    bool number_integer(number_integer_t value) override {
        return take(Value(Number{std::to_string(value)}));
    }
    bool number_unsigned(number_unsigned_t value) override {
        return take(Value(Number{std::to_string(value)}));
    }
    bool number_float(number_float_t /*value*/, const string_t& text) override {
        return take(Value(Number{text}));
    }
    bool string(string_t& value) override { return take(Value(std::move(value))); }
    bool binary(binary_t& /*value*/) override { return false; }

    bool start_object(std::size_t /*size*/) override { return open(true); }
    bool key(string_t& name) override {
        open_.back().name = std::move(name);
        return true;
    }
    bool end_object() override {
        Object members = std::move(open_.back().members);
        open_.pop_back();
        const std::size_t count = members.size();
        Value value(std::move(members));
        if (value.object().size() != count) {
            why_ = "a name stands twice in one object; give each member once";
            return false;
        }
        return take(std::move(value));
    }
    bool start_array(std::size_t /*size*/) override { return open(false); }
    bool end_array() override {
        Array elements = std::move(open_.back().elements);
        open_.pop_back();
        return take(Value(std::move(elements)));
    }
    bool parse_error(
        std::size_t position, const std::string& /*token*/, const nlohmann::json::exception& error
    ) override {
        constexpr int kOutOfRange = 406;
        why_ = error.id == kOutOfRange
                   ? "a number is beyond what a double can hold"
                   : "it is no JSON from byte " + std::to_string(position) + " on";
        return false;
    }

    Value root;
    [[nodiscard]] const std::string& why() const { return why_; }

  private:
    struct Container {
        bool is_object = false;
        std::string name;  ///< of the member that comes
        Object members;
        Array elements;
    };

    bool open(bool is_object) {
        if (open_.size() == depth_max_) {
            why_ = "it is nested deeper than " + std::to_string(depth_max_) + " levels";
            return false;
        }
        open_.emplace_back().is_object = is_object;
        return true;
    }
    bool take(Value value) {
        if (open_.empty()) {
            root = std::move(value);
        } else if (open_.back().is_object) {
            open_.back().members.push_back({std::move(open_.back().name), std::move(value)});
        } else {
            open_.back().elements.push_back(std::move(value));
        }
        return true;
    }

    const std::size_t depth_max_;
    std::vector<Container> open_;
    std::string why_;
};

}  // namespace

Result<Value> parse_document(
    std::string_view text, std::string_view field, const TextLimits& limits
) {
    if (text.size() > limits.bytes_max) {
        return model::too_large(field, text.size(), limits.bytes_max, "bytes");
    }
    Builder builder(limits.depth_max);
    if (nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
        return std::move(builder.root);
    }
    return model::refused(field, text, builder.why());
}

Result<Value> parse_object(std::string_view text, std::string_view field) {
    ANNALS_TRY(Value value, parse_document(text, field));
    if (!value.is_object()) return model::refused(field, text, "it must be a JSON object");
    return value;
}

void write(std::string& out, const Value& value) {
    write_value(out, value, [](std::string& to, const std::string& number) { to += number; });
}

std::string to_text(const Value& value) {
    std::string out;
    write(out, value);
    return out;
}

}  // namespace annals::documents
