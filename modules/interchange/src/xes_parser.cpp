// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "xes_parser.hpp"

#include <utility>

#include <expat.h>

#include "annals/base/assert.hpp"
#include "annals/codec/xml_text.hpp"
#include "annals/model/names.hpp"

namespace annals::interchange {
namespace {

constexpr std::size_t kDepthMax = 64;
/// Of an element, in the bytes of its texts: an empty one costs something, too.
constexpr std::size_t kAttributeBytes = 64;

bool is_value_element(std::string_view name) {
    return name == "string" || name == "date" || name == "int" || name == "float" ||
           name == "boolean" || name == "id";
}

/// An element that is open inside of an event or of a trace's head.
struct OpenElement {
    std::string path;  ///< keys of it and of what it is inside of, joined
    bool is_list = false;
};

/// The values of a list, being read.
struct OpenValues {
    std::string path;       ///< of the list
    std::size_t depth = 0;  ///< how many elements are open, it included
    std::vector<std::vector<XesAttribute>> items;
};

/// Names may come with a prefix of their namespace.
std::string_view local_name(std::string_view name) {
    const std::size_t colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

}  // namespace

struct XesParser::Body {
    explicit Body(std::size_t limit) : element_bytes_max(limit), parser(XML_ParserCreate(nullptr)) {
        ANNALS_ASSERT(parser != nullptr, "expat begins");
        XML_SetUserData(parser, this);
        XML_SetElementHandler(parser, &on_start, &on_end);
        XML_SetStartDoctypeDeclHandler(parser, &on_doctype);
    }
    ~Body() { XML_ParserFree(parser); }
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;

    static Body& of(void* data) { return *static_cast<Body*>(data); }
    static void on_doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
        of(data).refuse(
            "a document type declaration is refused: XES has none, and entities may "
            "expand without end"
        );
    }
    static void on_start(void* data, const XML_Char* name, const XML_Char** attributes) {
        of(data).start(local_name(name), attributes);
    }
    static void on_end(void* data, const XML_Char* name) { of(data).end(local_name(name)); }

    void refuse(std::string why) {
        if (refusal.empty()) refusal = std::move(why);
        XML_StopParser(parser, XML_FALSE);
    }

    void start(std::string_view name, const XML_Char** given) {
        if (++depth > kDepthMax) return refuse("elements are nested deeper than 64");
        if (depth == 1) {
            if (name != "log") refuse("a XES log begins with <log>");
            return;
        }
        if (depth == 2 && name == "trace") {
            begin_trace();
        } else if (name == "event" && (depth == 2 || (depth == 3 && is_in_trace))) {
            begin_event();
        } else if (is_in_event) {
            add(name, given, event.raw);
        } else if (is_in_trace) {
            add(name, given, trace_raw);
        }
    }

    void end(std::string_view name) {
        --depth;
        if (is_in_event && name == "event" && open.empty()) {
            end_event();
        } else if (is_in_trace && !is_in_event && name == "trace" && depth == 1) {
            is_in_trace = false;
        } else if (!open.empty()) {
            end_element();
            std::string& raw = is_in_event ? event.raw : trace_raw;
            raw += "</";
            raw += name;
            raw.push_back('>');
        }
    }

    /// Where an attribute goes: to the innermost list, else to the event or the trace.
    std::vector<XesAttribute>& target() {
        if (!lists.empty()) return lists.back().items.back();
        return is_in_event ? event.attributes : trace_attributes;
    }

    void end_element() {
        if (!lists.empty() && lists.back().depth == open.size()) {
            OpenValues list = std::move(lists.back());
            lists.pop_back();
            target().push_back(
                {std::string(XesAttribute::kList), std::move(list.path), {}, std::move(list.items)}
            );
        } else if (!lists.empty() && lists.back().depth + 1 == open.size()) {
            // What has no value that is known is no item.
            if (lists.back().items.back().empty()) lists.back().items.pop_back();
        }
        open.pop_back();
    }

    void begin_trace() {
        is_in_trace = true;
        ++trace_number;
        event_number = 0;
        trace_attributes.clear();
        trace_raw.clear();
        bytes = 0;
        shared.reset();
    }

    void begin_event() {
        if (!shared)
            shared = std::make_shared<const std::vector<XesAttribute>>(
                is_in_trace ? trace_attributes : std::vector<XesAttribute>()
            );
        is_in_event = true;
        bytes = 0;
        event = {};
        event.line = XML_GetCurrentLineNumber(parser);
        event.trace_number = is_in_trace ? trace_number : 0;
        event.event_number = ++event_number;
        event.of_trace = shared;
    }

    void end_event() {
        is_in_event = false;
        event.raw = "<trace>" + (event.trace_number > 0 ? trace_raw : std::string()) + "<event>" +
                    event.raw + "</event></trace>";
        events.push_back(std::move(event));
    }

    void add(std::string_view name, const XML_Char** given, std::string& raw) {
        std::string_view key;
        std::string_view value;
        bool has_key = false;
        raw.push_back('<');
        raw += name;
        for (const XML_Char** at = given; *at != nullptr; at += 2) {
            const std::string_view attribute = at[0];
            codec::append_xml_attribute(raw, attribute, at[1]);
            if (attribute == "key") {
                key = at[1];
                has_key = true;
            }
            if (attribute == "value") value = at[1];
            bytes += attribute.size() + std::string_view(at[1]).size();
        }
        raw.push_back('>');
        const bool is_values = name == "values" && !open.empty() && open.back().is_list;
        std::string path = open.empty() || is_values ? std::string() : open.back().path;
        if (has_key) path += (path.empty() ? "" : "/") + std::string(key);
        bytes += kAttributeBytes + path.size();
        if (bytes > element_bytes_max) {
            return refuse(
                "an event, or the head of a trace, has more than " +
                std::to_string(element_bytes_max) + " bytes"
            );
        }
        if (!lists.empty() && lists.back().depth == open.size()) lists.back().items.emplace_back();
        if (is_values) {
            lists.push_back({open.back().path, open.size() + 1, {}});
            path.clear();
        } else if (is_value_element(name) && has_key) {
            target().push_back({std::string(name), path, std::string(value)});
        }
        open.push_back({std::move(path), name == "list" && has_key});
    }

    Error broken() const {
        const std::uint64_t line = XML_GetCurrentLineNumber(parser);
        const std::string why = refusal.empty() ? XML_ErrorString(XML_GetErrorCode(parser))
                                                : refusal;
        return Error(ErrorCode::kUnreadableInput, "line " + std::to_string(line) + ": " + why)
            .with("line", std::to_string(line));
    }

    const std::size_t element_bytes_max;
    XML_Parser parser;
    std::deque<XesEvent> events;
    std::string refusal;
    std::size_t depth = 0;
    std::vector<OpenElement> open;  ///< in the event or in the trace's head
    std::vector<OpenValues> lists;  ///< of these, innermost last
    std::size_t bytes = 0;          ///< of the event or of the trace's head so far
    std::uint64_t fed = 0;
    bool is_in_trace = false;
    bool is_in_event = false;
    std::uint64_t trace_number = 0;
    std::uint64_t event_number = 0;
    std::vector<XesAttribute> trace_attributes;
    std::string trace_raw;
    std::shared_ptr<const std::vector<XesAttribute>> shared;  ///< of the trace's events so far
    XesEvent event;
};

XesParser::XesParser(std::size_t element_bytes_max)
    : body_(std::make_unique<Body>(element_bytes_max)) {}
XesParser::~XesParser() = default;

std::deque<XesEvent>& XesParser::events() { return body_->events; }

Status XesParser::take(std::string_view piece, bool is_last) {
    Body& body = *body_;
    const XML_Status status = XML_Parse(
        body.parser, piece.data(), static_cast<int>(piece.size()), is_last ? 1 : 0
    );
    if (status != XML_STATUS_OK) return body.broken();
    body.fed += piece.size();
    const XML_Index reached = XML_GetCurrentByteIndex(body.parser);
    const std::uint64_t seen = reached < 0 ? 0 : static_cast<std::uint64_t>(reached);
    if (body.fed > seen && body.fed - seen > body.element_bytes_max) {
        body.refusal = "one token has more than " + std::to_string(body.element_bytes_max) +
                       " bytes";
        return body.broken();
    }
    return ok();
}

}  // namespace annals::interchange
