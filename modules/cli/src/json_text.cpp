// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "json_text.hpp"

#include <utility>
#include <vector>

namespace annals::cli {
namespace {

using Json = nlohmann::ordered_json;
using documents::Kind;

class Writer {
  public:
    explicit Writer(std::size_t indent) : indent_(indent) {}

    // NOLINTNEXTLINE(misc-no-recursion): as deep as what is shown
    void write(const Json& value, std::size_t margin) {
        if (value.is_binary()) {
            out_.append(value.get_binary().begin(), value.get_binary().end());
        } else if (value.is_object() && !value.empty()) {
            out_.push_back('{');
            for (auto member = value.begin(); member != value.end(); ++member) {
                begin_line(member == value.begin(), margin + indent_);
                out_.append(scalar(Json(member.key()))).append(indent_ == 0 ? ":" : ": ");
                write(member.value(), margin + indent_);
            }
            end_lines('}', margin);
        } else if (value.is_array() && !value.empty()) {
            out_.push_back('[');
            for (auto element = value.begin(); element != value.end(); ++element) {
                begin_line(element == value.begin(), margin + indent_);
                write(*element, margin + indent_);
            }
            end_lines(']', margin);
        } else {
            out_.append(scalar(value));
        }
    }

    std::string take() { return std::move(out_); }

  private:
    static std::string scalar(const Json& value) {
        return value.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    void begin_line(bool is_first, std::size_t margin) {
        if (!is_first) out_.push_back(',');
        if (indent_ > 0) out_.append("\n").append(margin, ' ');
    }
    void end_lines(char bracket, std::size_t margin) {
        if (indent_ > 0) out_.append("\n").append(margin, ' ');
        out_.push_back(bracket);
    }

    const std::size_t indent_;
    std::string out_;
};

/// Builds what Json::parse() builds, numbers that are no integers of 64 bits with their text.
class ExactBuilder final : public nlohmann::json_sax<Json> {
  public:
    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t /*value*/, const string_t& text) override {
        return put(Json::binary({text.begin(), text.end()}));
    }
    bool string(string_t& value) override { return put(std::move(value)); }
    bool binary(binary_t& value) override { return put(Json::binary(std::move(value))); }
    bool start_object(std::size_t /*elements*/) override { return open(Json::object()); }
    bool key(string_t& name) override {
        open_.back().key = std::move(name);
        return true;
    }
    bool end_object() override { return close(); }
    bool start_array(std::size_t /*elements*/) override { return open(Json::array()); }
    bool end_array() override { return close(); }
    bool parse_error(
        std::size_t /*position*/, const std::string& /*token*/, const Json::exception& /*error*/
    ) override {
        return false;
    }

    Json take() { return std::move(whole_); }

  private:
    struct Open {
        Json value;
        std::string key;  ///< of the member that comes next, in an object
    };
    bool put(Json value) {
        if (open_.empty()) {
            whole_ = std::move(value);
        } else if (open_.back().value.is_array()) {
            open_.back().value.push_back(std::move(value));
        } else {
            open_.back().value[open_.back().key] = std::move(value);
        }
        return true;
    }
    bool open(Json value) {
        open_.push_back({std::move(value), {}});
        return true;
    }
    bool close() {
        Json value = std::move(open_.back().value);
        open_.pop_back();
        return put(std::move(value));
    }

    std::vector<Open> open_;
    Json whole_;
};

}  // namespace

std::optional<Json> parse_exact(std::string_view text) {
    ExactBuilder builder;
    if (!Json::sax_parse(text, &builder)) return std::nullopt;
    return builder.take();
}

// NOLINTNEXTLINE(misc-no-recursion): documents end at kDepthMax
Json exact(const documents::Value& value) {
    switch (value.kind()) {
        case Kind::kNull:
            return nullptr;
        case Kind::kBoolean:
            return value.boolean();
        case Kind::kNumber: {
            const std::string& text = value.number().text;
            return Json::binary({text.begin(), text.end()});
        }
        case Kind::kString:
            return value.string();
        case Kind::kArray: {
            Json elements = Json::array();
            for (const documents::Value& element : value.array())
                elements.push_back(exact(element));
            return elements;
        }
        case Kind::kObject: {
            Json members = Json::object();
            for (const documents::Member& member : value.object()) {
                members[member.name] = exact(member.value);
            }
            return members;
        }
    }
    return nullptr;
}

std::string json_text(const Json& value, std::size_t indent) {
    Writer writer(indent);
    writer.write(value, 0);
    return writer.take();
}

}  // namespace annals::cli
