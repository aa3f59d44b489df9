// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/base/result.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/schemas/schema.hpp"

namespace annals::http_door::testing {

/// Holds what feeds and websockets say against an AsyncAPI description: is there a message of that
/// name, and is what was said valid by its schema? One thread.
class DescribedFrames {
  public:
    /// The text of /asyncapi.json.
    explicit DescribedFrames(std::string_view asyncapi)
        : document_(nlohmann::json::parse(asyncapi)) {}

    /// What is wrong with it; empty: nothing. `message` is "feed.caught-up", "server.events",
    /// "client.subscribe".
    [[nodiscard]] std::string fault(const std::string& message, std::string_view payload) {
        const nlohmann::json& messages = document_["components"]["messages"];
        if (!messages.contains(message)) return message + " is not described";
        const auto schema = schema_of(message);
        if (!schema) return message + ": " + schema.error().to_string();
        const auto document = documents::parse_document(payload, message);
        if (!document) return message + ": " + document.error().to_string();
        const auto verdict = schema->validate(*document);
        if (!verdict) return message + ": " + verdict.error().to_string();
        if (verdict->is_valid()) return "";
        const schemas::Violation& first = verdict->violations.front();
        return message + " at \"" + first.place + "\": " + first.message + " in " +
               std::string(payload);
    }

    /// Of a feed's text: each frame of it, by its `event:` line and its data.
    [[nodiscard]] std::string faults_of_feed(std::string_view text) {
        std::string faults;
        while (!text.empty()) {
            const std::size_t end = std::min(text.find("\n\n"), text.size());
            std::string_view frame = text.substr(0, end);
            text.remove_prefix(std::min(end + 2, text.size()));
            std::string kind = "event";
            std::string data;
            while (!frame.empty()) {
                const std::size_t line_end = std::min(frame.find('\n'), frame.size());
                const std::string_view line = frame.substr(0, line_end);
                frame.remove_prefix(std::min(line_end + 1, frame.size()));
                if (line.starts_with("event: ")) kind = line.substr(7);
                if (line.starts_with("data: ")) data = line.substr(6);
            }
            if (!data.empty()) faults += fault("feed." + kind, data);
        }
        return faults;
    }

    [[nodiscard]] const nlohmann::json& document() const { return document_; }

  private:
    Result<schemas::Schema> schema_of(const std::string& message) {
        const auto known = schemas_.find(message);
        if (known != schemas_.end()) return known->second;
        const nlohmann::json text{
            {"$ref", "#/components/messages/" + message + "/payload"},
            {"components", document_["components"]},
        };
        ANNALS_TRY(const documents::Value value, documents::parse_document(text.dump(), "schema"));
        ANNALS_TRY(schemas::Schema schema, schemas::Schema::compile(value));
        schemas_.emplace(message, schema);
        return schema;
    }

    nlohmann::json document_;
    std::map<std::string, schemas::Schema> schemas_;
};

}  // namespace annals::http_door::testing
