// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <string>

#include "annals/codec/xml_text.hpp"
#include "annals/interchange/xes_format.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/json_events/time_text.hpp"
#include "annals/model/names.hpp"

#include "text_output.hpp"
#include "xes_attributes.hpp"

namespace annals::interchange {
namespace {

/// Every event has what the globals name: tools may rely on it.
constexpr std::string_view kHead = R"(<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <extension name="ID" prefix="identity" uri="http://www.xes-standard.org/identity.xesext"/>
  <extension name="Annals" prefix="annals" uri="urn:annals:xes:1"/>
  <global scope="trace">
    <string key="concept:name" value="stream"/>
  </global>
  <global scope="event">
    <string key="concept:name" value="type"/>
    <date key="time:timestamp" value="1970-01-01T00:00:00.000Z"/>
  </global>
  <classifier name="Activity" keys="concept:name"/>
)";

/// The XES type of one of our own fields.
std::string_view type_of(Field field) {
    switch (field) {
        case Field::kPosition:
        case Field::kRevision:
        case Field::kSchemaId:
            return "int";
        case Field::kRecordedTime:
            return "date";
        default:
            return "string";
    }
}

class XesSink final : public RecordSink {
  public:
    explicit XesSink(std::ostream& output) : output_(output) {}

    Status begin(bool is_resumed) override {
        if (!is_resumed) output_.text() += kHead;
        // An earlier run was stopped between streams: its last trace is still open.
        is_in_trace_ = is_resumed;
        return output_.write();
    }

    Status write(const Record& record) override {
        const model::RecordedEvent& event = record.event;
        for (const std::string_view name : {event.stream, event.type, event.actor}) {
            if (!is_plain_text(name)) {
                return Error(
                    ErrorCode::kInvalidArgument,
                    "'" + model::shown(name) +
                        "' has signs that XML cannot hold: export it as "
                        "ndjson or csv"
                );
            }
        }
        if (!is_in_trace_ || event.stream != stream_) {
            end_trace();
            stream_ = event.stream;
            is_in_trace_ = true;
            output_.text() += "  <trace>\n";
            add("    ", "string", kXesName, stream_);
        }
        output_.text() += "    <event>\n";
        write_event(record);
        output_.text() += "    </event>\n";
        return output_.write();
    }

    Status end() override {
        end_trace();
        output_.text() += "</log>\n";
        return output_.end();
    }

  private:
    void end_trace() {
        if (is_in_trace_) output_.text() += "  </trace>\n";
        is_in_trace_ = false;
    }

    void write_event(const Record& record) {
        const model::RecordedEvent& event = record.event;
        add("      ", "string", kXesName, event.type);
        const bool has_time = event.valid_time.has_value();
        const std::string time = has_time
                                     ? json_events::time_text(
                                           event.valid_time->at, event.valid_time->offset_minutes
                                       )
                                     : json_events::time_text(event.recorded_time);
        add("      ", "date", kXesTime, time);
        if (!has_time) add("      ", "boolean", kXesTimeIsRecorded, "true");
        if (!event.actor.empty()) add("      ", "string", kXesResource, event.actor);
        if (!event.id.is_nil()) add("      ", "id", kXesId, event.id.to_string());
        const bool is_told = write_members(event);
        for (const Field field : kXesOwnFields) {
            if (field == Field::kData && is_told) continue;
            field_.clear();
            append_field(field_, record, field);
            if (field_.empty()) continue;
            const std::string key = std::string(kXesOwnPrefix) + std::string(name_of(field));
            add("      ", type_of(field), key, field_);
        }
    }

    /// True when the attributes say everything that the data say.
    bool write_members(const model::RecordedEvent& event) {
        if (event.data.empty() || !json_events::is_json_type(event.content_type)) return false;
        const std::vector<XesAttribute> attributes = attributes_of_json(event.data);
        for (const XesAttribute& attribute : attributes) add_attribute(attribute);
        return !attributes.empty() && json_of_attributes(attributes) == event.data;
    }

    void add_attribute(const XesAttribute& attribute) {
        if (attribute.is_list()) {
            add_list(attribute);
        } else {
            add("      ", attribute.type, attribute.key, attribute.value);
        }
    }

    void add_list(const XesAttribute& list) {
        std::string& out = output_.text();
        out += "      <list";
        codec::append_xml_attribute(out, "key", list.key);
        out += "><values>\n";
        for (const std::vector<XesAttribute>& item : list.items) add_item(item);
        out += "      </values></list>\n";
    }

    /// The first is the value, the others are inside of it and called without its key.
    void add_item(const std::vector<XesAttribute>& item) {
        const XesAttribute& value = item.front();
        if (item.size() == 1) {
            add_attribute(value);
            return;
        }
        begin_element("      ", value.type, value.key, value.value);
        output_.text() += ">\n";
        for (auto inner = item.begin() + 1; inner != item.end(); ++inner) {
            XesAttribute shorter = *inner;
            shorter.key.erase(0, value.key.size() + 1);
            add_attribute(shorter);
        }
        output_.text() += "      </" + value.type + ">\n";
    }

    void add(
        std::string_view indent, std::string_view type, std::string_view key, std::string_view value
    ) {
        begin_element(indent, type, key, value);
        output_.text() += "/>\n";
    }

    void begin_element(
        std::string_view indent, std::string_view type, std::string_view key, std::string_view value
    ) {
        std::string& out = output_.text();
        out += indent;
        out.push_back('<');
        out += type;
        codec::append_xml_attribute(out, "key", key);
        codec::append_xml_attribute(out, "value", value);
    }

    TextOutput output_;
    std::string stream_;
    std::string field_;
    bool is_in_trace_ = false;
};

}  // namespace

std::unique_ptr<RecordSink> make_xes_sink(std::ostream& output) {
    return std::make_unique<XesSink>(output);
}

}  // namespace annals::interchange
