// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "values.hpp"

#include <stdexcept>

#include <yaml-cpp/yaml.h>

namespace annals::scenarios {
namespace {

Json json_of(const YAML::Node& node) {
    if (node.IsSequence()) {
        Json list = Json::array();
        for (const YAML::Node& element : node) list.push_back(json_of(element));
        return list;
    }
    if (node.IsMap()) {
        Json object = Json::object();
        for (const auto& member : node) {
            object[member.first.as<std::string>()] = json_of(member.second);
        }
        return object;
    }
    if (node.IsNull()) return nullptr;
    auto word = node.as<std::string>();
    if (node.Tag() == "!") return word;  // in quotes
    if (word == "true" || word == "false") return word == "true";
    const Json number = Json::parse(word, nullptr, false);
    return number.is_number() ? number : Json(word);
}

Json shown(const Expected& expected) {
    switch (expected.kind) {
        case Expected::Kind::kAny:
            return "any";
        case Expected::Kind::kNoStream:
            return "no_stream";
        case Expected::Kind::kExists:
            return "exists";
        case Expected::Kind::kDeleted:
            return "deleted";
        case Expected::Kind::kRevision:
            break;
    }
    return expected.revision.value;
}

}  // namespace

Json load_yaml(const std::string& file) { return json_of(YAML::LoadFile(file)); }

std::string text(const Json& arguments, const char* name) {
    const auto found = arguments.find(name);
    if (found == arguments.end() || found->is_null()) return "";
    return found->is_string() ? found->get<std::string>() : found->dump();
}

std::vector<std::string> texts(const Json& arguments, const char* name) {
    return arguments.value(name, std::vector<std::string>());
}

std::int64_t number(const Json& arguments, const char* name) {
    return arguments.value(name, std::int64_t{0});
}

bool flag(const Json& arguments, const char* name) { return arguments.value(name, false); }

Expected expected_of(const Json& value) {
    if (value.is_number()) return at(Revision(value.get<std::uint64_t>()));
    if (value == "no_stream") return kNoStream;
    if (value == "exists") return kExists;
    if (value == "deleted") return kDeleted;
    if (value == "any") return kAny;
    throw std::runtime_error("the runner does not know the expectation " + value.dump());
}

Select selected(const Json& arguments) {
    Select select;
    select.stream = text(arguments, "stream");
    select.categories = texts(arguments, "categories");
    select.types = texts(arguments, "types");
    select.tags = texts(arguments, "tags");
    if (arguments.contains("from_revision")) {
        select.start = FromRevision{
            Revision(static_cast<std::uint64_t>(number(arguments, "from_revision")))
        };
    }
    if (arguments.contains("after")) select.start = After{text(arguments, "after")};
    if (text(arguments, "start") == "end") select.start = FromEnd{};
    return select;
}

Json shown(const Failure& failure) {
    Json metadata = Json::object();
    for (const ErrorField& field : failure.fields()) metadata[field.name] = field.value;
    Json checks = Json::array();
    for (const FailedCheck& check : failure.failed_checks()) {
        Json line = {
            {"check_index", check.index},
            {"stream", check.stream},
            {"expected", shown(check.expected)},
            {"current_revision", nullptr},
            {"matching_position", check.matching_position.value}
        };
        if (check.current_revision) line["current_revision"] = check.current_revision->value;
        checks.push_back(std::move(line));
    }
    return {
        {"name", failure.name()},
        {"retry", failure.advice()},
        {"metadata", metadata},
        {"failed_checks", checks},
        {"text", failure.what()}
    };
}

Json shown(const std::vector<Event>& events) {
    Json list = Json::array();
    for (const Event& event : events) {
        list.push_back(
            {{"stream", event.stream},
             {"revision", event.revision.value},
             {"position", event.position.value},
             {"type", event.type},
             {"data", Json::parse(event.data)},
             {"tags", event.tags}}
        );
    }
    return list;
}

Json given(const Json& arguments, const std::vector<Event>& events) {
    if (text(arguments, "only") != "numbers") {
        return {{"events", shown(events)}, {"count", events.size()}};
    }
    std::vector<std::int64_t> numbers;
    numbers.reserve(events.size());
    for (const Event& event : events) {
        numbers.push_back(Json::parse(event.data).at("number").get<std::int64_t>());
    }
    if (numbers.empty()) return {{"count", 0}};
    const std::int64_t step = numbers.size() > 1 && numbers[1] < numbers[0] ? -1 : 1;
    for (std::size_t i = 1; i < numbers.size(); ++i) {
        if (numbers[i] - numbers[i - 1] != step) {
            throw std::runtime_error(
                std::to_string(numbers[i]) + " follows " + std::to_string(numbers[i - 1])
            );
        }
    }
    return {{"first", numbers.front()}, {"last", numbers.back()}, {"count", numbers.size()}};
}

std::string mismatch(const std::string& place, const Json& wanted, const Json& got) {
    if (wanted.is_object()) {
        if (!got.is_object()) return place + ": got " + got.dump() + ", want " + wanted.dump();
        for (const auto& [name, value] : wanted.items()) {
            const auto found = got.find(name);
            const std::string inner_place = std::string(place).append(".").append(name);
            std::string inner = mismatch(inner_place, value, found == got.end() ? Json() : *found);
            if (!inner.empty()) return inner;
        }
        return "";
    }
    if (wanted.is_array()) {
        if (!got.is_array() || got.size() != wanted.size()) {
            return place + ": want " + std::to_string(wanted.size()) + " of them, got " +
                   got.dump();
        }
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            std::string inner = mismatch(place + "[" + std::to_string(i) + "]", wanted[i], got[i]);
            if (!inner.empty()) return inner;
        }
        return "";
    }
    return wanted == got ? "" : place + ": got " + got.dump() + ", want " + wanted.dump();
}

}  // namespace annals::scenarios
