// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_reader.hpp"

#include <limits>

#include "annals/json_events/json_text.hpp"
#include "annals/json_events/time_text.hpp"

#include "append_note_reader.hpp"

namespace annals::json_events {
namespace {

constexpr std::string_view kMembers =
    "stream, id, type, data, data_base64, metadata, metadata_base64, content_type, valid_time, "
    "schema_id, actor, correlation_id, causation_id, traceparent, tracestate, tags, dialect";

class EventReader {
  public:
    EventReader(
        const Where& where,
        Arena& arena,
        EventKind kind,
        model::RecordedEvent& event,
        ArchivedEvent* archived = nullptr
    )
        : where_(where), arena_(arena), kind_(kind), event_(event), archived_(archived) {}

    Status member(std::string_view name, ondemand::value& value) {
        if (name == "type") return text(name, value, event_.type);
        if (name == "data") return data(value);
        if (name == "stream") return text(name, value, event_.stream);
        if (name == "id") return id(value);
        if (name == "data_base64") {
            packed_data_ = plain_raw_of(value);
            return bytes(name, value, event_.data);
        }
        if (name == "metadata") {
            has_metadata_ = true;
            event_.metadata = raw_of(value);
            return ok();
        }
        if (name == "metadata_base64") {
            packed_metadata_ = plain_raw_of(value);
            return bytes(name, value, event_.metadata);
        }
        if (name == "content_type") return text(name, value, event_.content_type);
        if (name == "valid_time") return valid_time(value);
        if (name == "schema_id") return schema_id(value);
        if (name == "actor") return text(name, value, event_.actor);
        if (name == "correlation_id") return text(name, value, event_.correlation_id);
        if (name == "causation_id") return text(name, value, event_.causation_id);
        if (name == "traceparent") return text(name, value, event_.traceparent);
        if (name == "tracestate") return text(name, value, event_.tracestate);
        if (name == "tags") return tags(value);
        if (name == "dialect") return dialect(value);
        if (name == "position" || name == "revision" || name == "recorded_time")
            return stamp(name, value);
        if (name == "append" && archived_ != nullptr)
            return read_append_note(value, where_.at(name), archived_->append.emplace());
        if (name == "removed" && archived_ != nullptr)
            return read_removal_note(value, where_.at(name), archived_->removal.emplace());
        return unknown_member(where_, name, value, kMembers);
    }

    /// After the last member.
    Status end() {
        if (data_.is_there && !packed_data_.empty())
            return in_both("data_base64", packed_data_, "data");
        if (has_metadata_ && !packed_metadata_.empty())
            return in_both("metadata_base64", packed_metadata_, "metadata");
        if (data_.is_there) {
            const bool is_other_text = data_.is_text && !is_json_type(event_.content_type);
            event_.data = is_other_text ? data_.text : data_.raw;
        }
        event_.content_type = normal_content_type(event_.content_type);
        return archived_ == nullptr ? ok() : end_stamp();
    }

  private:
    Status end_stamp() {
        archived_->has_stamp = stamped_ == kWholeStamp;
        if (stamped_ == 0 || stamped_ == kWholeStamp) return ok();
        return not_acceptable(
            where_.at("position"), "position, revision and recorded_time, or none of them"
        );
    }

    [[nodiscard]] Status in_both(
        std::string_view packed, std::string_view value, std::string_view plain
    ) const {
        std::string rule("left out beside ");
        return not_acceptable(where_.at(packed), value, rule.append(plain));
    }

    Status text(std::string_view name, ondemand::value& value, std::string_view& into) {
        const Where where = where_.at(name);
        ANNALS_TRY(into, read_text(value, where));
        return ok();
    }
    Status bytes(std::string_view name, ondemand::value& value, std::string_view& into) {
        const Where where = where_.at(name);
        ANNALS_TRY(into, read_base64(value, where, arena_));
        return ok();
    }
    Status data(ondemand::value& value) {
        ondemand::json_type type{};
        (void)value.type().get(type);
        data_.is_there = true;
        data_.is_text = type == ondemand::json_type::string;
        data_.raw = raw_of(value);
        if (data_.is_text) {
            ANNALS_TRY(data_.text, read_text(value, where_.at("data")));
        }
        return ok();
    }
    Status id(ondemand::value& value) {
        const Where where = where_.at("id");
        ANNALS_TRY(const std::string_view text, read_text(value, where));
        const std::optional<Uuid> id = Uuid::parse(text);
        if (!id) return not_acceptable(where, text, "a UUID (8-4-4-4-12 hex digits)");
        event_.id = *id;
        return ok();
    }
    Status valid_time(ondemand::value& value) {
        const Where where = where_.at("valid_time");
        ANNALS_TRY(const std::string_view text, read_text(value, where));
        const auto time = parse_time(text, "time");
        if (!time) return parse_time(text, where.text()).error();
        event_.valid_time = *time;
        return ok();
    }
    Status schema_id(ondemand::value& value) {
        const Where where = where_.at("schema_id");
        ANNALS_TRY(const std::uint64_t number, read_number(value, where));
        if (number > std::numeric_limits<std::uint32_t>::max())
            return not_acceptable(where, std::to_string(number), "at most 4294967295");
        event_.schema_id = static_cast<std::uint32_t>(number);
        return ok();
    }
    Status tags(ondemand::value& value) {
        const Where where = where_.at("tags");
        ANNALS_TRY(ondemand::array array, read_array(value, where));
        return for_each_element(array, where, [&](std::size_t index, ondemand::value& element) {
            return tag(element, where.at(index));
        });
    }
    Status tag(ondemand::value& value, const Where& where) {
        ANNALS_TRY(const std::string_view text, read_text(value, where));
        event_.tags.push_back(text);
        return ok();
    }
    Status dialect(ondemand::value& value) {
        const Where where = where_.at("dialect");
        ANNALS_TRY(ondemand::object object, read_object(value, where));
        return for_each_member(object, where, [&](std::string_view name, ondemand::value& field) {
            return dialect_field(name, field, where.at(name));
        });
    }
    Status dialect_field(std::string_view name, ondemand::value& value, const Where& where) {
        ondemand::json_type type{};
        (void)value.type().get(type);
        if (type != ondemand::json_type::object) {
            ANNALS_TRY(const std::string_view text, read_text(value, where));
            event_.dialect.push_back({name, text});
            return ok();
        }
        ANNALS_TRY(ondemand::object object, read_object(value, where));
        return for_each_member(object, where, [&](std::string_view key, ondemand::value& inner) {
            return dialect_bytes(name, key, inner, where);
        });
    }
    Status dialect_bytes(
        std::string_view name, std::string_view key, ondemand::value& value, const Where& where
    ) {
        if (key != "base64") return unknown_member(where, key, value, "base64");
        ANNALS_TRY(const std::string_view bytes, read_base64(value, where.at(key), arena_));
        event_.dialect.push_back({name, bytes});
        return ok();
    }
    Status stamp(std::string_view name, ondemand::value& value) {
        if (kind_ == EventKind::kNew) {
            return not_acceptable(where_.at(name), raw_of(value), "left out: the server gives it");
        }
        const Where where = where_.at(name);
        if (name == "recorded_time") {
            ANNALS_TRY(const std::string_view text, read_text(value, where));
            ANNALS_TRY(const model::ValidTime time, parse_time(text, name));
            event_.recorded_time = time.at;
            stamped_ |= 1u;
            return ok();
        }
        ANNALS_TRY(const std::uint64_t number, read_number(value, where));
        if (name == "position") {
            event_.position = Position(number);
            stamped_ |= 2u;
        } else {
            event_.revision = Revision(number);
            stamped_ |= 4u;
        }
        return ok();
    }

    const Where& where_;
    Arena& arena_;
    const EventKind kind_;
    model::RecordedEvent& event_;
    ArchivedEvent* const archived_;
    static constexpr unsigned kWholeStamp = 7;
    unsigned stamped_ = 0;  ///< which parts of the stamp were there
    Data data_;
    std::string_view packed_data_;  ///< data_base64 as it was sent; empty: left out
    bool has_metadata_ = false;
    std::string_view packed_metadata_;
};

Status read_members(
    ondemand::object& object,
    const Where& where,
    Arena& arena,
    EventKind kind,
    model::RecordedEvent& event,
    ArchivedEvent* archived = nullptr
) {
    EventReader reader(where, arena, kind, event, archived);
    const auto visit = [&](std::string_view name, ondemand::value& member) {
        return reader.member(name, member);
    };
    ANNALS_CHECK(for_each_member(object, where, visit));
    return reader.end();
}

}  // namespace

std::string_view normal_content_type(std::string_view content_type) {
    return content_type == model::kDefaultContentType ? std::string_view() : content_type;
}

Status read_event(
    ondemand::value& value,
    const Where& where,
    Arena& arena,
    EventKind kind,
    model::RecordedEvent& event
) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    return read_members(object, where, arena, kind, event);
}

Status read_archived_event(
    ondemand::value& value, const Where& where, Arena& arena, ArchivedEvent& archived
) {
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    return read_members(object, where, arena, EventKind::kArchived, archived.event, &archived);
}

Status read_event_members(
    ondemand::object& object, const Where& where, Arena& arena, model::RecordedEvent& event
) {
    return read_members(object, where, arena, EventKind::kNew, event);
}

}  // namespace annals::json_events
