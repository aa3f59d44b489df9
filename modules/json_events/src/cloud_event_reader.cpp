// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "cloud_event_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "annals/codec/text.hpp"
#include "annals/json_events/event_json.hpp"
#include "annals/json_events/json_text.hpp"
#include "annals/json_events/tag_list.hpp"
#include "annals/json_events/time_text.hpp"

#include "event_reader.hpp"

namespace annals::json_events {
namespace {

constexpr std::size_t kNameBytesMax = 64;

/// Ids that are no UUID become UUIDv5 of source and id in this name space.
constexpr Uuid kCloudIds{
    {0x3d, 0x0f, 0x4b, 0x8a, 0x61, 0x6e, 0x5e, 0x1c, 0x9a, 0x0e, 0x6e, 0x61, 0x6e, 0x6e, 0x61, 0x6c}
};

/// Collects the attributes of one CloudEvent, whichever way it came, and makes the event of them.
class CloudEventReader {
  public:
    CloudEventReader(
        const Where& where, Arena& arena, std::string_view stream, model::NewEvent& event
    )
        : where_(where), arena_(arena), stream_(stream), event_(event) {}

    /// `is_value`: it is the JSON of a number or a boolean, which only extensions keep.
    Status attribute(std::string_view name, std::string_view value, bool is_value = false) {
        if (name == "specversion") return specversion(value);
        if (name == "id") return set(id_, value);
        if (name == "source") return set(source_, value);
        if (name == "type") return set(event_.type, value);
        if (name == "subject") return set(subject_, value);
        if (name == "time") return time(value);
        if (name == "datacontenttype") return set(event_.content_type, value);
        if (name == "actor") return set(event_.actor, value);
        if (name == "correlationid") return set(event_.correlation_id, value);
        if (name == "causationid") return set(event_.causation_id, value);
        if (name == "traceparent") return set(event_.traceparent, value);
        if (name == "tracestate") return set(event_.tracestate, value);
        if (name == "tags") return tags(value);
        if (name == "schemaid") return schema_id(value);
        if (name == "metadata") return set(event_.metadata, value);
        if (name == "metadatabase64") return metadata(value);
        // What the server gives: a CloudEvent that was read can be appended elsewhere as it is.
        if (name == "sequence" || name == "recordedtime" || name == "partitionkey" ||
            name == "revision") {
            return ok();
        }
        return extension(name, value, is_value);
    }

    Status end() {
        if (!has_specversion_) return left_out(where_.at("specversion"), "\"1.0\"");
        if (id_.empty()) return left_out(where_.at("id"), "a text");
        if (source_.empty()) return left_out(where_.at("source"), "a URI");
        if (event_.type.empty()) return left_out(where_.at("type"), "a text");
        event_.content_type = normal_content_type(event_.content_type);
        place();
        identify();
        return ok();
    }

  private:
    static Status set(std::string_view& into, std::string_view value) {
        into = value;
        return ok();
    }

    Status specversion(std::string_view value) {
        if (value != "1.0") return not_acceptable(where_.at("specversion"), value, "\"1.0\"");
        has_specversion_ = true;
        return ok();
    }
    Status time(std::string_view value) {
        const Where where = where_.at("time");
        const auto time = parse_time(value, "time");
        if (!time) return parse_time(value, where.text()).error();
        event_.valid_time = *time;
        return ok();
    }
    Status schema_id(std::string_view value) {
        std::uint32_t number = 0;
        const auto [end, error] = std::from_chars(
            value.data(), value.data() + value.size(), number
        );
        if (error != std::errc() || end != value.data() + value.size())
            return not_acceptable(where_.at("schemaid"), value, "a number up to 4294967295");
        event_.schema_id = number;
        return ok();
    }
    Status metadata(std::string_view value) {
        std::optional<std::string> bytes = codec::parse_base64(value);
        if (!bytes) return not_acceptable(where_.at("metadatabase64"), value, "base64");
        event_.metadata = keep_in(arena_, std::move(*bytes));
        return ok();
    }
    Status tags(std::string_view value) {
        for_each_tag(value, [&](std::string_view tag) {
            const bool is_encoded = tag.find('%') != std::string_view::npos;
            event_.tags.push_back(is_encoded ? keep_in(arena_, decoded_tag(tag)) : tag);
        });
        return ok();
    }
    Status extension(std::string_view name, std::string_view value, bool is_value) {
        const bool is_name = !name.empty() && name.size() <= kNameBytesMax &&
                             std::all_of(name.begin(), name.end(), [](char c) {
                                 return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
                             });
        if (!is_name) {
            return not_acceptable(
                where_.at(name),
                name,
                "a CloudEvents attribute: at most 64 lower-case letters and digits"
            );
        }
        add_field(name, value, is_value ? kCloudValuePrefix : kCloudFieldPrefix);
        return ok();
    }

    void add_field(
        std::string_view name, std::string_view value, std::string_view prefix = kCloudFieldPrefix
    ) {
        std::string full(prefix);
        full += name;
        event_.dialect.push_back({keep_in(arena_, std::move(full)), value});
    }

    /// Which stream it goes to, and what of source and subject says more than that.
    void place() {
        event_.stream = stream_.empty() ? subject_ : stream_;
        if (!subject_.empty() && subject_ != event_.stream) add_field("subject", subject_);
        // One that annals wrote ends in the stream's name: it says nothing new.
        std::string ending = "/";
        append_percent_encoded(ending, event_.stream);
        const bool is_own = source_.starts_with("/annals/") && source_.ends_with(ending);
        if (!is_own) add_field("source", source_);
    }

    void identify() {
        if (const std::optional<Uuid> id = Uuid::parse(id_); id && !id->is_nil()) {
            event_.id = *id;
            return;
        }
        std::string name(source_);
        name.push_back('\0');
        name += id_;
        event_.id = make_uuid_v5(kCloudIds, name);
        add_field("id", id_);
    }

    const Where& where_;
    Arena& arena_;
    const std::string_view stream_;
    model::NewEvent& event_;
    std::string_view id_;
    std::string_view source_;
    std::string_view subject_;
    bool has_specversion_ = false;
};

bool is_number_or_boolean(ondemand::value& value) {
    ondemand::json_type type{};
    const bool is_known = value.type().get(type) == simdjson::SUCCESS;
    return is_known &&
           (type == ondemand::json_type::number || type == ondemand::json_type::boolean);
}

/// An attribute's value as text: numbers and booleans as they stand there.
Result<std::string_view> attribute_text(ondemand::value& value, const Where& where) {
    if (is_number_or_boolean(value)) return raw_of(value);
    return read_text(value, where);
}

}  // namespace

Status read_cloud_event(
    ondemand::value& value,
    const Where& where,
    Arena& arena,
    std::string_view stream,
    model::NewEvent& event
) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    CloudEventReader reader(where, arena, stream, event);
    Data data;
    std::string_view packed_data;  // as it was sent
    const auto visit = [&](std::string_view name, ondemand::value& member) -> Status {
        ondemand::json_type type{};
        (void)member.type().get(type);
        if (name == "data") {
            data.is_there = true;
            data.is_text = type == ondemand::json_type::string;
            data.raw = raw_of(member);
            if (data.is_text) {
                ANNALS_TRY(data.text, read_text(member, where.at(name)));
            }
            return ok();
        }
        const Where here = where.at(name);
        if (name == "data_base64") {
            packed_data = plain_raw_of(member);
            ANNALS_TRY(event.data, read_base64(member, here, arena));
            return ok();
        }
        if (type == ondemand::json_type::null) return ok();  // as if it were left out
        const bool is_value = is_number_or_boolean(member);
        ANNALS_TRY(const std::string_view text, attribute_text(member, here));
        return reader.attribute(name, text, is_value);
    };
    ANNALS_CHECK(for_each_member(object, where, visit));
    if (data.is_there && !packed_data.empty())
        return not_acceptable(where.at("data_base64"), packed_data, "left out beside data");
    if (data.is_there) {
        const bool is_other_text = data.is_text && !is_json_type(event.content_type);
        event.data = is_other_text ? data.text : data.raw;
    }
    return reader.end();
}

Status read_binary_cloud_event(
    const std::vector<CloudAttribute>& attributes,
    std::string_view content_type,
    std::string_view data,
    Arena& arena,
    std::string_view stream,
    model::NewEvent& event
) {
    static constexpr Where kHeaders{nullptr, "ce", Where::kNoIndex, '-'};
    CloudEventReader reader(kHeaders, arena, stream, event);
    for (const CloudAttribute& attribute : attributes) {
        if (attribute.name == "datacontenttype") {
            return not_acceptable(
                kHeaders.at("datacontenttype"), attribute.value, "left out: it is Content-Type"
            );
        }
        ANNALS_CHECK(reader.attribute(attribute.name, keep_in(arena, attribute.value)));
    }
    event.content_type = content_type;
    event.data = data;
    ANNALS_CHECK(reader.end());
    if (is_json_type(event.content_type) && !data.empty() && !is_json(data)) {
        return not_acceptable({}, data, "JSON, as its content type says");
    }
    return ok();
}

}  // namespace annals::json_events
