// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "payload.hpp"

#include <cstddef>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/patch.hpp"

namespace annals::dialect_eskit {
namespace {

using documents::Member;
using documents::Object;
using documents::Value;

Error invalid_document() { return {ErrorCode::kInvalidArgument, "Invalid JSON Document"}; }

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

void skip_blanks(std::string_view text, std::size_t& at) {
    while (at < text.size() && is_blank(text[at])) ++at;
}

/// Behind the string that begins at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\') ++at;
    }
    return at + 1;
}

/// Behind the value that begins at `at`. The text is valid JSON.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    if (text[at] == '"') return end_of_string(text, at);
    if (text[at] != '{' && text[at] != '[') return text.find_first_of(",]} \t\n\r", at);
    std::size_t depth = 0;
    while (true) {
        const char c = text[at];
        if (c == '"') {
            at = end_of_string(text, at);
            continue;
        }
        ++at;
        if (c == '{' || c == '[') ++depth;
        if ((c == '}' || c == ']') && --depth == 0) return at;
    }
}

/// Members by name; of several with one name the last, as in Go.
using RawMembers = std::map<std::string, std::string_view>;

std::string name_of(std::string_view quoted_name) {
    return nlohmann::json::parse(quoted_name).get<std::string>();
}

bool is_object(std::string_view text) {
    std::size_t at = 0;
    skip_blanks(text, at);
    return at < text.size() && text[at] == '{';
}

RawMembers members_of(std::string_view text) {
    RawMembers members;
    std::size_t at = 0;
    skip_blanks(text, at);
    ++at;
    while (true) {
        skip_blanks(text, at);
        if (text[at] == '}') return members;
        if (text[at] == ',') {
            ++at;
            continue;
        }
        const std::size_t name_end = end_of_string(text, at);
        std::string name = name_of(text.substr(at, name_end - at));
        at = name_end;
        skip_blanks(text, at);
        ++at;  // the colon
        skip_blanks(text, at);
        const std::size_t end = end_of_value(text, at);
        members[std::move(name)] = text.substr(at, end - at);
        at = end;
    }
}

/// As Go writes JSON that it has: without blanks, safe inside HTML.
void write_compact(std::string& out, std::string_view text) {
    bool is_in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (!is_in_string && is_blank(c)) continue;
        if (c == '"') is_in_string = !is_in_string;
        if (c == '<') {
            out.append("\\u003c");
        } else if (c == '>') {
            out.append("\\u003e");
        } else if (c == '&') {
            out.append("\\u0026");
        } else if (text.substr(at, 3) == "\xE2\x80\xA8" || text.substr(at, 3) == "\xE2\x80\xA9") {
            out.append(text[at + 2] == '\xA8' ? "\\u2028" : "\\u2029");
            at += 2;
        } else {
            out.push_back(c);
            if (c == '\\' && at + 1 < text.size()) out.push_back(text[++at]);
        }
    }
}

void write_merged(std::string& out, std::string_view document, std::string_view patch);

/// A value that a patch brings: objects without their null members.
void write_new(std::string& out, std::string_view value) {
    if (is_object(value)) {
        write_merged(out, "{}", value);
    } else {
        write_compact(out, value);
    }
}

/// Depth is that of the patch, which was checked.
void write_merged(std::string& out, std::string_view document, std::string_view patch) {
    struct Merged {
        std::string_view before;
        std::string_view change;
    };
    std::map<std::string, Merged> all;
    for (const auto& [name, value] : members_of(document)) all[name].before = value;
    for (const auto& [name, value] : members_of(patch)) {
        if (value == "null") {
            all.erase(name);
        } else {
            all[name].change = value;
        }
    }
    out.push_back('{');
    bool is_first = true;
    for (const auto& [name, merged] : all) {
        if (!is_first) out.push_back(',');
        is_first = false;
        write_compact(out, documents::to_text(Value(name)));
        out.push_back(':');
        if (merged.change.empty()) {
            write_compact(out, merged.before);
        } else if (is_object(merged.change) && is_object(merged.before)) {
            write_merged(out, merged.before, merged.change);
        } else {
            write_new(out, merged.change);
        }
    }
    out.push_back('}');
}

/// `after` without the null members that `before` does not have.
Value without_new_nulls(const Value* before, const Value& after) {
    if (!after.is_object()) return after;
    Object members;
    for (const Member& member : after.object()) {
        const Value* old = before == nullptr ? nullptr : before->find(member.name);
        const bool is_new_null = member.value.is_null() && (old == nullptr || !old->is_null());
        if (!is_new_null) members.push_back({member.name, without_new_nulls(old, member.value)});
    }
    return Value(std::move(members));
}

}  // namespace

Result<std::string> patch_between(std::string_view before, std::string_view after) {
    const auto old_document = documents::parse_object(before);
    const auto new_document = documents::parse_object(after);
    if (!old_document || !new_document) return invalid_document();
    const documents::Patch patch = documents::diff(
        *old_document, without_new_nulls(&*old_document, *new_document)
    );
    std::string text;
    write_compact(text, documents::to_text(patch.body));
    return text;
}

std::string hash_of_document(std::string_view document) {
    const auto parsed = documents::parse_object(document);
    return parsed ? documents::hash_of(*parsed) : std::string();
}

Result<std::string> patched(std::string_view document, std::string_view patch) {
    // Bounded in depth; a document's own is not entered deeper than the patch goes.
    if (!documents::parse_object(patch) || !is_object(document) ||
        !nlohmann::json::accept(document)) {
        return invalid_document();
    }
    std::string text;
    write_merged(text, document, patch);
    return text;
}

}  // namespace annals::dialect_eskit
